"""Which type of one species is which of another: mutual nearest neighbours of labels, in rounds.

Names of types are never compared: only what their cells express, over genes of both species that
are each other's nearest by their vectors.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Int64

ROUNDS = 3


class Profiles(NamedTuple):
    """Types, and the mean level of each gene in their cells."""

    types: list[str]
    means: Float64[np.ndarray, "types genes"]


def profiles(
    levels: Float32[np.ndarray, "cells genes"], labels: Sequence[str] | np.ndarray, least: int
) -> Profiles:
    """Of the types with so many cells or more, less the mean over types."""
    names, place, count = np.unique(
        np.asarray(labels, str), return_inverse=True, return_counts=True
    )
    sums = np.zeros((len(names), levels.shape[1]))
    np.add.at(sums, place, levels.astype(np.float64))
    enough = count >= least
    means = sums[enough] / count[enough, None]
    return Profiles(names[enough].tolist(), means - means.mean(axis=0))


def similarity(one: Profiles, other: Profiles) -> Float64[np.ndarray, "types others"]:
    """Cosine of the profiles of two species' types."""
    unit = [
        each.means / np.maximum(np.linalg.norm(each.means, axis=1, keepdims=True), 1e-12)
        for each in (one, other)
    ]
    return unit[0] @ unit[1].T


def matched(
    similar: Float64[np.ndarray, "types others"], least: float, mutual: bool = True
) -> Int64[np.ndarray, "pairs 2"]:
    """Pairs of types that are each other's most similar, and by `least` or more.

    Those that were found are taken away and the next ones are looked for among the others, as a
    type may be nearest to one that has a partner already; so in ROUNDS. Without `mutual` each type
    of the first species takes the most similar of the other.
    """
    if not mutual:
        nearest = similar.argmax(axis=1)
        rows = np.flatnonzero(similar.max(axis=1) >= least)
        return np.stack([rows, nearest[rows]], axis=1)
    left, pairs = similar.copy(), [np.zeros((0, 2), np.int64)]
    for _ in range(ROUNDS):
        nearest, back = left.argmax(axis=1), left.argmax(axis=0)
        rows = np.arange(len(left))
        rows = rows[(back[nearest] == rows) & (left[rows, nearest] >= least)]
        pairs.append(np.stack([rows, nearest[rows]], axis=1))
        left[rows], left[:, nearest[rows]] = -np.inf, -np.inf
    return np.concatenate(pairs)


def groups(
    pairs: Int64[np.ndarray, "pairs 2"], one: Profiles, other: Profiles
) -> tuple[dict[str, int], dict[str, int]]:
    """The number of the group of every type that has a partner: types joined by pairs share one."""
    first: dict[str, int] = {}
    second: dict[str, int] = {}
    for row, column in pairs.tolist():
        name, partner = one.types[row], other.types[column]
        number = second.setdefault(partner, len(second))
        first[name] = number
    return first, second
