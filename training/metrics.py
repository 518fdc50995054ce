"""Figures of a ranking, and their intervals from resampled groups."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

Labels = Bool[np.ndarray, "pairs"]
Scores = Float[np.ndarray, "pairs"]
Weights = Float[np.ndarray, "pairs"]
Figure = Callable[[Labels, Scores, Weights | None], float]

RESAMPLES = 1000
LEVEL = 0.95


def auroc(label: Labels, score: Scores, weight: Weights | None = None) -> float:
    """Area under the ROC curve: how often a listed pair scores above an unlisted one, ties half."""
    return float(roc_auc_score(label, score, sample_weight=weight))


def auprc(label: Labels, score: Scores, weight: Weights | None = None) -> float:
    """Average precision."""
    return float(average_precision_score(label, score, sample_weight=weight))


def brier(label: Labels, score: Scores, weight: Weights | None = None) -> float:
    """Mean squared difference of probability and label."""
    return float(brier_score_loss(label, score, sample_weight=weight))


PAIR_FIGURES: dict[str, Figure] = {"auroc": auroc, "auprc": auprc}


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

    def figures(
        self, figure: Figure, label: Labels, score: Scores
    ) -> Float[np.ndarray, "resamples"]:
        """The figure in every resample; NaN in one that lacks positives or negatives."""
        return np.array([self._one(figure, label, score, weight) for weight in self.weights])

    def _one(self, figure: Figure, label: Labels, score: Scores, groups: np.ndarray) -> float:
        weight = groups[self.group]
        drawn = weight > 0
        if label[drawn].all() or not label[drawn].any():
            return float("nan")
        return figure(label[drawn], score[drawn], weight[drawn])


def interval(values: Float[np.ndarray, "resamples"]) -> tuple[float, float]:
    """The central 95 % of resampled figures."""
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.nanpercentile(values, [tail, 100 - tail])
    return float(low), float(high)


def record(value: float, values: Float[np.ndarray, "resamples"]) -> dict[str, float]:
    """A figure with its interval, as reports hold it."""
    low, high = interval(values)
    return {"value": value, "low": low, "high": high}


def reciprocal_ranks(rank: Float[np.ndarray, "pairs"]) -> dict[str, Float[np.ndarray, "pairs"]]:
    """Per held-out pair: 1 / rank, and whether it came in the first 1, 10, 50."""
    hits = {f"hits@{k}": (rank <= k).astype(np.float64) for k in (1, 10, 50)}
    return {"mrr": 1 / rank} | hits
