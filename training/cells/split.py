"""The fixed split of cells: by donor, so that no cell of a test donor is seen before the test."""

import numpy as np
from jaxtyping import Int64

from contracts.errors import ArtefactError
from training.data.cells import CellData
from training.split import Parts

PARTS = ("train", "test")
TRAIN = {"human": ("human1", "human2"), "mouse": ("mouse1",)}
TEST = {"human": ("human3", "human4"), "mouse": ("mouse2",)}
"""Donors of each species."""


class CellSplit(Parts):
    """The part of every cell, the cells of all species end to end in the order of the data."""

    PARTS = PARTS
    TABLE = "cells"
    DIGEST = "cells_digest"

    def cells(self, data: CellData, species: str, part: str) -> Int64[np.ndarray, "some"]:
        """Positions of a part's cells among those of a species. Raises StaleSplit."""
        start, end = bounds(data)[species]
        rows = self.rows(data, part)
        return rows[(rows >= start) & (rows < end)] - start


def bounds(data: CellData) -> dict[str, tuple[int, int]]:
    """By species the position of its first cell, and of the one after its last."""
    found, start = {}, 0
    for species, one in data.species.items():
        found[species] = (start, start + len(one.labels))
        start += len(one.labels)
    return found


def make_split(data: CellData, seed: int = 0) -> CellSplit:
    """Split by donor. Nothing is drawn: the seed serves the folds inside of the training part.

    Raises InvalidOption where a donor is missing, ArtefactError where one has no part.
    """
    parts = []
    for species, one in data.species.items():
        part = np.full(len(one.labels), len(PARTS), np.uint8)
        for number, donors in enumerate((TRAIN[species], TEST[species])):
            part[one.of_donors(donors)] = number
        if (part == len(PARTS)).any():
            others = sorted(set(one.donors[part == len(PARTS)]))
            raise ArtefactError(f"The split has no part for {', '.join(others)} of {species}.")
        parts.append(part)
    return CellSplit(np.concatenate(parts), data.digest, seed)
