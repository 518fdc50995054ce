"""Figures of decisions at 0.5, and of the probabilities that they are made by."""

import numpy as np
from jaxtyping import Bool, Float
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, matthews_corrcoef

Labels = Bool[np.ndarray, "pairs"]
Scores = Float[np.ndarray, "pairs"]

BINS = 10


def decisions(label: Labels, probability: Scores, ratio: float = 1.0) -> dict[str, float]:
    """Figures of decisions at 0.5, and of the probabilities, under `ratio` negatives a positive.

    The probabilities are those of balanced pairs; logit - ln(ratio) corrects them for the prior,
    and the `_uncorrected` figures say what happens without. `ece` is the expected calibration
    error over ten bins of equal width.
    """
    corrected = at_ratio(probability, ratio)
    figures = _decided(label, corrected)
    figures["brier"] = float(brier_score_loss(label, corrected))
    figures["ece"] = expected_calibration_error(label, corrected)
    if ratio != 1:
        raw = _decided(label, probability)
        figures |= {f"{name}_uncorrected": value for name, value in raw.items()}
    return figures


def _decided(label: Labels, probability: Scores) -> dict[str, float]:
    decided = probability > 0.5
    return {
        "accuracy": float(accuracy_score(label, decided)),
        "f1": float(f1_score(label, decided)),
        "mcc": float(matthews_corrcoef(label, decided)),
    }


def at_ratio(probability: Scores, ratio: float) -> Scores:
    """Probabilities of balanced pairs, corrected for `ratio` negatives a positive."""
    p = np.asarray(probability, np.float64)
    return p / (p + ratio * (1 - p))


def expected_calibration_error(label: Labels, probability: Scores) -> float:
    """Distance of mean probability and share of positives, averaged over ten bins by pairs."""
    bins = np.minimum((np.asarray(probability) * BINS).astype(int), BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    gap = np.bincount(bins, probability, BINS) - np.bincount(bins, label.astype(float), BINS)
    return float(np.abs(gap).sum() / count.sum())


def reliability(label: Labels, probability: Scores, ratio: float) -> list[list[float | int]]:
    """Mean probability, share of positives and pairs in each bin of equal width that has any."""
    corrected = at_ratio(probability, ratio)
    bins = np.minimum((corrected * BINS).astype(int), BINS - 1)
    rows = [bins == number for number in range(BINS)]
    return [
        [float(corrected[row].mean()), float(label[row].mean()), int(row.sum())]
        for row in rows
        if row.any()
    ]
