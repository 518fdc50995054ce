"""Sets of perturbed genes to positions; and what is wrong with those that cannot be used."""

import reprlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

from contracts.errors import (
    AmbiguousGene,
    ContractViolation,
    EmptyInput,
    InvalidInput,
    InvalidOption,
    UnknownGene,
    UnsupportedKind,
)
from contracts.genes.vocabulary import REASONS, Skipped, Vocabulary
from contracts.sets.kinds import (
    ABSENT,
    KINDS,
    PRESENT,
    WILDTYPE,
    is_kind,
    is_wildtype,
    kind_code,
    kinds_there_are,
    pack,
    repeated,
)
from zoo.sets.members import Sets
from zoo.sets.notation import check_names, joined, read_set
from zoo.sets.written import NOT_A_SET, Fault, Written, read_cells, violation
from zoo.tables.columns import WrongColumns, perturbation_name

UNKNOWN_KIND, GENE_TWICE, TOO_MANY, UNSEEN_KIND = (
    "unknown-kind",
    "gene-twice",
    "too-many-genes",
    UnsupportedKind.code,
)
"""What else than its names may be wrong with a set, beside NOT_A_SET."""

NO_KIND = -1
_SETS = "a list of sets, such as [['YAL002W', 'YBR001C'], ['ADE2']]"

Members = Int64[np.ndarray, "members"]


@dataclass(frozen=True)
class Located:
    """The sets that can be used, the row of each, counted from 0, and why the others cannot be."""

    sets: Sets
    kept: Int64[np.ndarray, "sets"]
    faults: list[Fault]

    @property
    def first_faults(self) -> dict[int, Fault]:
        """The first fault of each row that has one, rows ascending."""
        first = {fault.row: fault for fault in reversed(self.faults)}
        return dict(sorted(first.items()))

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """The rows that are left out."""
        return tuple(
            Skipped(row, fault.name or "", fault.reason) for row, fault in self.first_faults.items()
        )

    def error(self, vocabulary: Vocabulary) -> tuple[int, InvalidInput] | None:
        """What is raised for the faults, and the row it is about; None where there is no fault.

        Kinds go first, then names, all unknown ones at once, then all that is wrong as the first.
        """
        names = [fault for fault in self.faults if fault.error is None]
        others = [(fault, fault.error) for fault in self.faults if fault.error is not None]
        kinds = [one for one in others if one[0].reason == UNKNOWN_KIND]
        if names and not kinds:
            try:
                vocabulary.gene_index([str(fault.name) for fault in names])
            except (UnknownGene, AmbiguousGene) as error:
                return next(fault.row for fault in names if fault.name == error.name), error
        if not others:
            return None
        first, error = (kinds or others)[0]
        if isinstance(error, ContractViolation):
            alike = [error for fault, error in others if fault.reason == first.reason]
            error = ContractViolation([v for one in alike for v in getattr(one, "violations", ())])
        return first.row, error


def sets_of(
    sets: Any,
    vocabulary: Vocabulary,
    limit: int,
    on_unknown: object = "raise",
    kinds: Bool[np.ndarray, "kinds"] | None = None,
    bare: int = ABSENT,
) -> Located:
    """Sets as PerturbationScorer.predict takes them, as codes of genes and kinds.

    `limit` is how many changed members a set may have, and `kinds` which kinds: None for all;
    `bare` is the kind of a gene of which none is said. With `on_unknown` "skip", sets that cannot
    be used are left out.

    Raises:
        EmptyInput: there is no set at all (one empty set is the wildtype).
        InvalidOption: `on_unknown` is none of the two, or with "raise" a kind that does not exist.
        ContractViolation: no list of sets; with "raise" also what is no set, several genes typed as
            one, a gene twice in a set, a set larger than the limit.
        UnknownGene, AmbiguousGene, UnsupportedKind: with "raise".
    """
    if on_unknown not in ("raise", "skip"):
        raise InvalidOption("on_unknown", on_unknown, "'raise' or 'skip'")
    as_text = hasattr(sets, "columns")
    cells = _column(sets) if as_text else sets
    if isinstance(cells, str | bytes | dict) or not isinstance(cells, Iterable):
        raise violation(None, reprlib.repr(cells), _SETS)
    cells = list(cells)
    if not cells:
        raise EmptyInput("perturbations", "[['YAL002W', 'YBR001C']]")
    found = located(read_cells(cells, as_text, bare), vocabulary, limit, kinds)
    if on_unknown == "raise" and (wrong := found.error(vocabulary)):
        raise wrong[1]
    return found


def located(
    written: Written,
    vocabulary: Vocabulary,
    limit: int,
    kinds: Bool[np.ndarray, "kinds"] | None = None,
) -> Located:
    """Positions of what was read; every distinct name is looked up once."""
    row = written.row
    gene = _each(written.names, vocabulary.locate_genes)
    kind = _each(written.kinds, lambda words: np.array([_code(one) for one in words], np.int64))
    ordered = np.lexsort((gene, row))
    faults = [
        *written.faults,
        *_of_names(written, row, gene, kind, vocabulary),
        *_twice(written, row, gene, ordered, vocabulary),
        *_large(written, row, kind, limit),
        *_unseen(written, row, kind, kinds),
    ]
    usable = np.ones(len(written.order), bool)
    usable[[fault.row for fault in faults]] = False
    code = pack(gene, kind)[ordered][usable[row[ordered]]]
    return Located(Sets(code, written.order[usable]), np.flatnonzero(usable), faults)


def _column(frame: Any) -> list[Any]:
    """The sets in a column of a DataFrame."""
    try:
        return list(frame[perturbation_name(frame.columns)])
    except WrongColumns as error:
        got = f"a DataFrame with columns {', '.join(map(str, frame.columns)) or 'none'}"
        raise violation(None, got, "one with a column 'perturbation'") from error


def _each(words: list[str], locate: Callable[[list[str]], Members]) -> Members:
    """What each word leads to, every distinct one looked up once."""
    distinct = {word: number for number, word in enumerate(dict.fromkeys(words))}
    found = locate(list(distinct))
    return found[np.array([distinct[word] for word in words], np.int64)]


def _code(word: str) -> int:
    return kind_code(word) if is_kind(word) else NO_KIND


def _of_names(
    written: Written, row: Members, gene: Members, kind: Members, vocabulary: Vocabulary
) -> Iterator[Fault]:
    """Genes that are none, or several, or several typed as one; and kinds that are none."""
    for member in np.flatnonzero((gene < 0) | (kind < 0)).tolist():
        name, at = written.names[member], int(row[member])
        if gene[member] >= 0:
            kind_error = InvalidOption("kind", written.kinds[member], f"one of {kinds_there_are()}")
            yield Fault(at, written.kinds[member], UNKNOWN_KIND, kind_error)
        elif error := _apart(written, at, name, vocabulary):
            yield Fault(at, written.text(at), NOT_A_SET, error)
        else:
            yield Fault(at, name, REASONS[int(gene[member])])


def _apart(written: Written, row: int, name: str, vocabulary: Vocabulary) -> InvalidInput | None:
    """The error of a name that is several genes, or the whole set; None for any other one."""
    cell = written.cells[row]
    if isinstance(cell, str):
        try:
            check_names(cell, read_set(cell, written.bare), vocabulary, written.bare)
        except InvalidOption as error:
            return error
        return None
    if is_wildtype(name):
        expected = f"[] or {WILDTYPE!r} in place of the set, or genes without it"
        return violation(row, f"{name!r} as a gene", expected)
    if several := joined(name, vocabulary, written.bare):
        shown = ", ".join(repr(one[0] if one[1] == KINDS[written.bare] else one) for one in several)
        return violation(row, f"{reprlib.repr(name)} as one gene", f"each gene by itself: {shown}")
    return None


def _twice(
    written: Written, row: Members, gene: Members, ordered: Members, vocabulary: Vocabulary
) -> Iterator[Fault]:
    """Genes that a set has twice, under whatever names."""
    for at in repeated(row[ordered], gene[ordered]).tolist():
        first, second = ordered[at : at + 2].tolist()
        if gene[first] >= 0:
            where, names = int(row[first]), (written.names[first], written.names[second])
            got = f"{vocabulary.genes[gene[first]]} twice, as {' and '.join(map(repr, names))}"
            error = violation(where, got, "each gene once in a set")
            yield Fault(where, written.text(where), GENE_TWICE, error)


def _large(written: Written, row: Members, kind: Members, limit: int) -> Iterator[Fault]:
    """Sets with more changed genes than the entry takes."""
    order = np.bincount(row[kind != PRESENT], minlength=len(written.order))
    expected = f"at most {limit}, the limit of this entry"
    for at in np.flatnonzero(order > limit).tolist():
        error = violation(at, f"{order[at]} genes", expected)
        yield Fault(at, written.text(at), TOO_MANY, error)


def _unseen(
    written: Written, row: Members, kind: Members, kinds: Bool[np.ndarray, "kinds"] | None
) -> Iterator[Fault]:
    """Members of a kind that training has not seen."""
    if kinds is None:
        return
    trained = [KINDS[one] for one in np.flatnonzero(kinds).tolist()]
    for member in np.flatnonzero((kind >= 0) & ~kinds[kind]).tolist():
        name = written.member(member)
        error = UnsupportedKind(name, KINDS[kind[member]], trained)
        yield Fault(int(row[member]), name, UNSEEN_KIND, error)
