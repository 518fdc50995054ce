"""Measures of a ranking, of ranks, and of decisions made by probabilities."""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Bool, Float
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    matthews_corrcoef,
    roc_auc_score,
)

from training.scoring import ranking
from training.scoring.bootstrap import Draws, Estimate
from training.scoring.question import Measure

Labels = Bool[np.ndarray, "rows"]
Scores = Float[np.ndarray, "rows"]

BINS = 10
CUTS = (1, 10, 50)
"""Ranks up to which a held-out row counts as found."""


def auroc(label: Labels, score: Scores, draws: Draws) -> Estimate:
    """Area under the ROC curve over all pairs, and of every resample."""
    values = ranking.in_chunks(ranking.auroc, label, score, draws.weights, len(draws.counts))
    return float(roc_auc_score(label, score)), values


def auprc(label: Labels, score: Scores, draws: Draws) -> Estimate:
    """Average precision over all pairs, and of every resample."""
    values = ranking.in_chunks(
        ranking.average_precision, label, score, draws.weights, len(draws.counts)
    )
    return float(average_precision_score(label, score)), values


def auroc_per_group(label: Labels, score: Scores, draws: Draws) -> Estimate:
    """Mean AUROC of the groups (regulators) that have both labels; each counts once."""
    return _macro(ranking.auroc, label, score, draws)


def auprc_per_group(label: Labels, score: Scores, draws: Draws) -> Estimate:
    """Mean average precision of the groups (regulators) that have both labels."""
    return _macro(ranking.average_precision, label, score, draws)


def _macro(figure: ranking.Figure, label: Labels, score: Scores, draws: Draws) -> Estimate:
    values = np.full(draws.drawn.shape[1], np.nan)
    order = np.argsort(draws.group, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(draws.group[order])) + 1):
        if 0 < label[rows].sum() < len(rows):
            once = np.ones((1, len(rows)))
            values[draws.group[rows[0]]] = figure(label[rows], score[rows], once)[0]
    there = ~np.isnan(values)
    if not there.any():
        return float("nan"), np.full(len(draws.counts), np.nan)
    weights = draws.drawn[:, there]
    total = weights.sum(1)
    means = np.divide(
        weights @ values[there], total, out=np.full(len(total), np.nan), where=total > 0
    )
    return float(values[there].mean()), means


def mean_of_units(values: Scores, draws: Draws) -> Estimate:
    """The mean over rows, and its value in every resample of units."""
    units = draws.drawn.shape[1]
    total = np.bincount(draws.group, values, units)
    count = np.bincount(draws.group, minlength=units)
    return float(values.mean()), (draws.drawn @ total) / (draws.drawn @ count)


def _of_each(name: str, figure: Callable[[Labels, Scores, Draws], Estimate]) -> Measure:
    """A measure of one model at a time."""

    def of(label: Labels, predictions: Mapping[str, Scores], draws: Draws) -> dict[str, Estimate]:
        return {model: figure(label, score, draws) for model, score in predictions.items()}

    return Measure(name, of)


RANKING = (
    _of_each("auroc", auroc),
    _of_each("auprc", auprc),
    _of_each("auroc_per_tf", auroc_per_group),
    _of_each("auprc_per_tf", auprc_per_group),
)
"""Of scores: over all pairs, and the mean over regulators."""

RANKS = (
    _of_each("mrr", lambda label, rank, draws: mean_of_units(1 / rank, draws)),
    *(
        _of_each(
            f"hits@{cut}",
            lambda label, rank, draws, cut=cut: mean_of_units((rank <= cut).astype(float), draws),
        )
        for cut in CUTS
    ),
)
"""Of the rank of every held-out row: the mean of 1 / rank, and the share up to a rank."""


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
