"""Folds inside of the training donors: recipes and epochs are chosen on these, never on the test.

Mouse has one training donor, so that its cells are halved type by type. A fold trains on one human
donor and one half, and validates on the other donor and the other half.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64

from training.cells.questions import DIRECTIONS, frequent, labels
from training.cells.split import TRAIN, CellSplit
from training.data.cells import CellData, SpeciesCells
from training.scoring.classes import balanced_accuracy_score
from zoo.cells.transfer import Prototypes

FOLDS = 2

Cells = dict[str, Int64[np.ndarray, "_"]]
"""Positions among the cells of each species."""


@dataclass(frozen=True, eq=False)
class Fold:
    """The cells that a fold trains on, and those that it validates on."""

    train: Cells
    valid: Cells


def folds(data: CellData, split: CellSplit) -> tuple[Fold, ...]:
    """Both folds of a split's training part: together they validate on each of its cells once.

    Raises StaleSplit.
    """
    halves = {
        species: _halves(one, TRAIN[species], split.cells(data, species, "train"), split.seed)
        for species, one in data.species.items()
    }
    return tuple(
        Fold(
            {species: each[number] for species, each in halves.items()},
            {species: each[1 - number] for species, each in halves.items()},
        )
        for number in range(FOLDS)
    )


def _halves(
    cells: SpeciesCells, donors: tuple[str, ...], rows: Int64[np.ndarray, "cells"], seed: int
) -> list[Int64[np.ndarray, "_"]]:
    """The cells of each of two donors, or those of one donor in two, as even as can be by type."""
    if len(donors) == FOLDS:
        return [cells.of_donors((donor,)) for donor in donors]
    drawn = np.random.default_rng(seed).permutation(rows)
    ordered = drawn[np.argsort(cells.labels.to_numpy()[drawn], kind="stable")]
    return [np.sort(ordered[number::FOLDS]) for number in range(FOLDS)]


def figures(
    data: CellData,
    split: CellSplit,
    fold: Fold,
    train: Mapping[str, Float32[np.ndarray, "_ dim"]],
    valid: Mapping[str, Float32[np.ndarray, "_ dim"]],
) -> dict[str, float]:
    """Balanced accuracy of each protocol inside of a fold, as the test has it.

    `train` and `valid` are vectors of the fold's cells by species. The reference are the cells
    that were trained on, the query those of the other species that were not.
    """
    found = {}
    for protocol, (reference, query) in DIRECTIONS.items():
        known = labels(data, reference)[fold.train[reference]]
        own = labels(data, query)[fold.valid[query]]
        prototypes = Prototypes.of(train[reference], [str(code) for code in known])
        types = np.array(prototypes.types, np.int64)
        given = types[(valid[query].astype(np.float64) @ prototypes.vectors.T).argmax(axis=1)]
        rows = np.isin(own, np.intersect1d(frequent(data, split), known))
        found[protocol] = balanced_accuracy_score(own[rows], given[rows])
    return found
