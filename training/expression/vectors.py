"""Vectors of perturbed genes for the linear model: rows of the readouts' own, or a source's.

A source has as many numbers a gene as it likes. Here they are brought to a few by PCA over all of
its genes, and to a root mean square of 1, so that one penalty fits all kinds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Bool, Float64
from sklearn.decomposition import PCA

from training.data import vectors as sources
from training.data.vectors import VectorSource

READOUTS, RANDOM = "readouts", "random"
DIM = 10

Rows = Float64[np.ndarray, "genes dim"]


@dataclass(frozen=True, eq=False)
class GeneVectors:
    """Vectors of some genes by symbol."""

    name: str
    about: str
    licence: str | None
    vector: Mapping[str, Float64[np.ndarray, "dim"]]

    def rows(self, symbols: Sequence[str]) -> tuple[Rows, Bool[np.ndarray, "genes"]]:
        """The vectors of these genes, 0 for one without, and which have one."""
        known = np.array([symbol in self.vector for symbol in symbols], bool)
        rows = np.zeros((len(symbols), len(next(iter(self.vector.values())))))
        for row in np.flatnonzero(known).tolist():
            rows[row] = self.vector[symbols[row]]
        return rows, known


def names() -> list[str]:
    """The kinds there are; READOUTS needs no source."""
    return [READOUTS, *sources.names()]


def of_readouts(symbols: Sequence[str], factors: Rows) -> GeneVectors:
    """What the readout genes have themselves: a gene that is no readout has no vector."""
    about = "Principal components of the readout genes over the training profiles."
    return GeneVectors(READOUTS, about, None, dict(zip(symbols, factors, strict=True)))


@cache
def of_source(name: str, seed: int = 0) -> GeneVectors:
    """Vectors of one of training.data.vectors.names, read once. Raises what reading does."""
    return reduced(sources.make(name, seed=seed))


def reduced(source: VectorSource, dim: int = DIM) -> GeneVectors:
    """A source brought to `dim` numbers a gene with a root mean square of 1."""
    matrix = source.matrix.astype(np.float64)
    if matrix.shape[1] > dim:
        matrix = PCA(dim, svd_solver="covariance_eigh").fit_transform(matrix)
    matrix = matrix / np.sqrt(np.mean(matrix**2))
    rows = dict(zip(source.symbols, matrix, strict=True))
    return GeneVectors(source.name, source.about, source.licence, rows)
