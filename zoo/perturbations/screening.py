"""Every set of so many deleted genes, block by block, and the first of them in a total order.

Sets are numbered as `itertools.combinations` lists them, and a block is computed from its numbers,
so that nothing grows with how many sets there are.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from math import comb
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Int64

from contracts.errors import (
    ContractViolation,
    EmptyInput,
    InvalidOption,
    NothingLeft,
    UnknownGene,
    Violation,
)
from contracts.genes.vocabulary import Vocabulary
from zoo.perturbations.composition import Composed
from zoo.sets.notation import joined
from zoo.tables.inputs import name_list

BLOCK_SETS = 1 << 15
"""Sets that are ranked at once."""

MOST_SETS = 100_000_000
"""More than this is refused: it would take most of an hour, and is rarely meant."""

ORDERS = (1, 2, 3)
BY = ("gene_interaction", "fitness", "expectation")

_DIRECTIONS: dict[str, Callable[[Any], Any]] = {
    "lowest": lambda value: value,
    "highest": np.negative,
    "strongest": lambda value: -np.abs(value),
}

Genes = Int64[np.ndarray, "sets order"]
Values = Float64[np.ndarray, "sets"]


@dataclass(frozen=True)
class Ranking:
    """What sets are ranked by, and how many are kept."""

    by: str
    direction: str
    top: int

    def of(self, composed: Composed) -> Values:
        """A value for each set; the lowest goes first."""
        return _DIRECTIONS[self.direction](getattr(composed, self.by))


def ranking(by: Any, direction: Any, top: Any) -> Ranking:
    """Check the options of a ranking; raises InvalidOption."""
    if by not in BY:
        raise InvalidOption("by", by, f"one of {', '.join(BY)}")
    if not isinstance(direction, str) or direction not in _DIRECTIONS:
        raise InvalidOption("direction", direction, f"one of {', '.join(_DIRECTIONS)}")
    if direction == "strongest" and by != "gene_interaction":
        expected = f"lowest or highest with by={by!r}; only an interaction is weak or strong"
        raise InvalidOption("direction", direction, expected)
    if isinstance(top, bool) or not isinstance(top, int | np.integer) or top < 1:
        raise InvalidOption("top", top, "a whole number of at least 1")
    return Ranking(by, direction, int(top))


@dataclass(frozen=True)
class Screen:
    """All sets of `order` genes that have those of `given`, the others out of `free`.

    Both are positions in the gene list, ascending; none is in both.
    """

    order: int
    given: Int64[np.ndarray, "given"]
    free: Int64[np.ndarray, "free"]

    @classmethod
    def of(
        cls,
        vocabulary: Vocabulary,
        order: Any,
        given: Any = (),
        among: Any = None,
        wanted: Bool[np.ndarray, "genes"] | None = None,
    ) -> "Screen":
        """The sets that a person asks for; see PerturbationScorer.screen, also for what is raised.

        Genes without the flag in `wanted` are in a set only where they are given.
        """
        whole = isinstance(order, int | np.integer) and not isinstance(order, bool)
        if not whole or order not in ORDERS:
            raise InvalidOption("order", order, "1, 2 or 3 genes in a set, a whole number")
        fixed = _given(vocabulary, given, int(order))
        free = np.arange(len(vocabulary)) if among is None else _among(vocabulary, among)
        free = free if wanted is None else free[wanted[free]]
        screen = cls(int(order), np.sort(fixed), np.setdiff1d(free, fixed))
        _check_number(screen, not len(fixed) and among is None, wanted is not None)
        return screen

    @property
    def total(self) -> int:
        """How many sets there are."""
        return comb(len(self.free), self.order - len(self.given))

    def block(self, start: int, stop: int) -> Genes:
        """The sets of these numbers, as positions that ascend within each."""
        others = self.free[_combinations(len(self.free), self.order - len(self.given), start, stop)]
        fixed = np.broadcast_to(self.given, (stop - start, len(self.given)))
        return np.sort(np.concatenate([fixed, others], axis=1), axis=1)


def best_sets(
    screen: Screen,
    top: int,
    values_of: Callable[[Genes], Values],
    progress: Callable[[int], object] | None = None,
) -> Genes:
    """The `top` sets with the lowest values, ties by position; all where there are fewer."""
    held = _Held(top, screen.order)
    for start in range(0, screen.total, BLOCK_SETS):
        genes = screen.block(start, min(start + BLOCK_SETS, screen.total))
        held.add(values_of(genes), genes)
        if progress is not None:
            progress(len(genes))
    return held.first()


class _Held:
    """The first found so far, and the value that the last of them has."""

    def __init__(self, top: int, order: int) -> None:
        self.top = top
        self.bound = np.inf
        self.values = np.empty(0)
        self.genes = np.empty((0, order), np.int64)

    def add(self, values: Values, genes: Genes) -> None:
        """Keep what reaches the bound."""
        kept = np.flatnonzero(values <= self.bound)
        if len(kept):
            self.values = np.concatenate([self.values, values[kept]])
            self.genes = np.concatenate([self.genes, genes[kept]])
        if len(self.values) > 2 * self.top + BLOCK_SETS:
            self.first()

    def first(self) -> Genes:
        """Leave out all but the first, put these in order, and lower the bound to the last."""
        order = np.lexsort((*self.genes.T[::-1], self.values))[: self.top]
        self.values, self.genes = self.values[order], self.genes[order]
        if len(order) == self.top:
            self.bound = float(self.values[-1])
        return self.genes


def _given(vocabulary: Vocabulary, given: Any, order: int) -> Int64[np.ndarray, "given"]:
    """Positions of the genes that every set has."""
    if isinstance(given, Iterable) and not isinstance(given, str) and not len(given := [*given]):
        return np.empty(0, np.int64)
    names = name_list(given, "given")
    fixed = _positions(vocabulary, names, "given")
    if len(np.unique(fixed)) < len(fixed):
        listed = ", ".join(vocabulary.genes[position] for position in fixed.tolist())
        raise ContractViolation([Violation("given", listed, "each gene once")])
    if len(fixed) > order:
        raise InvalidOption("given", ", ".join(names), f"at most {order} genes with order={order}")
    return fixed


def _among(vocabulary: Vocabulary, among: Any) -> Int64[np.ndarray, "among"]:
    """Positions of the genes to combine."""
    if isinstance(among, Iterable) and not isinstance(among, str) and not len(among := [*among]):
        raise EmptyInput("among", f"[{vocabulary.common_names[0]!r}]")
    return _positions(vocabulary, name_list(among, "among"), "among")


def _positions(vocabulary: Vocabulary, names: list[Any], what: str) -> Int64[np.ndarray, "names"]:
    """Positions of genes; raises ContractViolation where several are typed as one."""
    try:
        return vocabulary.gene_index(names)
    except UnknownGene as error:
        apart = {repr(name): joined(name, vocabulary) for name in error.unknown}
        found = [
            Violation(what, name, f"each gene by itself: {', '.join(repr(n) for n, _ in one)}")
            for name, one in apart.items()
            if one
        ]
        if found:
            raise ContractViolation(found) from None
        raise


def _check_number(screen: Screen, unbounded: bool, filtered: bool = False) -> None:
    """Raise where there is no set, or more than anybody wants to wait for."""
    if not screen.total:
        left = f"{len(screen.given)} given genes and {len(screen.free)} others"
        hint = "Name more genes in among" + (", or leave out measured_only" if filtered else "")
        raise NothingLeft(f"There is no set of {screen.order} genes out of {left}", hint)
    if screen.total > MOST_SETS or (unbounded and screen.order == max(ORDERS)):
        raise InvalidOption(
            "order",
            screen.order,
            f"fewer sets than its {screen.total:,}: type given=['YOR128C'] for a gene that all of "
            "them have, or among=[...] for the genes to combine",
        )


@cache
def _binomials(total: int, size: int) -> Int64[np.ndarray, "total"]:
    """The ways to choose `size` of each number below `total`."""
    return np.array([comb(number, size) for number in range(total)], dtype=np.int64)


def _combinations(total: int, size: int, start: int, stop: int) -> Int64[np.ndarray, "some size"]:
    """The combinations of range(total) numbered start to stop, as itertools lists them.

    Counted from the last, a combination's number is a sum of binomial coefficients, the largest
    first: the combinatorial number system (Knuth, TAOCP 7.2.1.3).
    """
    left = comb(total, size) - 1 - np.arange(start, stop)
    columns = np.empty((stop - start, size), dtype=np.int64)
    for place in range(size):
        table = _binomials(total, size - place)
        digit = np.searchsorted(table, left, side="right") - 1
        columns[:, place] = total - 1 - digit
        left = left - table[digit]
    return columns
