"""Fitness and interaction of perturbation sets of any size, composed of their sub-sets.

    fitness(S) = sum over the sub-sets T of S with 0, 2 or 3 members of g(T) * product of f_i over
    the members i of S outside T,     g({}) = 1

g is the interaction that the graph gives, f_i the fitness of member i alone. For two genes this is
f_a f_b + epsilon, for three the definition of tau in Kuzmin et al. (2018). No data has terms of a
higher order: of four members and more, the interaction is what fitness differs from the product.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from jaxtyping import Bool, Float64

from zoo.sets.members import Codes, Sets

BLOCK_SUBSETS = 1 << 16
"""Sub-sets that are composed at once."""

INTERACTING = (2, 3)
"""Orders of the sub-sets that have an interaction of their own."""

Values = Float64[np.ndarray, "sets"]
Head = Callable[[Codes], tuple[Values, Values]]
"""Sets of one order, as codes, to their interaction and their expectation."""


@dataclass(frozen=True)
class Composed:
    """What is predicted of sets; the wildtype has fitness 1."""

    fitness: Values
    gene_interaction: Values
    expectation: Values


def compose(sets: Sets, head: Head, progress: Callable[[int], object] | None = None) -> Composed:
    """Compose every set; `progress` is called with the number done since its last call."""
    total = len(sets.order)
    columns = np.empty(total), np.empty(total), np.empty(total)
    for order in np.unique(sets.order).tolist():
        rows = np.flatnonzero(sets.order == order)
        step = max(1, BLOCK_SUBSETS // subsets(order))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            block = compose_block(sets.matrix(some), head)
            parts = (block.fitness, block.gene_interaction, block.expectation)
            for column, part in zip(columns, parts, strict=True):
                column[some] = part
            if progress is not None:
                progress(len(some))
    return Composed(*columns)


def compose_known(
    sets: Sets,
    kinds: Bool[np.ndarray, "kinds"],
    head: Head,
    progress: Callable[[int], object] | None = None,
) -> Composed:
    """Compose sets by their members of some `kinds`, one flag a kind.

    Sets with another member have no fitness and no interaction: NaN. Their expectation is that of
    the other members.
    """
    changed = sets.changed()
    composed = compose(changed.of_kinds(kinds), head, progress)
    unseen = changed.set[~kinds[changed.kind]]
    composed.fitness[unseen] = composed.gene_interaction[unseen] = np.nan
    return composed


def subsets(order: int) -> int:
    """How many sets a graph is asked for to compose one of this order; 1 up to two members."""
    return 1 + sum(comb(order, size) for size in (1, *INTERACTING)) if order > 2 else 1


def compose_block(codes: Codes, head: Head) -> Composed:
    """Compose sets of one order, each of their sub-sets asked for once."""
    order = codes.shape[1]
    interaction, expectation = head(codes)
    if order <= 2:
        return Composed(expectation + interaction, interaction, expectation)
    single = _asked(codes.reshape(-1, 1), head)[1].reshape(codes.shape)
    fitness = expectation.copy()
    for size in INTERACTING:
        if size == order:
            fitness += interaction
            continue
        inside = np.array(list(combinations(range(order), size)))
        outside = np.array([sorted(set(range(order)) - {*one}) for one in inside.tolist()])
        terms = _asked(codes[:, inside].reshape(-1, size), head)[0].reshape(len(codes), -1)
        fitness += (terms * single[:, outside].prod(axis=2)).sum(axis=1)
    return Composed(fitness, interaction if order == 3 else fitness - expectation, expectation)


def _asked(codes: Codes, head: Head) -> tuple[Values, Values]:
    """Interaction and expectation of sub-sets, those that stand there again asked for once."""
    base = int(codes.max(initial=0)) + 1
    key = codes[:, 0]
    for column in codes.T[1:]:
        key = key * base + column
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    interaction, expectation = head(codes[first])
    return interaction[place], expectation[place]
