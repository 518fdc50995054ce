"""Correlations and errors with intervals from a bootstrap over genes.

Sets share genes, so they are not independent: genes are drawn again, and a set weighs the product
of its members' counts (the pigeonhole bootstrap: Owen, Annals of Applied Statistics 1, 2007, 386).
A gene of more than half of the sets is the query that they were made with; it stays as it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from scipy.stats import rankdata

from training.scoring import metrics

Members = Int64[np.ndarray, "sets 3"]
Values = Float64[np.ndarray, "sets"]
Resampled = Float64[np.ndarray, "resamples"]
Figures = dict[str, tuple[float, Resampled]]
"""A figure by its measure, and its value in every resample."""

RESAMPLES = 1000
CELLS = 2_000_000
"""Weights that are held in memory at once."""
QUERY = 0.5
LOWEST, FEWEST = 0.05, 5
"""Share of the sets that precision is about, and the fewest sets that it can be measured on."""
DIGITS = 6
"""Significant digits that are kept of a figure."""


@dataclass(frozen=True)
class GeneDraws:
    """How often every gene was drawn; the same draws serve all models, so differences are paired.

    `column` has the place in `counts` of every member of a set; the last column is always 1, for
    queries and for the members that a smaller set does not have.
    """

    column: Members
    counts: Float64[np.ndarray, "resamples columns"]

    @classmethod
    def of(cls, members: Members, seed: int = 0, resamples: int = RESAMPLES) -> "GeneDraws":
        """Draw `resamples` times as many genes as there are that are no query, with replacement."""
        drawn = np.setdiff1d(members[members >= 0], queries(members))
        place = np.searchsorted(drawn, members)
        there = np.isin(members, drawn)
        columns = np.ones((resamples, len(drawn) + 1))
        if len(drawn):
            share = np.full(len(drawn), 1 / len(drawn))
            rng = np.random.default_rng(seed)
            columns[:, :-1] = rng.multinomial(len(drawn), share, size=resamples)
        return cls(np.where(there, place, len(drawn)).astype(np.int64), columns)

    def weights(self, rows: slice) -> Float64[np.ndarray, "rows sets"]:
        """How much each set weighs in these resamples."""
        counts = self.counts[rows]
        first, second, third = self.column.T
        return counts[:, first] * counts[:, second] * counts[:, third]

    def chunks(self) -> Iterator[Float64[np.ndarray, "rows sets"]]:
        """The weights of all resamples, some at a time."""
        step = max(1, CELLS // len(self.column))
        for start in range(0, len(self.counts), step):
            yield self.weights(slice(start, start + step))


def queries(members: Members) -> Int64[np.ndarray, "queries"]:
    """Genes that stand in more than half of the sets."""
    gene, times = np.unique(members[members >= 0], return_counts=True)
    return gene[times > QUERY * len(members)]


def figures(
    label: Values, predictions: Mapping[str, Values], draws: GeneDraws, measures: tuple[str, ...]
) -> dict[str, Figures]:
    """Every model's figures and their resamples; NaN for correlation and precision of a constant.

    `spearman` is the weighted Pearson correlation of the ranks among all sets, ties in the middle.
    """
    bases = {m: BASES[m](label, list(predictions.values())) for m in measures}
    whole = np.ones((1, len(label)))
    found: dict[str, Figures] = {name: {} for name in predictions}
    for measure, base in bases.items():
        value = base.of(whole)[0]
        drawn = np.concatenate([base.of(weights) for weights in draws.chunks()])
        for place, name in enumerate(predictions):
            found[name][measure] = float(value[place]), drawn[:, place]
    return found


@dataclass(frozen=True)
class Correlation:
    """Columns whose weighted means give the correlation of every model with the label at once."""

    columns: Float64[np.ndarray, "sets columns"]

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

    def of(self, weights: Float64[np.ndarray, "rows sets"]) -> Float64[np.ndarray, "rows models"]:
        """The correlations under these weights; NaN where one side does not vary."""
        mean = _means(weights, self.columns)
        y, yy = mean[:, :1], mean[:, 1:2]
        x, xx, xy = np.split(mean[:, 2:], 3, axis=1)
        spread = (xx - x**2) * (yy - y**2)
        top = xy - x * y
        root = np.sqrt(np.maximum(spread, 0))
        return np.divide(top, root, out=np.full_like(top, np.nan), where=spread > TINY)


TINY = 1e-12
"""A product of two variances below this, of what was standardised, is none."""
ROUNDING = 1e-9
"""Values that differ by less than this share of them are the same."""


@dataclass(frozen=True)
class SquaredError:
    """Columns whose weighted means are the mean squared errors."""

    columns: Float64[np.ndarray, "sets columns"]

    @classmethod
    def of_values(cls, label: Values, predictions: list[Values]) -> "SquaredError":
        """Of the values themselves."""
        return cls(np.stack([(each - label) ** 2 for each in predictions], axis=1))

    def of(self, weights: Float64[np.ndarray, "rows sets"]) -> Float64[np.ndarray, "rows models"]:
        """The errors under these weights."""
        return _means(weights, self.columns)


@dataclass(frozen=True)
class Precision:
    """Of the sets predicted lowest, the share that is among those measured lowest (chance: LOWEST).

    Which sets are lowest is decided once, among all; a resample weighs them. Both columns have how
    much of each set is meant, 1 or 0, or a share where sets are tied at the edge.
    """

    low: Float64[np.ndarray, "sets models"]
    hit: Float64[np.ndarray, "sets models"]

    @classmethod
    def of_values(cls, label: Values, predictions: list[Values]) -> "Precision":
        """Of the values themselves."""
        low = np.stack([_lowest(each) for each in predictions], axis=1)
        return cls(low, low * _lowest(label)[:, None])

    def of(self, weights: Float64[np.ndarray, "rows sets"]) -> Float64[np.ndarray, "rows models"]:
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


BASES = {
    "pearson": Correlation.of_values,
    "spearman": Correlation.of_ranks,
    "precision": Precision.of_values,
    "mse": SquaredError.of_values,
}


def _means(
    weights: Float64[np.ndarray, "rows sets"], columns: Float64[np.ndarray, "sets columns"]
) -> Float64[np.ndarray, "rows columns"]:
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


def better(measure: str, one: float, other: float) -> bool:
    """Whether the first of two figures is the better one: of errors the smaller."""
    return one < other if measure == "mse" else one > other


def records(found: Figures) -> dict[str, dict[str, float]]:
    """Figures with intervals, as evaluation.json has them; one that is not defined is left out."""
    kept = {
        name: (value, drawn)
        for name, (value, drawn) in found.items()
        if np.isfinite(value) and np.isfinite(drawn).any()
    }
    return {
        name: {key: _short(each) for key, each in metrics.record(*pair).items()}
        for name, pair in kept.items()
    }


def difference(mine: Figures, theirs: Figures) -> dict[str, dict[str, float]]:
    """Mine less theirs, resample by resample."""
    return records(
        {n: (mine[n][0] - theirs[n][0], mine[n][1] - theirs[n][1]) for n in mine if n in theirs}
    )


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
