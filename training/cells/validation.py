"""Folds inside of the training donors: recipes and epochs are chosen on these, never on the test.

Mouse has one training donor, so that its cells are halved type by type. A fold trains on one human
donor and one half, and validates on the other donor and the other half.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from training.cells.split import TRAIN, CellSplit
from training.data.cells import CellData, SpeciesCells

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
