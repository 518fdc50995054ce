"""Parity of cell entries: vectors, and the ten nearest neighbours of cells of all species."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64

from contracts.cells.species import SPECIES
from export.cells.samples import random_cells
from export.family import Arrays, Figures, Probe, Sizes
from export.lanes import Run
from export.parity import BATCHES, TOP, ParityFailed, near

AMONG = 1000
"""The batch of each species in whose cells neighbours are found, all species together."""
EQUAL = 0.999
"""The share of nearest neighbours that a lane must find as torch in float64 does."""

Vectors = Float[np.ndarray, "cells dim"]


@dataclass(frozen=True)
class CellProbe(Probe):
    """Batches of random cells of each species."""

    batches: tuple[tuple[str, Arrays], ...]

    @classmethod
    def draw(cls, sizes: Sizes, seed: int = 0) -> "CellProbe":
        """A fixed sample of an entry with these sizes."""
        rng = np.random.default_rng(seed)
        return cls(
            tuple(
                (species, random_cells(rng, cells, species, sizes))
                for species in SPECIES
                for cells in BATCHES
            )
        )

    def about(self) -> Figures:
        """Among how many cells how many neighbours are found."""
        return {"neighbours": TOP, "among_cells": AMONG * len(SPECIES), "neighbours_floor": EQUAL}

    def ask(self, run: Run) -> list[np.ndarray]:
        """The vectors of every batch."""
        return [run(species, batch)["vector"] for species, batch in self.batches]

    def compare(self, lane: str, truth: list[np.ndarray], got: list[np.ndarray]) -> Figures:
        """Figures of one lane. Raises ParityFailed."""
        off = (np.abs(one - other).max() for one, other in zip(truth, got, strict=True))
        worst = near(lane, "vector", off)
        same = agreement(
            *(np.concatenate([v for v in each if len(v) == AMONG]) for each in (truth, got))
        )
        if same < EQUAL:
            raise ParityFailed(
                f"{lane} finds {same:.2%} of the {TOP} nearest neighbours that torch in float64 "
                f"finds, and {EQUAL:.1%} is the least. The entry was not packaged."
            )
        return {"status": "certified", "max_abs_vector": worst, "neighbours_equal": same}


def agreement(truth: Vectors, got: Vectors) -> float:
    """The share of the nearest neighbours by cosine that are the same, in whatever order."""
    pairs = zip(nearest(truth), nearest(got), strict=True)
    return float(np.mean([len(np.intersect1d(*pair)) / len(pair[0]) for pair in pairs]))


def nearest(vectors: Vectors) -> Int64[np.ndarray, "cells neighbours"]:
    """The cells nearest to each by cosine, but for itself; equal ones in their order."""
    cosine = vectors.astype(np.float64) @ vectors.astype(np.float64).T
    np.fill_diagonal(cosine, -np.inf)
    return np.argsort(-cosine, axis=1, kind="stable")[:, :TOP]
