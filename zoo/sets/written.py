"""Sets of perturbed genes as people write them: names and kinds, end to end. Nothing is changed.

In Python a set is a list, a set or a dict; in a table, of whatever kind, it may be a text as well.
"""

import reprlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int64

from contracts.errors import ContractViolation, InvalidInput, Violation
from contracts.genes.faults import NO_NAME, is_missing
from contracts.genes.vocabulary import REASONS
from contracts.sets.kinds import ABSENT, KINDS, MEMBER, is_wildtype
from zoo.sets.notation import PLUS, read_set
from zoo.tables.columns import is_name

NOT_A_SET = "not-a-set"
_SET = "a set of genes such as ['YAL002W', 'YBR001C'], {'ADE2': 'deleted'}, or [] or 'wildtype'"
_MEMBER = "a gene such as 'YAL002W', or a gene and a kind such as ('YAL002W', 'deleted')"


@dataclass(frozen=True)
class Fault:
    """Why a set cannot be used: its row, the name or text at fault (None where there is nothing).

    `reason` is a fixed word, `error` what is raised; faults of names have none of their own, since
    all of these are told at once.
    """

    row: int
    name: str | None
    reason: str
    error: InvalidInput | None = None


@dataclass(frozen=True)
class Written:
    """Names and kinds of all members end to end, the members of each cell, and cells at fault.

    `bare` is the kind of a gene of which none was said.
    """

    cells: Sequence[Any]
    names: list[str]
    kinds: list[str]
    order: Int64[np.ndarray, "cells"]
    faults: list[Fault]
    bare: int = ABSENT

    @property
    def row(self) -> Int64[np.ndarray, "members"]:
        """The row of each member."""
        return np.repeat(np.arange(len(self.order)), self.order)

    def text(self, row: int) -> str:
        """A set in one word."""
        if isinstance(self.cells[row], str):
            return self.cells[row]
        start = int(self.order[:row].sum())
        return PLUS.join(self.member(start + place) for place in range(self.order[row]))

    def member(self, number: int) -> str:
        """A member in one word: ADE2 where its kind is `bare`, else ADE2:added."""
        name, kind = self.names[number], self.kinds[number]
        return name if kind == KINDS[self.bare] else f"{name}{MEMBER}{kind}"


def read_cells(cells: Sequence[Any], as_text: bool, bare: int = ABSENT) -> Written:
    """Names and kinds of sets; with `as_text`, texts are read as the command line reads them.

    `bare` is the kind of a gene of which none is said.
    """
    names: list[str] = []
    kinds: list[str] = []
    order = np.zeros(len(cells), np.int64)
    faults: list[Fault] = []
    for row, cell in enumerate(cells):
        try:
            members = _of_text(cell, row, bare) if as_text else _of_object(cell, row, bare)
        except InvalidInput as error:
            faults.append(_no_set(row, cell, error))
            continue
        order[row] = len(members)
        for name, kind in members:
            names.append(name)
            kinds.append(kind)
    return Written(cells, names, kinds, order, faults, bare)


def _of_text(cell: Any, row: int, bare: int) -> Iterable[tuple[str, str]]:
    """The members in a cell of a table; nothing at all is the wildtype, as in our own results."""
    if isinstance(cell, str) and (is_name(cell) or not cell.strip()):
        return read_set(cell, bare)
    return _of_object(None if isinstance(cell, str) else cell, row, bare)


def _of_object(one: Any, row: int, bare: int) -> list[tuple[str, str]]:
    """The members of one set; those without an order of their own by name, for the errors' sake."""
    if is_wildtype(one):
        return []
    if isinstance(one, set | frozenset):
        one = sorted(one, key=repr)
    if isinstance(one, dict | list | tuple) or (isinstance(one, np.ndarray) and one.ndim == 1):
        members = one.items() if isinstance(one, dict) else one
        return [_named(member, row, bare) for member in members]
    raise violation(row, reprlib.repr(one), _SET)


def _named(member: Any, row: int, bare: int) -> tuple[str, Any]:
    """The name and the kind of a member."""
    if isinstance(member, str) and member.strip():
        return str(member), KINDS[bare]
    if isinstance(member, list | tuple) and len(member) == 2:
        name, kind = member
        if isinstance(name, str) and name.strip():
            return str(name), kind if isinstance(kind, str) else repr(kind)
        member = name if is_missing(name) else member
    raise violation(row, reprlib.repr(member), _MEMBER)


def _no_set(row: int, cell: Any, error: InvalidInput) -> Fault:
    """The fault of a cell that was not read: it lacks a name, or is no set."""
    if isinstance(cell, str):
        return Fault(row, cell, NOT_A_SET if is_name(cell) else REASONS[NO_NAME], error)
    if is_missing(cell) or (isinstance(cell, Iterable) and any(map(is_missing, cell))):
        return Fault(row, None, REASONS[NO_NAME], error)
    return Fault(row, reprlib.repr(cell), NOT_A_SET, error)


def violation(row: int | None, got: str, expected: str) -> ContractViolation:
    """The error of one set, or of the whole list."""
    where = "perturbations" if row is None else f"perturbations[{row}]"
    return ContractViolation([Violation(where, got, expected)])
