"""Measures of predicted values: correlations, precision among the lowest, and squared error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float64
from scipy.stats import rankdata

from training.scoring.bootstrap import Draws, Estimate
from training.scoring.question import Measure

Values = Float64[np.ndarray, "rows"]
Weights = Float64[np.ndarray, "some rows"]
Found = Float64[np.ndarray, "some models"]

LOWEST, FEWEST = 0.05, 5
"""Share of the rows that precision is about, and the fewest rows that it can be measured on."""
TINY = 1e-12
"""A product of two variances below this, of what was standardised, is none."""
ROUNDING = 1e-9
"""Values that differ by less than this share of them are the same."""


class Weighted(Protocol):
    """Figures of all models at once under many weightings of the rows."""

    def of(self, weights: Weights) -> Found:
        """One figure a weighting and a model; NaN where it is not defined."""
        ...


@dataclass(frozen=True)
class Correlation:
    """Columns whose weighted means give the correlation of every model with the label at once."""

    columns: Float64[np.ndarray, "rows columns"]

    @classmethod
    def of_values(cls, label: Values, predictions: list[Values]) -> "Correlation":
        """Of the values themselves."""
        y = _standardised(label)
        x = np.stack([_standardised(each) for each in predictions], axis=1)
        return cls(np.concatenate([y[:, None], y[:, None] ** 2, x, x**2, x * y[:, None]], axis=1))

    @classmethod
    def of_ranks(cls, label: Values, predictions: list[Values]) -> "Correlation":
        """Of their ranks."""
        return cls.of_values(_ranks(label), [_ranks(each) for each in predictions])

    def of(self, weights: Weights) -> Found:
        """The correlations under these weights; NaN where one side does not vary."""
        mean = _means(weights, self.columns)
        y, yy = mean[:, :1], mean[:, 1:2]
        x, xx, xy = np.split(mean[:, 2:], 3, axis=1)
        spread = (xx - x**2) * (yy - y**2)
        top = xy - x * y
        root = np.sqrt(np.maximum(spread, 0))
        return np.divide(top, root, out=np.full_like(top, np.nan), where=spread > TINY)


@dataclass(frozen=True)
class SquaredError:
    """Columns whose weighted means are the mean squared errors."""

    columns: Float64[np.ndarray, "rows columns"]

    @classmethod
    def of_values(cls, label: Values, predictions: list[Values]) -> "SquaredError":
        """Of the values themselves."""
        return cls(np.stack([(each - label) ** 2 for each in predictions], axis=1))

    def of(self, weights: Weights) -> Found:
        """The errors under these weights."""
        return _means(weights, self.columns)


@dataclass(frozen=True)
class Precision:
    """Of the sets predicted lowest, the share that is among those measured lowest (chance: LOWEST).

    Which sets are lowest is decided once, among all; a resample weighs them. Both columns have how
    much of each set is meant, 1 or 0, or a share where sets are tied at the edge.
    """

    low: Float64[np.ndarray, "rows models"]
    hit: Float64[np.ndarray, "rows models"]

    @classmethod
    def of_values(cls, label: Values, predictions: list[Values]) -> "Precision":
        """Of the values themselves."""
        low = np.stack([_lowest(each) for each in predictions], axis=1)
        return cls(low, low * _lowest(label)[:, None])

    def of(self, weights: Weights) -> Found:
        """The precision under these weights; NaN where none of the lowest was drawn."""
        low, hit = weights @ self.low, weights @ self.hit
        return np.divide(hit, low, out=np.full_like(low, np.nan), where=low > 0)


def _lowest(values: Values) -> Values:
    """1 for the lowest sets; NaN where there are too few of them, or all are the same."""
    count = round(LOWEST * len(values))
    if count < FEWEST or not _varies(values):
        return np.full(len(values), np.nan)
    edge = np.partition(values, count - 1)[count - 1]
    below, tied = values < edge, values == edge
    return below + tied * (count - below.sum()) / tied.sum()


def _of_all(name: str, prepare: Callable[[Values, list[Values]], Weighted]) -> Measure:
    """A measure of all models at once."""

    def of(label: Values, predictions: Mapping[str, Values], draws: Draws) -> dict[str, Estimate]:
        weighted = prepare(label, list(predictions.values()))
        value = weighted.of(np.ones((1, len(label))))[0]
        drawn = np.concatenate([weighted.of(weights) for weights in draws.chunks()])
        return {
            model: (float(value[place]), drawn[:, place]) for place, model in enumerate(predictions)
        }

    return Measure(name, of)


PEARSON = _of_all("pearson", Correlation.of_values)
SPEARMAN = _of_all("spearman", Correlation.of_ranks)
"""The weighted Pearson correlation of the ranks among all rows, ties in the middle."""
PRECISION = _of_all("precision", Precision.of_values)
MSE = _of_all("mse", SquaredError.of_values)


def _means(
    weights: Weights, columns: Float64[np.ndarray, "rows columns"]
) -> Float64[np.ndarray, "some columns"]:
    total = weights.sum(axis=1, keepdims=True)
    sums = weights @ columns
    return np.divide(sums, total, out=np.full_like(sums, np.nan), where=total > 0)


def _standardised(values: Values) -> Values:
    """Mean 0 and variance 1; NaN for a constant, which has no correlation."""
    return (values - values.mean()) / (values.std() if _varies(values) else np.nan)


def _varies(values: Values) -> bool:
    return bool(np.ptp(values) > ROUNDING * np.abs(values).max())


def _ranks(values: Values) -> Values:
    return rankdata(values) if _varies(values) else np.zeros(len(values))
