"""Figures of a ranking and of its decisions, with intervals from resampled groups."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    matthews_corrcoef,
    roc_auc_score,
)

from training.scoring import ranking

Labels = Bool[np.ndarray, "pairs"]
Scores = Float[np.ndarray, "pairs"]
Resampled = Float[np.ndarray, "resamples"]

RESAMPLES = 1000
LEVEL = 0.95
BINS = 10


@dataclass(frozen=True)
class Resampling:
    """Bootstrap over groups (the regulators, say): pairs of one group are drawn together.

    `weights` [resamples, groups] counts how often each group was drawn; the same draws serve every
    model, so that differences are paired.
    """

    group: Int64[np.ndarray, "pairs"]
    weights: Float[np.ndarray, "resamples groups"]

    @classmethod
    def of(cls, groups: np.ndarray, seed: int = 0, resamples: int = RESAMPLES) -> "Resampling":
        """Draw `resamples` times as many groups as there are, with replacement."""
        unique, group = np.unique(groups, return_inverse=True)
        rng = np.random.default_rng(seed)
        share = np.full(len(unique), 1 / len(unique))
        return cls(group, rng.multinomial(len(unique), share, size=resamples).astype(np.float64))

    def pairs(self, rows: slice) -> Float[np.ndarray, "rows pairs"]:
        """How often each pair stands in these resamples."""
        return self.weights[rows][:, self.group]


Pooled = Callable[[Labels, Scores, Resampling], tuple[float, Resampled]]


def auroc(label: Labels, score: Scores, draws: Resampling) -> tuple[float, Resampled]:
    """Area under the ROC curve over all pairs, and of every resample."""
    values = ranking.in_chunks(ranking.auroc, label, score, draws.pairs, len(draws.weights))
    return float(roc_auc_score(label, score)), values


def auprc(label: Labels, score: Scores, draws: Resampling) -> tuple[float, Resampled]:
    """Average precision over all pairs, and of every resample."""
    values = ranking.in_chunks(
        ranking.average_precision, label, score, draws.pairs, len(draws.weights)
    )
    return float(average_precision_score(label, score)), values


def auroc_per_group(label: Labels, score: Scores, draws: Resampling) -> tuple[float, Resampled]:
    """Mean AUROC of the groups (regulators) that have both labels; each counts once."""
    return _macro(ranking.auroc, label, score, draws)


def auprc_per_group(label: Labels, score: Scores, draws: Resampling) -> tuple[float, Resampled]:
    """Mean average precision of the groups (regulators) that have both labels."""
    return _macro(ranking.average_precision, label, score, draws)


def _macro(
    figure: ranking.Figure, label: Labels, score: Scores, draws: Resampling
) -> tuple[float, Resampled]:
    values = np.full(draws.weights.shape[1], np.nan)
    order = np.argsort(draws.group, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(draws.group[order])) + 1):
        if 0 < label[rows].sum() < len(rows):
            once = np.ones((1, len(rows)))
            values[draws.group[rows[0]]] = figure(label[rows], score[rows], once)[0]
    there = ~np.isnan(values)
    if not there.any():
        return float("nan"), np.full(len(draws.weights), np.nan)
    weights = draws.weights[:, there]
    total = weights.sum(1)
    means = np.divide(
        weights @ values[there], total, out=np.full(len(total), np.nan), where=total > 0
    )
    return float(values[there].mean()), means


PAIR_FIGURES: dict[str, Pooled] = {
    "auroc": auroc,
    "auprc": auprc,
    "auroc_per_tf": auroc_per_group,
    "auprc_per_tf": auprc_per_group,
}


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


def interval(values: Resampled) -> tuple[float, float]:
    """The central 95 % of resampled figures."""
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.nanpercentile(values, [tail, 100 - tail])
    return float(low), float(high)


def record(value: float, values: Resampled) -> dict[str, float]:
    """A figure with its interval, as reports hold it."""
    low, high = interval(values)
    return {"value": value, "low": low, "high": high}


def reciprocal_ranks(rank: Float[np.ndarray, "pairs"]) -> dict[str, Float[np.ndarray, "pairs"]]:
    """Per held-out pair: 1 / rank, and whether it came in the first 1, 10, 50."""
    hits = {f"hits@{k}": (rank <= k).astype(np.float64) for k in (1, 10, 50)}
    return {"mrr": 1 / rank} | hits
