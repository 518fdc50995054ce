"""Fitness defects that add up: f_a + f_b - 1, and the interaction that follows from it.

epsilon = f_a + f_b - 1 - f_a f_b; of three genes tau is what the sum of all defects differs from
the product and from such an epsilon of every pair, times the third gene's fitness.
"""

import numpy as np

from training.perturbations.baselines import (
    Answer,
    Context,
    Members,
    Rung,
    Values,
    orders,
    product,
)

TITLE = "Additive model of fitness"


def fit(context: Context) -> Rung:
    """Nothing is fitted."""

    def answer(members: Members, source: str) -> Answer:
        return Answer(_interaction(context.single, members), _fitness(context.single, members))

    return answer


def _fitness(single: np.ndarray, members: Members) -> Values:
    return 1 + np.where(members >= 0, single[members] - 1, 0.0).sum(axis=1)


def _interaction(single: np.ndarray, members: Members) -> Values:
    """Interactions of pairs and triples that follow from fitness."""
    found = _beyond(single, members)
    rows = np.flatnonzero(orders(members) == 3)
    for third in range(3):
        pairs = members[rows].copy()
        pairs[:, third] = -1
        found[rows] -= _beyond(single, pairs) * single[members[rows, third]]
    return found


def _beyond(single: np.ndarray, members: Members) -> Values:
    """What the sum of defects differs from the product; epsilon of two genes."""
    return _fitness(single, members) - product(single, members)
