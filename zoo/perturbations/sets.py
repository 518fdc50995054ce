"""Perturbation sets as people hand them over, resolved to positions. Nothing is changed."""

import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int64

from contracts.errors import ContractViolation, EmptyInput, InvalidOption, Violation
from contracts.genes.vocabulary import REASONS, Skipped, Vocabulary
from contracts.perturbations.kinds import (
    ABSENT,
    KINDS,
    WILDTYPE,
    is_wildtype,
    kind_code,
    pack,
    repeated,
    unpack,
)
from zoo.perturbations.composition import Sets
from zoo.perturbations.notation import joined, read_set
from zoo.tables.columns import WrongColumns, perturbation_name

WHERE = "perturbations"
_SETS = "a list of sets, such as [['YAL002W', 'YBR001C'], ['ADE2']]"
_SET = (
    "a set of genes such as ['YAL002W', 'YBR001C'], {'ADE2': 'overexpressed'}, or [] or 'wildtype'"
)
_MEMBER = "a gene such as 'YAL002W', or a gene and a kind such as ('YAL002W', 'added')"


@dataclass(frozen=True)
class Located:
    """Sets whose names led to genes, and those that were left out.

    `kept` has the row of the input that each set comes from, counted from 0; `skipped` the others.
    """

    sets: Sets
    kept: Int64[np.ndarray, "sets"]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True)
class _Written:
    """Names and kinds of all members end to end, the set of each, and how many sets there are."""

    names: list[str]
    kind: Int64[np.ndarray, "members"]
    set: Int64[np.ndarray, "members"]
    total: int


def located(sets: Any, vocabulary: Vocabulary, limit: int, on_unknown: object) -> Located:
    """The sets, as PerturbationScorer.predict takes them, as codes of genes and kinds.

    `limit` is how many changed members a set may have; with `on_unknown` "skip", sets with an
    unknown or ambiguous name are left out.

    Raises:
        EmptyInput: there is no set at all (one empty set is the wildtype).
        UnknownGene, AmbiguousGene: with on_unknown="raise".
        InvalidOption: an unknown kind.
        ContractViolation: no list of sets, several genes typed as one, a gene twice in a set, a set
            larger than the limit.
    """
    if on_unknown not in ("raise", "skip"):
        raise InvalidOption("on_unknown", on_unknown, "'raise' or 'skip'")
    written = _written(sets)
    gene = vocabulary.locate_genes(written.names)
    faulty = np.flatnonzero(gene < 0)
    if len(faulty) and on_unknown == "raise":
        _check_apart(written, faulty, vocabulary)
        vocabulary.gene_index(written.names)  # raises for every unknown name at once
    left_out, first = np.unique(written.set[faulty], return_index=True)
    skipped = tuple(
        Skipped(row, written.names[member], REASONS[int(gene[member])])
        for row, member in zip(left_out.tolist(), faulty[first].tolist(), strict=True)
    )
    kept = np.setdiff1d(np.arange(written.total), left_out)
    ordered = np.lexsort((gene, written.set))
    ordered = ordered[~np.isin(written.set[ordered], left_out)]
    code = pack(gene[ordered], written.kind[ordered])
    _check_once(code, written, ordered, vocabulary)
    order = np.bincount(written.set[ordered], minlength=written.total)[kept]
    found = Sets(code, order.astype(np.int64))
    _check_size(found, kept, limit)
    return Located(found, kept, skipped)


def _written(sets: Any) -> _Written:
    if hasattr(sets, "columns"):
        sets = _texts(sets)
    if isinstance(sets, str | bytes | dict) or not isinstance(sets, Iterable):
        raise _violation(WHERE, sets, _SETS)
    names: list[str] = []
    order: list[int] = []
    kinds: dict[int, int] = {}
    for row, one in enumerate(sets):
        members = _members(one, row)
        order.append(len(members))
        for member in members:
            if type(member) is not str:
                member, kind = _named(member, row)
                kinds[len(names)] = kind
            names.append(member)
    if not order:
        raise EmptyInput(WHERE, "[['YAL002W', 'YBR001C']]")
    kind = np.full(len(names), ABSENT, dtype=np.int64)
    kind[list(kinds)] = list(kinds.values())
    number = np.repeat(np.arange(len(order)), order)
    for member, name in enumerate(names):
        if not name.strip():
            raise _violation(f"{WHERE}[{number[member]}]", name, _MEMBER)
    return _Written(names, kind, number, len(order))


def _texts(frame: Any) -> list[Any]:
    """The sets in a column of a DataFrame, texts read as the command line does."""
    try:
        column = frame[perturbation_name(frame.columns)]
    except WrongColumns as error:
        got = f"a DataFrame with columns {', '.join(map(str, frame.columns)) or 'none'}"
        raise _violation(WHERE, got, "one with a column 'perturbation'") from error
    return [read_set(one) if isinstance(one, str) else one for one in column]


def _members(one: Any, row: int) -> list[Any]:
    """The members of one set; those without an order of their own by name, for the errors' sake."""
    if is_wildtype(one):
        return []
    if isinstance(one, dict):
        return list(one.items())
    if isinstance(one, set | frozenset):
        return sorted(one, key=repr)
    if isinstance(one, np.ndarray) and one.ndim == 1:
        return one.tolist()
    if isinstance(one, list | tuple):
        return list(one)
    raise _violation(f"{WHERE}[{row}]", one, _SET)


def _named(member: Any, row: int) -> tuple[str, int]:
    """The name and the kind of a member that is no plain string."""
    if isinstance(member, str):  # numpy's
        return str(member), ABSENT
    if not isinstance(member, list | tuple) or len(member) != 2 or not isinstance(member[0], str):
        raise _violation(f"{WHERE}[{row}]", member, _MEMBER)
    return str(member[0]), kind_code(member[1])


def _check_apart(
    written: _Written, faulty: Int64[np.ndarray, "members"], vocabulary: Vocabulary
) -> None:
    """Raise ContractViolation for every name that is several, or stands for the whole set."""
    violations = []
    for member in faulty.tolist():
        name, where = written.names[member], f"{WHERE}[{written.set[member]}]"
        if is_wildtype(name):
            expected = f"[] or {WILDTYPE!r} in place of the set, or genes without it"
            violations.append(Violation(where, f"{name!r} as a gene", expected))
        elif several := joined(name, vocabulary):
            shown = ", ".join(repr(one[0] if one[1] == KINDS[ABSENT] else one) for one in several)
            got = f"{reprlib.repr(name)} as one gene"
            violations.append(Violation(where, got, f"each gene by itself: {shown}"))
    if violations:
        raise ContractViolation(violations)


def _check_once(
    code: Int64[np.ndarray, "members"],
    written: _Written,
    ordered: Int64[np.ndarray, "members"],
    vocabulary: Vocabulary,
) -> None:
    """Raise ContractViolation for every gene that a set has twice, under whatever names."""
    gene, number = unpack(code)[0], written.set[ordered]
    violations = []
    for at in repeated(number, gene).tolist():
        names = " and ".join(repr(written.names[ordered[place]]) for place in (at, at + 1))
        got = f"{vocabulary.genes[gene[at]]} twice, as {names}"
        violations.append(Violation(f"{WHERE}[{number[at]}]", got, "each gene once in a set"))
    if violations:
        raise ContractViolation(violations)


def _check_size(sets: Sets, kept: Int64[np.ndarray, "sets"], limit: int) -> None:
    order = sets.changed().order
    large = np.flatnonzero(order > limit).tolist()
    if large:
        expected = f"at most {limit}, the limit of this entry"
        raise ContractViolation(
            [Violation(f"{WHERE}[{kept[row]}]", f"{order[row]} genes", expected) for row in large]
        )


def _violation(where: str, got: object, expected: str) -> ContractViolation:
    return ContractViolation([Violation(where, reprlib.repr(got), expected)])
