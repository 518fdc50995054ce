"""Mean and deviation of every gene's level, over cells that may come chunk by chunk."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float32, Float64

from contracts.cells.task import SMALLEST_DEVIATION, TARGET
from contracts.errors import InvalidOption

FEWEST = 20
"""Cells that means and deviations may be taken over at least."""


@dataclass(frozen=True, eq=False)
class GeneStatistics:
    """What the genes of a species are standardised with, in the order of the entry's genes.

    A gene that is not `present` has mean 0 and deviation 1; a constant one has deviation 1.
    `cells` says over how many, where that is known.
    """

    species: str
    mean: Float64[np.ndarray, "genes"]
    deviation: Float64[np.ndarray, "genes"]
    present: Bool[np.ndarray, "genes"]
    cells: int | None = None

    def like(self, others: "GeneStatistics") -> "GeneStatistics":
        """These; raises InvalidOption where they are of other genes than the others."""
        if (self.species, len(self.mean)) != (others.species, len(others.mean)):
            got = f"statistics of {len(self.mean)} {self.species} genes"
            expected = f"those of this entry's {len(others.mean)} {others.species} genes"
            raise InvalidOption("standardise", got, expected)
        return self


UNKNOWN = 1e30
"""Deviation of a gene without statistics: its level has no say, whatever it is."""


@dataclass(frozen=True, eq=False)
class Standard:
    """How levels of a species become the input of an encoder: less `center`, in units of `scale`.

    `trained` has the levels of the cells of training.
    """

    trained: GeneStatistics
    center: Float64[np.ndarray, "genes"]
    scale: Float64[np.ndarray, "genes"]

    def inputs(
        self, found: GeneStatistics, present: Bool[np.ndarray, "genes"]
    ) -> dict[str, np.ndarray]:
        """What a graph is given for a matrix that has the genes `present`.

        Each gene gets the mean and the deviation that it has in training where those of the cells
        are `found`. A gene that is in the matrix or in the statistics alone is at its mean there.
        """
        trained = self.trained
        ratio = found.deviation / trained.deviation
        apart = (trained.mean - self.center) / self.scale
        known = present & found.present
        deviation = np.where(known, ratio * self.scale, UNKNOWN)
        mean = np.where(known, found.mean, 0) - apart * deviation
        return {"mean": mean.astype(np.float32), "deviation": deviation.astype(np.float32)}


def levels(counts: Float32[np.ndarray, "cells genes"]) -> Float64[np.ndarray, "cells genes"]:
    """log(1 + counts per 10,000) of every gene of a cell, as the graphs have it."""
    parts = counts * (TARGET / counts.sum(1, dtype=np.float64, keepdims=True))
    return np.log1p(parts, out=parts, where=counts > 0)


@dataclass
class Moments:
    """Means and squared deviations so far; chunks of any size give the same to rounding.

    Chan et al. 1983, https://doi.org/10.1080/00031305.1983.10483115, equation 2.1.
    """

    genes: int
    cells: int = 0
    mean: Float64[np.ndarray, "genes"] = field(init=False)
    squares: Float64[np.ndarray, "genes"] = field(init=False)

    def __post_init__(self) -> None:
        self.mean, self.squares = np.zeros(self.genes), np.zeros(self.genes)

    def add(self, counts: Float32[np.ndarray, "cells genes"]) -> None:
        """Take further cells in."""
        if not len(counts):
            return
        chunk = levels(counts)
        cells, mean = len(chunk), chunk.mean(0)
        squares = np.square(chunk - mean).sum(0)
        total, apart = self.cells + cells, mean - self.mean
        self.mean += apart * (cells / total)
        self.squares += squares + np.square(apart) * (self.cells * cells / total)
        self.cells = total

    def statistics(self, species: str, present: Bool[np.ndarray, "genes"]) -> GeneStatistics:
        """The statistics of all cells so far; raises InvalidOption where they are too few."""
        if self.cells < FEWEST:
            expected = (
                f"at least {FEWEST} cells to take means and deviations over, not {self.cells}. "
                "For so few cells type standardise='entry'"
            )
            raise InvalidOption("standardise", "data", expected)
        deviation = np.sqrt(self.squares / self.cells)
        deviation[deviation < SMALLEST_DEVIATION] = 1
        return GeneStatistics(species, self.mean.copy(), deviation, present, self.cells)
