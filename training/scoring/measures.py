"""Measures of predictions against labels, of all rows and of every resample.

A measure takes the labels, the predictions of every model, and the draws; all models are measured
on the same draws.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score

from training.scoring import classes, ranking
from training.scoring.bootstrap import Bootstrap, Resampled
from training.scoring.ranking import quotient

Values = Float[np.ndarray, "rows ..."]
"""A number a row, or several."""
Observed = tuple[float, Resampled]
"""A figure of all rows, and of every resample."""


@dataclass(frozen=True)
class Measure:
    """A figure by its name: `of` gives it for every model."""

    name: str
    of: Callable[[np.ndarray, Sequence[Values], Bootstrap], list[Observed]]


def _pooled(
    exact: Callable[..., float],
    figure: Callable[..., Resampled],
    label: np.ndarray,
    predictions: Sequence[Values],
    draws: Bootstrap,
) -> list[Observed]:
    """The figure over all rows together."""
    return [
        (float(exact(label, one)), np.concatenate([figure(label, one, w) for w in draws.chunks()]))
        for one in predictions
    ]


def _by_unit(
    figure: ranking.Figure, label: np.ndarray, predictions: Sequence[Values], draws: Bootstrap
) -> list[Observed]:
    """The mean over the units (regulators) that have both labels; each counts once."""
    return [_mean_of_units(figure, label, one, draws) for one in predictions]


def _mean_of_units(
    figure: ranking.Figure, label: np.ndarray, score: Values, draws: Bootstrap
) -> Observed:
    values = np.full(draws.counts.shape[1], np.nan)
    order = np.argsort(draws.group, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(draws.group[order])) + 1):
        if 0 < label[rows].sum() < len(rows):
            once = np.ones((1, len(rows)))
            values[draws.group[rows[0]]] = figure(label[rows], score[rows], once)[0]
    there = ~np.isnan(values)
    if not there.any():
        return float("nan"), np.full(len(draws.counts), np.nan)
    counts = draws.counts[:, there]
    return float(values[there].mean()), quotient(counts @ values[there], counts.sum(1))


def _of_rank(
    value: Callable[[Values], Values],
    _: np.ndarray,
    predictions: Sequence[Values],
    draws: Bootstrap,
) -> list[Observed]:
    """The mean of what each rank is worth."""
    units = draws.counts.shape[1]
    drawn = draws.counts @ np.bincount(draws.group, minlength=units)
    worth = [value(rank) for rank in predictions]
    return [
        (float(one.mean()), (draws.counts @ np.bincount(draws.group, one, units)) / drawn)
        for one in worth
    ]


def _reciprocal(rank: Values) -> Values:
    return 1 / rank


def _within(first: int, rank: Values) -> Values:
    return (rank <= first).astype(np.float64)


AUROC = Measure("auroc", partial(_pooled, roc_auc_score, ranking.auroc))
AUPRC = Measure("auprc", partial(_pooled, average_precision_score, ranking.average_precision))
ACCURACY = Measure("accuracy", partial(_pooled, accuracy_score, classes.accuracy))
BALANCED_ACCURACY = Measure(
    "balanced_accuracy",
    partial(_pooled, classes.balanced_accuracy_score, classes.balanced_accuracy),
)
AUROC_PER_TF = Measure("auroc_per_tf", partial(_by_unit, ranking.auroc))
AUPRC_PER_TF = Measure("auprc_per_tf", partial(_by_unit, ranking.average_precision))
MRR = Measure("mrr", partial(_of_rank, _reciprocal))
HITS = tuple(Measure(f"hits@{k}", partial(_of_rank, partial(_within, k))) for k in (1, 10, 50))
