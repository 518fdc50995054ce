"""The genes an entry knows, and how people's names for them are resolved.

An approved symbol always wins; then previous symbols, aliases, Ensembl, UniProt and HGNC ids count
alike, and a name that leads to two genes is refused with both. Nothing is ever guessed.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from contracts.errors import ContractViolation, InvalidOption, Violation
from contracts.genes import table
from contracts.genes.faults import (
    AMBIGUOUS,
    NO_NAME,
    NOT_A_REGULATOR,
    REASONS,
    UNKNOWN,
    Column,
    checked,
    raise_faults,
)
from contracts.genes.names import GeneNames, Via
from contracts.genes.table import GeneRecord

__all__ = ["FILENAME", "REASONS", "GeneRecord", "Match", "PairIndex", "Skipped", "Vocabulary"]

FILENAME = "vocabulary.tsv.gz"


@dataclass(frozen=True)
class Match:
    """What a name led to.

    `exact` is an approved symbol, in whatever case (`via` tells); `alias` any other name of one
    gene. `candidates` holds the genes of an ambiguous name, `near` the names like an unknown one.
    """

    query: str
    status: Literal["exact", "alias", "ambiguous", "unknown"]
    symbol: str | None = None
    via: Via | None = None
    candidates: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """A row left out: its number from 0, the name at fault and the error code it would raise."""

    row: int
    name: str
    reason: str


@dataclass(frozen=True)
class PairIndex:
    """Pairs as positions: tf and gene int64 [kept], kept int64 [kept] the rows they come from."""

    tf: NDArray[np.int64]
    gene: NDArray[np.int64]
    kept: NDArray[np.int64]
    skipped: tuple[Skipped, ...]


class Vocabulary:
    """The genes of an entry (sorted), those that can be regulators, and all their names.

    Made by `load` from a file or by `from_records` in memory; never changed afterwards.
    """

    def __init__(self, text: str, source: str | PathLike[str] = "vocabulary") -> None:
        columns = table.parse(text, source)
        self._text = text
        self._names = GeneNames(columns)
        self.genes: tuple[str, ...] = columns[0]
        self.regulators: tuple[str, ...] = tuple(
            symbol for symbol, flag in zip(columns[0], columns[1], strict=True) if flag == "1"
        )

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read vocabulary.tsv.gz; raises MissingArtefact or CorruptArtefact naming the file."""
        return cls(table.read(path), path)

    @classmethod
    def from_records(cls, records: Iterable[GeneRecord]) -> Self:
        """Build one in memory; raises ContractViolation for duplicated or unfit names."""
        return cls(table.render(records))

    def extended(self, records: Iterable[GeneRecord]) -> Self:
        """These genes and further ones, in memory.

        Raises ContractViolation for unfit names and for those that lead to a gene already.
        """
        added = list(records)
        found = [
            Violation(record.symbol, f"a name of {', '.join(genes)}", "a name that no gene has yet")
            for record in added
            if (genes := self._names.symbols(record.symbol))
        ]
        if found:
            raise ContractViolation(found)
        return type(self)(table.merged(self._text, table.render(added)))

    def save(self, path: str | PathLike[str]) -> None:
        """Write vocabulary.tsv.gz: the same vocabulary always gives the same bytes."""
        table.write(self._text, path)

    def __len__(self) -> int:
        return len(self.genes)

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._names.positions

    def __repr__(self) -> str:
        return f"Vocabulary({len(self.genes)} genes, {len(self.regulators)} regulators)"

    @cached_property
    def digest(self) -> str:
        """sha256 of the decompressed table."""
        return hashlib.sha256(self._text.encode("utf-8")).hexdigest()

    @property
    def common_names(self) -> tuple[str, ...]:
        """What each gene is called, in the order of `genes`: its symbol where there is no other.

        For yeast, whose symbols are systematic names: the first alias that is no SGD id.
        """
        return self._names.common

    @cached_property
    def _regulator_positions(self) -> dict[str, int]:
        return {symbol: position for position, symbol in enumerate(self.regulators)}

    def resolve(self, query: str) -> Match:
        """What one name leads to; raises ContractViolation for an empty one or no string."""
        (name,) = checked([query], "query")
        symbols = self._names.symbols(name)
        if not symbols:
            return Match(query, "unknown", near=tuple(self._names.near(name, self.genes)))
        first, *others = symbols
        via = self._names.via(name, first)
        if others:
            return Match(query, "ambiguous", via=via, candidates=symbols)
        return Match(query, "exact" if via in ("symbol", "case") else "alias", first, via)

    def symbols(self, names: Iterable[str]) -> list[str | None]:
        """The approved symbol of every name, None for an unknown or ambiguous one.

        For tables whose unmatched rows are counted; raises ContractViolation for an empty name.
        """
        found = (self._names.symbols(name) for name in checked(names, "names"))
        return [symbols[0] if len(symbols) == 1 else None for symbols in found]

    def gene_index(self, names: Iterable[str]) -> NDArray[np.int64]:
        """Positions in the gene list, int64 [names], in order, duplicates kept.

        Raises UnknownGene (all unknown names at once), AmbiguousGene, or ContractViolation.
        """
        column = self._gene_column(checked(names, "genes"))
        raise_faults([column], self._names)
        return column.positions

    def regulator_index(self, names: Iterable[str]) -> NDArray[np.int64]:
        """Positions in the regulator list, int64 [names], in order, duplicates kept.

        Raises UnknownGene (all unknown names at once), AmbiguousGene, NotARegulator, or
        ContractViolation.
        """
        column = self._tf_column(checked(names, "tfs"))
        raise_faults([column], self._names)
        return column.positions

    def locate_genes(self, names: Iterable[str]) -> NDArray[np.int64]:
        """Positions in the gene list, int64 [names]; a key of REASONS where a name leads to none.

        For columns of distinct names, whose faults are told row by row; raises ContractViolation
        for an empty name.
        """
        return self._gene_column(checked(names, "genes")).positions

    def locate_tfs(self, names: Iterable[str]) -> NDArray[np.int64]:
        """Positions in the regulator list, as `locate_genes` gives those in the gene list."""
        return self._tf_column(checked(names, "tfs")).positions

    def resolve_pairs(
        self,
        tfs: Iterable[str],
        genes: Iterable[str],
        on_unknown: Literal["raise", "skip"] = "raise",
    ) -> PairIndex:
        """Positions of pairs, row by row, duplicates kept.

        With on_unknown="skip", a row with an unknown, ambiguous or missing name, or a tf that is no
        regulator, is left out and reported once, the tf before the gene. With "raise", raises as
        `regulator_index` and `gene_index` do, the unknown names of both columns together. What is
        no text raises ContractViolation either way, but for None and NaN, which are missing names.
        """
        if on_unknown not in ("raise", "skip"):
            raise InvalidOption("on_unknown", on_unknown, "'raise' or 'skip'")
        skip = on_unknown == "skip"
        tf_names, gene_names = checked(tfs, "tfs", skip), checked(genes, "genes", skip)
        if len(tf_names) != len(gene_names):
            got = f"{len(gene_names)} names"
            raise ContractViolation([Violation("genes", got, f"{len(tf_names)}, one for each tf")])
        tf, gene = self._tf_column(tf_names), self._gene_column(gene_names)
        if not skip:
            raise_faults([tf, gene], self._names)
        return _pair_index(tf, gene)

    def _gene_column(self, names: Sequence[str]) -> Column:
        return Column(names, self._positions(names, self._names.positions), self.genes)

    def _tf_column(self, names: Sequence[str]) -> Column:
        return Column(names, self._positions(names, self._regulator_positions), self.regulators)

    def _positions(self, names: Sequence[str], among: dict[str, int]) -> NDArray[np.int64]:
        """Positions, or the number of the fault: int64 [names]."""
        others = {name: self._position(name, among) for name in {*names}.difference(among)}
        found = [among[name] if name in among else others[name] for name in names]
        return np.array(found, dtype=np.int64)

    def _position(self, name: str, among: dict[str, int]) -> int:
        if not name.strip():
            return NO_NAME
        symbols = self._names.symbols(name)
        if len(symbols) == 1:
            return among.get(symbols[0], NOT_A_REGULATOR)
        return AMBIGUOUS if symbols else UNKNOWN


def _pair_index(tf: Column, gene: Column) -> PairIndex:
    """The rows without a fault, and for each other row its first fault."""
    good = (tf.positions >= 0) & (gene.positions >= 0)
    skipped: list[Skipped] = []
    for row in np.flatnonzero(~good).tolist():
        at_fault = tf if tf.positions[row] < 0 else gene
        reason = REASONS[int(at_fault.positions[row])]
        skipped.append(Skipped(row, at_fault.names[row], reason))
    kept = np.flatnonzero(good).astype(np.int64)
    return PairIndex(tf.positions[kept], gene.positions[kept], kept, tuple(skipped))
