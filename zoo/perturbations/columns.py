"""A column of sets, as people type them, to positions: what can be used, and what is wrong.

A row is told apart by its text: every distinct one is read, and every distinct name resolved, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Int64

from contracts.errors import InvalidOption, UnsupportedKind
from contracts.genes.vocabulary import REASONS, Vocabulary
from contracts.perturbations.kinds import PRESENT, kind_code, pack, repeated
from zoo.perturbations.composition import Sets
from zoo.perturbations.notation import joined, read_set
from zoo.tables.arrow import distinct
from zoo.tables.columns import FAULTS, NO_NAME, NOTHING

NOT_A_SET, UNKNOWN_KIND, GENE_TWICE, TOO_MANY, UNSEEN_KIND = (
    "not-a-set",
    "unknown-kind",
    "gene-twice",
    "too-many-genes",
    UnsupportedKind.code,
)
"""What is wrong with a set whose names may all be right."""

NO_KIND = -1

# Nothing at all is the wildtype, as in results of our own.
_LACKING = NOTHING - {""}

Rows = Int64[np.ndarray, "rows"]
Members = Int64[np.ndarray, "members"]


@dataclass(frozen=True)
class Fault:
    """Why a set cannot be used: the name at fault, None where there was nothing, and a reason."""

    name: str | None
    reason: str


@dataclass(frozen=True)
class SetColumn:
    """The distinct sets of a column that can be used, and where its rows lead to.

    `place` has the position of each row's set among `sets`; -1 - n for a row with the n-th fault.
    """

    sets: Sets
    place: Rows
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class _Read:
    """Names and kinds end to end, the text that each stands in, and texts that are no sets."""

    texts: Sequence[str | None]
    names: list[str]
    kinds: list[str]
    order: Int64[np.ndarray, "texts"]
    faults: dict[int, Fault]


def read_column(
    column: pa.Array,
    vocabulary: Vocabulary,
    limit: int,
    kinds: Bool[np.ndarray, "kinds"] | None = None,
) -> SetColumn:
    """Read a column of text, or a dictionary of text.

    `limit` is how many changed genes may be, and `kinds` which kinds: None for all.
    """
    texts, rows = distinct(column)
    read = _read(texts)
    text = np.repeat(np.arange(len(texts)), read.order)
    gene = _each(read.names, vocabulary.locate_genes)
    kind = _each(read.kinds, lambda kinds: np.array([_kind(one) for one in kinds], np.int64))
    ordered = np.lexsort((gene, text))
    faults = read.faults
    _add_names(faults, read, text, gene, kind, vocabulary)
    _add_sets(faults, read, text[ordered], gene[ordered], kind[ordered], limit)
    for member in [] if kinds is None else np.flatnonzero((kind >= 0) & ~kinds[kind]).tolist():
        faults.setdefault(int(text[member]), Fault(read.kinds[member], UNSEEN_KIND))
    usable = np.ones(len(texts), bool)
    usable[list(faults)] = False
    place = np.where(usable, np.cumsum(usable) - 1, 0)
    for number, faulty in enumerate(faults):
        place[faulty] = -1 - number
    code = pack(gene, kind)[ordered][usable[text[ordered]]]
    return SetColumn(Sets(code, read.order[usable]), place[rows], tuple(faults.values()))


def _read(texts: Sequence[str | None]) -> _Read:
    names: list[str] = []
    kinds: list[str] = []
    order = np.zeros(len(texts), np.int64)
    faults: dict[int, Fault] = {}
    for number, text in enumerate(texts):
        if text is None or text.strip().lower() in _LACKING:
            faults[number] = Fault(text, FAULTS[NO_NAME])
            continue
        try:
            members = read_set(text)
        except InvalidOption:
            faults[number] = Fault(text, NOT_A_SET)
            continue
        order[number] = len(members)
        names += [name for name, _ in members]
        kinds += [kind for _, kind in members]
    return _Read(texts, names, kinds, order, faults)


def _each(words: list[str], locate: Any) -> Members:
    """What each word leads to, every distinct one looked up once."""
    distinct = {word: number for number, word in enumerate(dict.fromkeys(words))}
    found = locate(list(distinct))
    return found[np.array([distinct[word] for word in words], np.int64)]


def _kind(written: str) -> int:
    try:
        return kind_code(written)
    except InvalidOption:
        return NO_KIND


def _add_names(
    faults: dict[int, Fault],
    read: _Read,
    text: Members,
    gene: Members,
    kind: Members,
    vocabulary: Vocabulary,
) -> None:
    """Add the first fault of a name in each text: a gene that is none, or several, or a kind."""
    for member in np.flatnonzero((gene < 0) | (kind < 0)).tolist():
        if gene[member] < 0 and joined(read.names[member], vocabulary):
            fault = Fault(read.texts[int(text[member])], NOT_A_SET)
        elif gene[member] < 0:
            fault = Fault(read.names[member], REASONS[int(gene[member])])
        else:
            fault = Fault(read.kinds[member], UNKNOWN_KIND)
        faults.setdefault(int(text[member]), fault)


def _add_sets(
    faults: dict[int, Fault], read: _Read, text: Members, gene: Members, kind: Members, limit: int
) -> None:
    """Add sets that have a gene twice, or too many; members are ordered by text and gene."""
    twice = text[repeated(text, gene)]
    large = np.flatnonzero(np.bincount(text[kind != PRESENT], minlength=len(read.texts)) > limit)
    for some, reason in ((twice, GENE_TWICE), (large, TOO_MANY)):
        for number in some.tolist():
            faults.setdefault(number, Fault(read.texts[number], reason))
