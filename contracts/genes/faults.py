"""What is wrong with names that lead to no position: the errors, and the reasons to skip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contracts.errors import (
    AmbiguousGene,
    ContractViolation,
    InvalidInput,
    NotARegulator,
    NotInVocabulary,
    UnknownGene,
    Violation,
)
from contracts.genes.names import GeneNames
from contracts.genes.near import near_names
from contracts.wording import SHOWN, shorten

FEW = 40
"""An error lists the genes of a vocabulary that has no more."""

UNKNOWN, AMBIGUOUS, NOT_A_REGULATOR, NO_NAME = -1, -2, -3, -4
"""What stands in a column of positions where there is none."""

REASONS: dict[int, str] = {
    UNKNOWN: "unknown-gene",
    AMBIGUOUS: "ambiguous-gene",
    NOT_A_REGULATOR: "not-a-regulator",
    NO_NAME: "no-name",
}


@dataclass(frozen=True)
class Column:
    """Names, their positions (int64 [names], negative where there is none) and all symbols."""

    names: Sequence[str]
    positions: NDArray[np.int64]
    symbols: Sequence[str]


def is_missing(name: object) -> bool:
    """Whether this stands for no name: None, NaN, pandas' NA, or a text of spaces."""
    if isinstance(name, str):
        return not name.strip()
    return str(name).lower() in ("none", "nan", "<na>", "nat")


def checked(names: Iterable[object], what: str, missing: bool = False) -> list[str]:
    """The names as a list; raises ContractViolation for what cannot be a gene's name.

    Where names may be `missing`, an empty text stands for each such.
    """
    if isinstance(names, str | bytes):
        raise ContractViolation([Violation(what, shorten(names), "a list, such as ['GFAP']")])
    try:
        given = list(names)
    except TypeError:
        got = f"{shorten(names)} ({type(names).__name__})"
        raise ContractViolation([Violation(what, got, "a list, such as ['GFAP']")]) from None
    if missing:
        given = ["" if is_missing(name) else name for name in given]
    good = [name for name in given if isinstance(name, str) and (name.strip() or missing)]
    if len(good) == len(given):
        return good
    expected = "a gene name such as 'GFAP'"
    raise ContractViolation(
        [
            Violation(f"{what}[{row}]", f"{shorten(name)} ({type(name).__name__})", expected)
            for row, name in enumerate(given)
            if not isinstance(name, str) or not (name.strip() or missing)
        ]
    )


def raise_faults(columns: Sequence[Column], names: GeneNames) -> None:
    """Raise UnknownGene for all unknown names, else the first other fault, if there is any."""
    unknown: dict[str, tuple[str, ...]] = {}
    symbols: dict[str, str] = {}
    for column in columns:
        for row in np.flatnonzero(column.positions == UNKNOWN).tolist():
            name = column.names[row]
            if name not in unknown:
                near = names.near(name, column.symbols) if len(unknown) < SHOWN else {}
                unknown[name] = tuple(near)
                symbols |= near
    if unknown:
        typos = [name for name in unknown if not names.is_real(name)]
        if not typos:
            none = dict.fromkeys(unknown, ())
            genes = columns[-1].symbols
            known = genes if len(genes) <= FEW else ()
            raise NotInVocabulary(next(iter(unknown)), (), none, {}, names.expected, known)
        first = typos[0]
        raise UnknownGene(first, unknown[first], unknown, symbols, names.expected)
    for column in columns:
        for row in np.flatnonzero(column.positions < 0).tolist():
            targets = columns[-1].names if len(columns) > 1 else None
            raise _fault(column, row, names, targets)


def _fault(
    column: Column, row: int, names: GeneNames, targets: Sequence[str] | None
) -> InvalidInput:
    """The error of one row; `targets` are the other halves of pairs, whose regulator this is."""
    name = column.names[row]
    found = names.symbols(name)
    if len(found) > 1:
        return AmbiguousGene(name, found)
    near = near_names(name, column.symbols)
    if targets is None:
        return NotARegulator(name, near)
    other = names.symbols(targets[row])
    swapped = len(other) == 1 and other[0] in column.symbols
    return NotARegulator(name, near, targets[row].strip() if swapped else None)
