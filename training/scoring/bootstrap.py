"""Intervals from a bootstrap over the units that rows are made of: regulators, genes, donors.

Rows share units, so they are not independent: units are drawn again, with replacement, and a row
weighs the product of its units' counts (for several units a row, the pigeonhole bootstrap: Owen,
Annals of Applied Statistics 1, 2007, 386). The same draws serve every model, so that differences
between models are paired.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64, Shaped

Resampled = Float[np.ndarray, "resamples"]
Estimate = tuple[float, Resampled]
"""A figure, and its value in every resample."""

RESAMPLES = 1000
LEVEL = 0.95
CELLS = 2_000_000
"""Weights that are held in memory at once."""


@dataclass(frozen=True)
class Draws:
    """How often every unit was drawn.

    `column` has the place in `counts` of every unit of a row; the last column is always 1, for
    units that are fixed and for rows with fewer units than others.
    """

    column: Int64[np.ndarray, "rows units"]
    counts: Float[np.ndarray, "resamples columns"]

    @classmethod
    def of(
        cls,
        units: Shaped[np.ndarray, "rows ..."],
        fixed: Int64[np.ndarray, "fixed"] | None = None,
        strata: Shaped[np.ndarray, "rows"] | None = None,
        resamples: int = RESAMPLES,
        seed: int = 0,
    ) -> "Draws":
        """Draw `resamples` times as many units as there are, with replacement.

        Args:
            units: one or more units a row, by name or by number; -1 stands for none.
            fixed: units that stay as they are.
            strata: of rows with one unit each, the group within which its unit is drawn.
        """
        rows = units.reshape(len(units), -1)
        names, place = np.unique(rows, return_inverse=True)
        place = place.reshape(rows.shape)
        left_out = np.zeros(len(names), bool)
        if names.dtype.kind in "iu":
            left_out = (names < 0) | np.isin(names, [] if fixed is None else fixed)
        drawn = np.cumsum(~left_out) - 1
        total = int((~left_out).sum())
        column = np.where(left_out[place], total, drawn[place]).astype(np.int64)
        counts = np.ones((resamples, total + 1))
        rng = np.random.default_rng(seed)
        for unit in _groups(column[:, 0], strata, total):
            share = np.full(len(unit), 1 / len(unit))
            counts[:, unit] = rng.multinomial(len(unit), share, size=resamples)
        return cls(column, counts)

    @property
    def group(self) -> Int64[np.ndarray, "rows"]:
        """The number of every row's unit, where each has one."""
        return self.column[:, 0]

    @property
    def drawn(self) -> Float[np.ndarray, "resamples units"]:
        """How often each unit was drawn."""
        return self.counts[:, :-1]

    def weights(self, some: slice) -> Float[np.ndarray, "some rows"]:
        """How much each row weighs in some of the resamples."""
        counts = self.counts[some]
        product = counts[:, self.column[:, 0]]
        for column in self.column.T[1:]:
            product = product * counts[:, column]
        return product

    def chunks(self, cells: int = CELLS) -> Iterator[Float[np.ndarray, "some rows"]]:
        """The weights of all resamples, some at a time."""
        step = max(1, cells // len(self.column))
        for start in range(0, len(self.counts), step):
            yield self.weights(slice(start, start + step))


def _groups(
    unit: Int64[np.ndarray, "rows"], strata: np.ndarray | None, total: int
) -> Iterator[Int64[np.ndarray, "units"]]:
    """The units that are drawn together: all, or those of each stratum."""
    if strata is None:
        if total:
            yield np.arange(total)
        return
    for stratum in np.unique(strata):
        units = np.unique(unit[strata == stratum])
        yield units[units < total]


def interval(values: Resampled, level: float = LEVEL) -> tuple[float, float]:
    """The central part of resampled figures, 95 % of them by default."""
    tail = 100 * (1 - level) / 2
    low, high = np.nanpercentile(values, [tail, 100 - tail])
    return float(low), float(high)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """One figure less another, resample by resample."""
    return one[0] - other[0], one[1] - other[1]


def defined(estimate: Estimate) -> bool:
    """Whether there is a figure, and an interval for it."""
    return bool(np.isfinite(estimate[0]) and np.isfinite(estimate[1]).any())
