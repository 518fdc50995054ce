"""Units (regulators, genes, donors) drawn again and again: what intervals are made of.

Rows share units, so they are not independent: units are drawn with replacement, and a row weighs
the product of the counts of its units. With one unit a row this is the bootstrap over groups, with
several the pigeonhole bootstrap (Owen, Annals of Applied Statistics 1, 2007, 386).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

Resampled = Float64[np.ndarray, "resamples"]
Weights = Float64[np.ndarray, "resamples rows"]

RESAMPLES = 1000
LEVEL = 0.95
CELLS = 2_000_000
"""Weights that are held in memory at once."""


@dataclass(frozen=True)
class Bootstrap:
    """How often every unit was drawn; the same draws serve all models, so gaps are paired.

    `place` has the column of `counts` of every unit of a row. Units that stay as they are, and
    the places of a row that has fewer units, point to a last column of ones, if there are any.
    """

    place: Int64[np.ndarray, "rows units"]
    counts: Float64[np.ndarray, "resamples columns"]

    @classmethod
    def of(
        cls,
        units: np.ndarray,
        fixed: np.ndarray | tuple[int, ...] = (),
        strata: np.ndarray | None = None,
        seed: int = 0,
        resamples: int | None = None,
    ) -> "Bootstrap":
        """Draw the units [rows] or [rows, k] of all rows, as many as there are; -1 is no unit.

        Units of `fixed` are not drawn. With `strata` [rows], units are drawn among those of their
        stratum: a unit's is that of its first row.
        """
        units = np.asarray(units).reshape(len(units), -1)
        drawn, first = np.unique(units, return_index=True)
        keep = ~np.isin(drawn, fixed) & (drawn >= 0)
        drawn, first = drawn[keep], first[keep] // units.shape[1]
        place = np.where(np.isin(units, drawn), np.searchsorted(drawn, units), len(drawn))
        counts = np.ones((resamples or RESAMPLES, len(drawn) + bool((place == len(drawn)).any())))
        groups = np.zeros(len(drawn)) if strata is None else np.asarray(strata)[first]
        rng = np.random.default_rng(seed)
        for group in np.unique(groups):
            own = np.flatnonzero(groups == group)
            share = np.full(len(own), 1 / len(own))
            counts[:, own] = rng.multinomial(len(own), share, size=len(counts))
        return cls(place.astype(np.int64), counts)

    def take(self, rows: Int64[np.ndarray, "some"]) -> "Bootstrap":
        """The same draws for some of the rows."""
        return Bootstrap(self.place[rows], self.counts)

    @property
    def group(self) -> Int64[np.ndarray, "rows"]:
        """The column of the only unit of every row."""
        assert self.place.shape[1] == 1
        return self.place[:, 0]

    def weights(self, rows: slice) -> Weights:
        """How much each row weighs in these resamples."""
        counts = self.counts[rows]
        weights = counts[:, self.place[:, 0]]
        for column in self.place.T[1:]:
            weights = weights * counts[:, column]
        return weights

    def chunks(self) -> Iterator[Weights]:
        """The weights of all resamples, some at a time."""
        step = max(1, CELLS // len(self.place))
        for start in range(0, len(self.counts), step):
            yield self.weights(slice(start, start + step))


def coded(names: np.ndarray) -> Int64[np.ndarray, "rows"]:
    """Units by name as numbers, in the order of their names."""
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def interval(values: Resampled) -> tuple[float, float]:
    """The central 95 % of resampled figures."""
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.nanpercentile(values, [tail, 100 - tail])
    return float(low), float(high)
