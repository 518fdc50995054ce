"""AUROC and average precision of many weightings of one ranking at once.

scikit-learn gives the figure of one weighting; a bootstrap asks for a thousand, of up to 90,000
pairs. The pairs are sorted once here, and every resample is one row of weights in that order. Ties
count half (AUROC) or are taken together (precision), as in scikit-learn, which the tests compare
with.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float

Labels = Bool[np.ndarray, "pairs"]
Scores = Float[np.ndarray, "pairs"]
Weights = Float[np.ndarray, "resamples pairs"]
Figures = Float[np.ndarray, "resamples"]
Figure = Callable[[Labels, Scores, Weights], Figures]


def auroc(label: Labels, score: Scores, weights: Weights) -> Figures:
    """How often a positive scores above a negative, ties half; NaN without both."""
    positive, negative = _by_level(label, score, weights)
    below = np.cumsum(negative, 1) - negative
    total = positive.sum(1) * negative.sum(1)
    return quotient((positive * (below + 0.5 * negative)).sum(1), total)


def average_precision(label: Labels, score: Scores, weights: Weights) -> Figures:
    """Precision at each level of the score, averaged over the positives found there."""
    positive, negative = (side[:, ::-1] for side in _by_level(label, score, weights))
    found, wrong = np.cumsum(positive, 1), np.cumsum(negative, 1)
    total = positive.sum(1)
    return quotient((positive * quotient(found, found + wrong, 0.0)).sum(1), total)


def _by_level(
    label: Labels, score: Scores, weights: Weights
) -> tuple[Float[np.ndarray, "resamples levels"], Float[np.ndarray, "resamples levels"]]:
    """Weight of positives and of negatives at each distinct score, lowest first."""
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    drawn = weights[:, order]
    positive = np.add.reduceat(drawn * label[order], starts, axis=1)
    return positive, np.add.reduceat(drawn, starts, axis=1) - positive


def quotient(top: np.ndarray, bottom: np.ndarray, empty: float = np.nan) -> np.ndarray:
    """The quotient of both, and `empty` where the bottom is 0."""
    return np.divide(top, bottom, out=np.full_like(top, empty), where=bottom > 0)
