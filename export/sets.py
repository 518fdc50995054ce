"""Perturbation sets as a graph takes them: drawn at random, or chosen for what goes wrong there."""

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Int64

from contracts.sets.kinds import ABSENT, KINDS
from export.family import Arrays, Sizes

LARGEST = 5
"""Most members of a random set."""
LARGE = 16
"""Members of the large set among the edge cases."""

Set = tuple[Sequence[int], Sequence[int]]
"""Positions of the genes, and the kind of each."""


def flat(sets: Iterable[Set]) -> Arrays:
    """The sets end to end: member, kind and set [members], order [sets]."""
    kept = list(sets)
    members, kinds = ([one for two in kept for one in two[side]] for side in (0, 1))
    order = [len(genes) for genes, _ in kept]
    return with_segments(*(np.array(column, np.int64) for column in (members, kinds, order)))


def with_segments(
    member: Int64[np.ndarray, "members"],
    kind: Int64[np.ndarray, "members"],
    order: Int64[np.ndarray, "sets"],
) -> Arrays:
    """What `head` is asked; the set of each member follows from the orders."""
    segment = np.repeat(np.arange(len(order)), order)
    return {"member": member, "kind": kind, "set": segment, "order": order}


def random_sets(rng: np.random.Generator, count: int, sizes: Sizes) -> Arrays:
    """So many sets of 0 to 5 genes, of every kind; a batch of one is no empty set."""
    most = min(LARGEST, sizes["genes_total"], sizes["members_limit"])
    order = rng.integers(0 if count > 1 else 1, most + 1, size=count)
    return flat(
        (
            rng.choice(sizes["genes_total"], size, replace=False).tolist(),
            rng.integers(len(KINDS), size=size).tolist(),
        )
        for size in order.tolist()
    )


def edge_sets(records: Int64[np.ndarray, "genes"] | np.ndarray, sizes: Sizes) -> Arrays:
    """What goes wrong where sets are ragged, and where little is known.

    The wildtype at either end; first and last gene, and those that training knows best and least by
    `records`, their training records, alone and in pairs; every kind; a large set; one set twice.
    """
    last, best, least = len(records) - 1, int(np.argmax(records)), int(np.argmin(records))
    large = min(LARGE, sizes["genes_total"], sizes["members_limit"])
    genes = np.linspace(0, last, large).astype(int).tolist()
    chosen = sorted({0, last, best, least})
    sets: list[Set] = [((), ()), *(((gene,), (ABSENT,)) for gene in chosen)]
    sets += [((0,), (kind,)) for kind in range(len(KINDS))]
    sets += [
        ((one, other), (ABSENT, kind))
        for one in chosen
        for other in chosen
        if one != other
        for kind in (ABSENT, len(KINDS) - 1)
    ]
    sets.append((genes, [ABSENT] * large))
    mixed: Set = (genes, [place % len(KINDS) for place in range(large)])
    return flat([*sets, mixed, mixed, ((), ())])
