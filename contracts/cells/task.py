"""The task of cell entries: the raw counts of cells to vectors, a graph a species.

The vectors of all species share one space. Counts are normalised inside the graph; the mean and
the deviation that genes are standardised with come with the cells.
"""

from types import MappingProxyType

import numpy as np

from contracts.cells.species import SPECIES
from contracts.task import Task
from contracts.tensors import Arrays, Axis, Contract, Invariant, Sizes, numbers

FAMILY = "cells"

TARGET = 1e4
"""Counts of a cell are taken as parts of so many."""
SMALLEST_TOTAL = 1
"""Counts of the entry's genes that a cell has at least: a cell without any has no levels."""
SMALLEST_DEVIATION = 2.0**-20
"""Of a gene's level, about 1e-6; what varies less is constant but for rounding."""
UNIT_TOLERANCE = 1e-4

_CELLS = Axis("cells")
_MACROGENES, _DIM = (Axis(name, fixed=True) for name in ("macrogenes", "dim"))

_COUNTS = "raw counts of the entry's genes in its order"
_MEAN = "mean of each gene's log(1 + counts per 10,000); 0 for a gene that the cells lack"
_DEVIATION = "its standard deviation; 1 for a gene that the cells lack"
_WEIGHT = "weight of each gene in each macrogene"
_VECTOR = "unit vector of each cell, in the space that all species share"


def _few_counts(arrays: Arrays) -> str | None:
    total = arrays["counts"].sum(1, dtype=np.float64)
    few = np.flatnonzero(total < SMALLEST_TOTAL)
    return f"{total[few[0]]:g} counts in cell {few[0]}" if len(few) else None


def _emptied(arrays: Arrays) -> Arrays | None:
    """The first cell loses its counts."""
    counts = arrays["counts"].copy()
    if not len(counts):
        return None
    counts[0] = 0
    return {**arrays, "counts": counts}


def _settle(arrays: Arrays, sizes: Sizes) -> Arrays:
    """A cell of too few counts gets one of its first gene; without genes there are no cells."""
    counts = arrays["counts"].copy()
    if not counts.shape[1]:
        return {**arrays, "counts": counts[:0]}
    counts[counts.sum(1) < SMALLEST_TOTAL, 0] = SMALLEST_TOTAL
    return {**arrays, "counts": counts}


def _lengths(arrays: Arrays) -> str | None:
    length = np.linalg.norm(arrays["vector"].astype(np.float64), axis=1)
    wrong = np.flatnonzero(np.abs(length - 1) > UNIT_TOLERANCE)
    return f"length {length[wrong[0]]:g} of cell {wrong[0]}" if len(wrong) else None


def weight_of(species: str) -> str:
    """The name of a species' macrogene weights, in its graph and in the state."""
    return f"{species}_weight"


def genes_of(species: str) -> str:
    """The name of the number of a species' genes among an entry's sizes."""
    return f"{species}_genes"


def _graph(species: str) -> Contract:
    genes = Axis(genes_of(species), fixed=True)
    return Contract(
        inputs=(
            numbers("counts", _CELLS, genes, about=_COUNTS, minimum=0),
            numbers("mean", genes, about=_MEAN),
            numbers("deviation", genes, about=_DEVIATION, minimum=SMALLEST_DEVIATION),
            numbers(weight_of(species), genes, _MACROGENES, about=_WEIGHT, minimum=0, carried=True),
        ),
        outputs=(numbers("vector", _CELLS, _DIM, about=_VECTOR),),
        invariants=(Invariant("unit_length", "every vector has length 1", _lengths),),
        input_invariants=(
            Invariant("cells_have_counts", "counts in every cell", _few_counts, _emptied),
        ),
        settle=_settle,
    )


CELL_EMBED = Task(
    name="cell_embed",
    family=FAMILY,
    description=(
        "A unit vector of each cell from its raw counts, in one space for the cells of all "
        "species; the graph of each species is named like it."
    ),
    graphs=MappingProxyType({species: _graph(species) for species in SPECIES}),
)
