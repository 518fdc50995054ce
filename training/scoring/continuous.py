"""Measures of predicted numbers: correlations, squared error, and precision among the lowest.

All models are columns of one matrix, so that a resample is one product with its weights.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from jaxtyping import Float64
from scipy.stats import rankdata

from training.scoring.bootstrap import Bootstrap, Weights
from training.scoring.measures import Measure, Observed, Values
from training.scoring.ranking import quotient

LOWEST, FEWEST = 0.05, 5
"""Share of the rows that precision is about, and the fewest rows that it can be measured on."""
TINY = 1e-12
"""A product of two variances below this, of what was standardised, is none."""
ROUNDING = 1e-9
"""Values that differ by less than this share of them are the same."""

Columns = Float64[np.ndarray, "rows columns"]
Figure = Callable[[Weights], Float64[np.ndarray, "resamples models"]]


def _measured(
    base: Callable[[Values, Sequence[Values]], Figure],
    label: Values,
    predictions: Sequence[Values],
    draws: Bootstrap,
) -> list[Observed]:
    figure = base(label, predictions)
    value = figure(np.ones((1, len(label))))[0]
    drawn = np.concatenate([figure(weights) for weights in draws.chunks()])
    return [(float(value[place]), drawn[:, place]) for place in range(len(predictions))]


def _correlation(label: Values, predictions: Sequence[Values]) -> Figure:
    """Pearson's correlation from weighted means; NaN where one side does not vary."""
    y = _standardised(label)[:, None]
    x = np.stack([_standardised(each) for each in predictions], axis=1)
    columns = np.concatenate([y, y**2, x, x**2, x * y], axis=1)

    def of(weights: Weights) -> Float64[np.ndarray, "resamples models"]:
        mean = _means(weights, columns)
        y, yy = mean[:, :1], mean[:, 1:2]
        x, xx, xy = np.split(mean[:, 2:], 3, axis=1)
        spread = (xx - x**2) * (yy - y**2)
        top = xy - x * y
        root = np.sqrt(np.maximum(spread, 0))
        return np.divide(top, root, out=np.full_like(top, np.nan), where=spread > TINY)

    return of


def _rank_correlation(label: Values, predictions: Sequence[Values]) -> Figure:
    """The weighted Pearson correlation of the ranks among all rows, ties in the middle."""
    return _correlation(_ranks(label), [_ranks(each) for each in predictions])


def _squared_error(label: Values, predictions: Sequence[Values]) -> Figure:
    """The mean squared error."""
    return partial(_means, columns=np.stack([(each - label) ** 2 for each in predictions], axis=1))


def _precision(label: Values, predictions: Sequence[Values]) -> Figure:
    """Of the rows predicted lowest, the share that is among those measured lowest.

    Chance is LOWEST. Which rows are lowest is decided once, among all; a resample weighs them.
    NaN where none of the lowest was drawn.
    """
    low = np.stack([_lowest(each) for each in predictions], axis=1)
    hit = low * _lowest(label)[:, None]
    return lambda weights: quotient(weights @ hit, weights @ low)


def _lowest(values: Values) -> Values:
    """How much of each row is meant: 1 for the lowest, a share where rows are tied at the edge.

    NaN where there are too few of them, or all are the same.
    """
    count = round(LOWEST * len(values))
    if count < FEWEST or not _varies(values):
        return np.full(len(values), np.nan)
    edge = np.partition(values, count - 1)[count - 1]
    below, tied = values < edge, values == edge
    return below + tied * (count - below.sum()) / tied.sum()


def _means(weights: Weights, columns: Columns) -> Float64[np.ndarray, "resamples columns"]:
    return quotient(weights @ columns, weights.sum(axis=1, keepdims=True))


def _standardised(values: Values) -> Values:
    """Mean 0 and variance 1; NaN for a constant, which has no correlation."""
    return (values - values.mean()) / (values.std() if _varies(values) else np.nan)


def _varies(values: Values) -> bool:
    return bool(np.ptp(values) > ROUNDING * np.abs(values).max())


def _ranks(values: Values) -> Values:
    return rankdata(values) if _varies(values) else np.zeros(len(values))


PEARSON = Measure("pearson", partial(_measured, _correlation))
SPEARMAN = Measure("spearman", partial(_measured, _rank_correlation))
PRECISION = Measure("precision", partial(_measured, _precision))
MSE = Measure("mse", partial(_measured, _squared_error))
