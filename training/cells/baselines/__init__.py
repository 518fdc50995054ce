"""Simple rivals that say the type of a cell, one rung one file, found by name.

All see the same: log levels of one-to-one orthologs in the reference, with types, and in the query,
without. A rung's module has TITLE (a few words for a table) and `fit(reference, types) -> Predict`.
Names that begin with an underscore are what rungs share.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Int64

from training.data.cells import CellData

Levels = Float32[np.ndarray, "cells orthologs"]
Types = Int64[np.ndarray, "cells"]
Predict = Callable[[Levels], Types]

TARGET = 1e4
"""Counts of a cell are taken as parts of so many."""


def levels(data: CellData, species: str, rows: Int64[np.ndarray, "some"]) -> Levels:
    """log(1 + counts per 10,000) of the one-to-one orthologs in some cells of a species."""
    counts = data.species[species].counts[rows][:, data.orthologs[species].to_numpy()].toarray()
    total = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.log1p(counts * (TARGET / total)).astype(np.float32)


def standardised(x: Levels) -> Levels:
    """Each gene with mean 0 and deviation 1 over these very cells; 0 where it does not vary."""
    deviation = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1)


def variable(x: Levels, genes: int) -> Int64[np.ndarray, "genes"]:
    """The genes that vary most, in the order of their variance."""
    return np.argsort(-x.var(axis=0), kind="stable")[:genes]
