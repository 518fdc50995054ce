"""Decisions: whether two lanes put the same candidates first."""

import numpy as np
from jaxtyping import Float

TOP = 10


def swapped(
    truth: Float[np.ndarray, "queries candidates"],
    got: Float[np.ndarray, "queries candidates"],
    unit: float,
) -> int:
    """Queries whose ten best differ in order; equal scores stand in the order of the vocabulary.

    The highest score is the best. A lane's order counts as equal where it exchanges only scores
    that float32 cannot tell apart: within 4 units in the last place of `unit`, the magnitude of
    the numbers that a score is made of.
    """
    best = np.argsort(-truth, axis=1, kind="stable")[:, :TOP]
    mine = np.argsort(-got, axis=1, kind="stable")[:, :TOP]
    gap = np.take_along_axis(truth, best, 1) - np.take_along_axis(truth, mine, 1)
    resolution = 4 * np.finfo(np.float32).eps * unit
    return int((np.abs(gap) > resolution).any(axis=1).sum())
