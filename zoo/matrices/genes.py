"""Which column of a matrix is which gene of an entry.

A name in another case than the species writes it leads nowhere: case tells GCG from Gcg.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

from contracts.errors import LowCoverage, RepeatedGene
from contracts.genes.vocabulary import Vocabulary
from contracts.wording import shorten

_RANKS = {"symbol": 0, "ensembl": 0, "previous": 1}
"""Which of several columns is meant: an old name gives way to an approved one, an alias to both."""
_LAST = 2

FEW_GENES, KNOWN = 8000, 0.05
"""A matrix with fewer genes was filtered, if this share of them is known."""

ENSEMBL = {"human": "ENS", "mouse": "ENSMUS"}
"""What Ensembl ids of a species' genes begin with, before the G."""

_ENSEMBL = re.compile(r"(ENS[A-Z]*)G[0-9]{11}(\.[0-9]+)?")


@dataclass(frozen=True)
class Coverage:
    """The genes of an entry that some names lead to, `share` of all of them."""

    species: str
    share: float
    found: tuple[str, ...] = field(repr=False)
    missing: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, eq=False)
class GeneColumns:
    """The column of a matrix for every gene of an entry, -1 where it has none."""

    species: str
    symbols: tuple[str, ...]
    column: Int64[np.ndarray, "genes"]

    @classmethod
    def of(cls, names: Sequence[Any], species: str, vocabulary: Vocabulary) -> "GeneColumns":
        """Look names up; raises RepeatedGene, or ContractViolation for what is no name."""
        position, rank = _located(names, vocabulary)
        column = np.full(len(vocabulary), -1)
        best = np.full(len(vocabulary), _LAST + 1)
        good = np.flatnonzero(position >= 0)
        np.minimum.at(best, position[good], rank[good])
        chosen = good[rank[good] == best[position[good]]]
        column[position[chosen]] = chosen
        if (twice := np.bincount(position[chosen], minlength=1) > 1).any():
            gene = int(np.argmax(twice))
            same = [names[at] for at in chosen[position[chosen] == gene].tolist()]
            raise RepeatedGene(vocabulary.genes[gene], same)
        return cls(species, vocabulary.genes, column)

    @property
    def present(self) -> Bool[np.ndarray, "genes"]:
        """Which genes the matrix has."""
        return self.column >= 0

    @property
    def coverage(self) -> Coverage:
        """The same by name."""
        sides: tuple[list[str], list[str]] = ([], [])
        for symbol, there in zip(self.symbols, self.present.tolist(), strict=True):
            sides[not there].append(symbol)
        return Coverage(self.species, float(self.present.mean()), *map(tuple, sides))


def _located(
    names: Sequence[Any], vocabulary: Vocabulary
) -> tuple[Int64[np.ndarray, "names"], Int64[np.ndarray, "names"]]:
    """Position of every name in the vocabulary, negative for none, and how good a name it is."""
    position = vocabulary.locate_genes(names)
    rank = np.zeros(len(names), np.int64)
    for at in np.flatnonzero(position >= 0).tolist():
        if names[at].strip() == vocabulary.genes[position[at]]:
            continue
        via = vocabulary.resolve(names[at]).via
        if via == "case":
            position[at] = -1
        rank[at] = _RANKS.get(str(via), _LAST)
    return position, rank


def require_coverage(
    columns: GeneColumns,
    floor: float,
    vocabularies: Mapping[str, Vocabulary],
    named: Mapping[str, Iterable[Any]],
) -> None:
    """Raise LowCoverage, with the likely cause, where the matrix has too few genes.

    `named` are the names that were looked up, as `genes`, and whatever else could have been: the
    `cells`, and columns of the matrix's own table by what to type for them.
    """
    if columns.present.mean() >= floor:
        return
    cause = next(_causes(columns.species, floor, vocabularies, named))
    present, total = int(columns.present.sum()), len(columns.symbols)
    raise LowCoverage(columns.species, present, total, floor, cause)


def _causes(
    species: str,
    floor: float,
    vocabularies: Mapping[str, Vocabulary],
    named: Mapping[str, Iterable[Any]],
) -> Iterator[str]:
    """What may be wrong, the likeliest first."""
    genes, cells = named["genes"], named.get("cells", ())
    for other in vocabularies:
        if other != species and _share(genes, vocabularies[other]) >= floor:
            yield f"Most of its genes have names of {other}: type species={other!r}"
    vocabulary = vocabularies[species]
    if _share(cells, vocabulary) >= floor:
        yield "Its rows are named like genes: transpose it, so that rows are cells"
    for typed, names in named.items():
        if typed not in ("genes", "cells") and _share(names, vocabulary) >= floor:
            yield f"Other names of its genes fit: type {typed}"
    first = next(iter(genes), "")
    if (match := _ENSEMBL.fullmatch(first)) and match[1] != ENSEMBL.get(species, match[1]):
        yield f"Names such as {first} are Ensembl ids of another species"
    folded = {gene.upper() for gene in vocabulary.genes}
    if sum(name.upper() in folded for name in genes) >= floor * len(folded):
        yield f"Its names differ in case from those of {species}, such as {vocabulary.genes[0]}"
    texts = list(genes)
    if len(texts) < FEW_GENES and _share(texts, vocabulary) * len(vocabulary) > KNOWN * len(texts):
        yield (
            f"It has only {len(texts)} genes, and those it lacks may have been filtered out: give "
            "all genes, such as adata.raw.to_adata()"
        )
    yield (
        f"Names such as {shorten(first)} are looked up as symbols and Ensembl ids of {species}: "
        "check the species, and whether the columns are genes"
    )


def _share(names: Iterable[Any], vocabulary: Vocabulary) -> float:
    """The share of a vocabulary's genes that names lead to."""
    texts = [name for name in names if isinstance(name, str) and name.strip()]
    position, _ = _located(texts, vocabulary)
    return len(np.unique(position[position >= 0])) / len(vocabulary)
