"""Cells to ask a graph about: at random, and those with which an embedding may go wrong."""

import numpy as np
from jaxtyping import Float32

from contracts.cells.task import genes_of
from export.family import Arrays, Sizes
from zoo.cells.statistics import Moments

RARE, HUGE = 8, 1e6
"""Of random genes one in so many is there in most cells; the count of a cell with huge ones."""

Counts = Float32[np.ndarray, "cells genes"]


def random_cells(rng: np.random.Generator, cells: int, species: str, sizes: Sizes) -> Arrays:
    """Cells with counts of a gamma-Poisson mixture, standardised over a hundred more like them."""
    genes = sizes[genes_of(species)]
    rate = rng.gamma(1 / RARE, RARE, genes)
    counts = _drawn(rng, rate, cells)
    moments = Moments(genes)
    moments.add(_drawn(rng, rate, 100))
    return with_statistics(counts, moments)


def edge_cells(species: str, sizes: Sizes) -> Arrays:
    """A cell with one count, one with huge ones and one with all genes alike.

    The last gene is missing: no counts, mean 0 and deviation 1.
    """
    genes = sizes[genes_of(species)]
    counts = np.zeros((3, genes), np.float32)
    counts[0, 0], counts[1], counts[2] = 1, HUGE, 1
    counts[1, 0], counts[:, -1] = 1, 0
    mean, deviation = np.full(genes, 0.5, np.float32), np.full(genes, 2, np.float32)
    mean[-1], deviation[-1] = 0, 1
    return {"counts": counts, "mean": mean, "deviation": deviation}


def with_statistics(counts: Counts, moments: Moments) -> Arrays:
    """Counts with the statistics of other cells, as a graph takes them."""
    there = np.ones(counts.shape[1], dtype=bool)
    found = moments.statistics("", there)
    figures = {"mean": found.mean, "deviation": found.deviation}
    return {"counts": counts, **{name: one.astype(np.float32) for name, one in figures.items()}}


def _drawn(rng: np.random.Generator, rate: np.ndarray, cells: int) -> Counts:
    """Cells with at least one count."""
    counts = rng.poisson(rate * rng.gamma(2, 0.5, (cells, 1))).astype(np.float32)
    counts[counts.sum(1) == 0, 0] = 1
    return counts
