"""Measures of predicted changes of expression: a figure a perturbation, and their mean.

Labels and predictions are stacked: `label[:, TRUTH]` is the measured change [rows, readouts] and
`prediction[:, CHANGE]` the predicted one. The reference of noise has four axes: two halves of the
cells of each perturbation, for several splits; each figure is then that of one half against the
other, averaged over the splits.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from jaxtyping import Bool, Float64
from sklearn.metrics import average_precision_score

from training.scoring.bootstrap import LEVEL, Bootstrap
from training.scoring.measures import Measure, Observed, Values
from training.scoring.ranking import quotient

TRUTH, ERROR, SUM, SUM_ERROR = range(4)
"""Of a label: the measured change, its squared standard error, the sum of the changes of single
genes, and the squared standard error of what lies between both. NaN where there is none."""
CHANGE, DEVIATION = range(2)
"""Of a prediction: the change, and the standard deviation of its error, which may be NaN."""

TOP = 20
"""Genes that count as those that change most."""
BEYOND = 1.96
"""Standard errors that hold 95% of a normal distribution."""
ROUNDING = 1e-9
"""Distances that differ by less than this share of them are the same."""

Label = Float64[np.ndarray, "rows 4 readouts"]
Prediction = Float64[np.ndarray, "rows 2 readouts"]
Changes = Float64[np.ndarray, "rows readouts"]
PerRow = Float64[np.ndarray, "rows"]
Figure = Callable[[Label, Prediction], PerRow]


def l2(label: Label, prediction: Prediction) -> PerRow:
    """The Euclidean distance of the prediction from the truth."""
    return np.linalg.norm(prediction[:, CHANGE] - label[:, TRUTH], axis=1)


def pearson(label: Label, prediction: Prediction) -> PerRow:
    """Pearson's correlation over readouts; NaN where one side does not vary."""
    x, y = (
        each - each.mean(axis=1, keepdims=True) for each in (prediction[:, CHANGE], label[:, TRUTH])
    )
    varies = [np.ptp(each, axis=1) > 0 for each in (prediction[:, CHANGE], label[:, TRUTH])]
    spread = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1)) * varies[0] * varies[1]
    return quotient((x * y).sum(axis=1), spread)


def centroid(label: Label, prediction: Prediction) -> PerRow:
    """Whether the truth that is nearest is the row's own; shared where several are as near."""
    truth, guess = label[:, TRUTH], prediction[:, CHANGE]
    square = (guess**2).sum(axis=1)[:, None] + (truth**2).sum(axis=1) - 2 * guess @ truth.T
    distance = np.sqrt(np.maximum(square, 0))
    edge = distance.min(axis=1, keepdims=True)
    near = distance <= edge + ROUNDING * (1 + edge)
    return np.diagonal(near) / near.sum(axis=1)


def recall(label: Label, prediction: Prediction) -> PerRow:
    """Of the genes that change most, the share that is among those predicted to; ties by chance."""
    return (_most(label[:, TRUTH]) * _most(prediction[:, CHANGE])).sum(axis=1) / TOP


def _most(change: Changes) -> Changes:
    """How likely each gene is among the TOP that change most, ties in any order."""
    size = np.abs(change)
    if size.shape[1] <= TOP:
        return np.full_like(size, np.nan)
    edge = -np.partition(-size, TOP - 1, axis=1)[:, TOP - 1 : TOP]
    above, tied = size > edge, size == edge
    left = TOP - above.sum(axis=1, keepdims=True)
    return above + tied * left / tied.sum(axis=1, keepdims=True)


def coverage(label: Label, prediction: Prediction) -> PerRow:
    """The share of truths within the interval of the prediction; NaN without intervals."""
    spread = np.sqrt(prediction[:, DEVIATION] ** 2 + label[:, ERROR])
    inside = np.abs(label[:, TRUTH] - prediction[:, CHANGE]) <= BEYOND * spread
    return np.where(np.isnan(spread).any(axis=1), np.nan, inside.mean(axis=1))


def interactions(label: Label) -> tuple[Bool[np.ndarray, "rows _"], Bool[np.ndarray, "rows _"]]:
    """Which readouts change more than the sum of both genes, and which less, beyond noise.

    More is synergy, in the direction of the sum; less is buffering, in the direction or none. A
    gene that changes the other way is neither.
    """
    truth, added = label[:, TRUTH], label[:, SUM]
    beyond = np.abs(truth - added) > BEYOND * np.sqrt(label[:, SUM_ERROR])
    same = truth * added >= 0
    more, less = np.abs(truth) > np.abs(added), np.abs(truth) < np.abs(added)
    return beyond & same & more & (added != 0), beyond & same & less


def _found(
    sign: int, label: Label, predictions: Sequence[Values], draws: Bootstrap
) -> list[Observed]:
    """Average precision of the distance from the sum, over the readouts of all rows together.

    There is none where no more readouts are of the class than chance would put beyond the noise.
    """
    wanted = interactions(label)
    beyond = by_chance(label)
    none = float("nan"), np.full(len(draws.counts), np.nan)
    if sum(int(each.sum()) for each in wanted) <= beyond:
        return [none] * len(predictions)
    found = wanted[0 if sign > 0 else 1].ravel()
    towards = sign * np.sign(label[:, SUM])
    scores = [None if v.ndim > 3 else towards * (v[:, CHANGE] - label[:, SUM]) for v in predictions]
    return [
        none
        if score is None or not found.any() or not np.isfinite(score).all()
        else (float(average_precision_score(found, score.ravel())), none[1])
        for score in scores
    ]


def by_chance(label: Label) -> int:
    """How many readouts would lie beyond the noise if nothing interacted.

    Genes that no cell expresses vary in none, and do not count.
    """
    return round((1 - LEVEL) * int((label[:, SUM_ERROR] > 0).sum()))


def _mean(
    figure: Figure, label: Label, predictions: Sequence[Values], draws: Bootstrap
) -> list[Observed]:
    """The mean over the rows that have a figure."""
    return [_of_rows(per_row(figure, label, each), draws) for each in predictions]


def per_row(figure: Figure, label: Label, prediction: Values) -> PerRow:
    """The figure of every row; of noise, averaged over the splits."""
    if prediction.ndim == 3:
        return figure(label, prediction)
    found = []
    for halves in prediction.swapaxes(0, 1):
        truth = label.copy()
        truth[:, TRUTH] = halves[:, 1]
        found.append(figure(truth, np.stack([halves[:, 0], np.full_like(halves[:, 0], np.nan)], 1)))
    return np.mean(found, axis=0)


def _of_rows(values: PerRow, draws: Bootstrap) -> Observed:
    there = np.isfinite(values)
    if not there.any():
        return float("nan"), np.full(len(draws.counts), np.nan)
    units = draws.counts.shape[1]
    total, rows = (np.bincount(draws.group[there], w, units) for w in (values[there], None))
    return float(values[there].mean()), quotient(draws.counts @ total, draws.counts @ rows)


L2 = Measure("l2", partial(_mean, l2))
MEASURES = (
    L2,
    Measure("pearson_change", partial(_mean, pearson)),
    Measure("centroid_accuracy", partial(_mean, centroid)),
    Measure("top20_recall", partial(_mean, recall)),
    Measure("coverage95", partial(_mean, coverage)),
)
OF_PAIRS = (
    *MEASURES,
    Measure("synergy_auprc", partial(_found, 1)),
    Measure("buffering_auprc", partial(_found, -1)),
)
"""Those of sets whose genes were all perturbed alone."""
