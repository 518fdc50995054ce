"""From any written form of a gene's name to approved symbols.

An approved symbol always wins; previous symbols, aliases and ids count alike.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal

from contracts.genes import known
from contracts.genes.near import near_genes
from contracts.genes.table import COLUMNS, JOINT
from contracts.look_alikes import latin

Source = Literal["previous", "alias", "ensembl", "uniprot", "hgnc_id"]
Via = Literal["symbol", "case"] | Source

_COLUMN_OF: Mapping[Source, str] = {
    "previous": "previous",
    "alias": "aliases",
    "ensembl": "ensembl",
    "uniprot": "uniprot",
    "hgnc_id": "hgnc_id",
}

_REGISTERED = re.compile(r"S[0-9]{9}")
"""What SGD calls a gene: S000000002. It stands among the aliases, and nobody says it."""

_SYSTEMATIC = re.compile(r"Y[A-P][LR][0-9]{3}[WC](-[A-Z])?")
"""What yeast genes are called by their place: chromosome, arm, number and strand."""

_OF_A_GENE = re.compile(
    r"(?P<protein>[A-Za-z]{3}[0-9]+)p|(?P<deleted>.+?)[-_ ]?[\u0394\u2206][0-9]*"
)
"""Vps8p is the protein, and vps8 with a Greek delta (or the sign of an increment) the deletion."""

_VERSIONED = re.compile(r"(ENS[A-Z]*G[0-9]{11})\.[0-9]+(?:_PAR_Y)?")


def fold(name: str) -> str:
    """The form in which names are compared: no surrounding space, no case, no Ensembl version."""
    folded = name.strip().upper()
    if folded.startswith("ENS") and (match := _VERSIONED.fullmatch(folded)):
        return match.group(1)
    return folded


class GeneNames:
    """Dictionaries over the columns of a gene table, each built when it is first needed."""

    def __init__(self, columns: Sequence[Sequence[str]]) -> None:
        self._columns = columns

    @cached_property
    def positions(self) -> dict[str, int]:
        """Approved symbol to row."""
        return {symbol: position for position, symbol in enumerate(self._columns[0])}

    @cached_property
    def _by_case(self) -> dict[str, str]:
        table: dict[str, str] = {}
        for symbol in self._columns[0]:
            _add(table, symbol.upper(), symbol)
        return table

    @cached_property
    def _by_other_name(self) -> dict[str, str]:
        table: dict[str, str] = {}
        for source, column in _COLUMN_OF.items():
            cells = self._columns[COLUMNS.index(column)]
            for symbol, cell in zip(self._columns[0], cells, strict=True):
                if cell:
                    for key in _keys(cell, source):
                        _add(table, key, symbol)
        return table

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        """Previous symbols and aliases: what people may type for a symbol, but for ids."""
        columns = (self._columns[COLUMNS.index(column)] for column in ("previous", "aliases"))
        return tuple(
            name for cells in columns for cell in cells if cell for name in cell.split(JOINT)
        )

    @cached_property
    def common(self) -> tuple[str, ...]:
        """What each gene is called: its first alias that is no SGD id, else its symbol."""
        symbols, cells = self._columns[0], self._columns[COLUMNS.index("aliases")]
        return tuple(
            next((name for name in cell.split(JOINT) if _is_spoken(name)), symbol)
            for symbol, cell in zip(symbols, cells, strict=True)
        )

    @cached_property
    def species(self) -> Literal["human", "yeast"] | None:
        """Whose genes these are, as their names tell; None where they do not."""
        if any(self._columns[COLUMNS.index("hgnc_id")]):
            return "human"
        symbols = self._columns[0]
        systematic = sum(_SYSTEMATIC.fullmatch(symbol) is not None for symbol in symbols)
        return "yeast" if 2 * systematic >= len(symbols) else None

    def is_real(self, name: str) -> bool:
        """Whether an unknown name is that of a gene of the species, as its registry has them."""
        if self.species is None:
            return False
        return bool({fold(name), fold(_gene_in(name) or name)} & known.names(self.species))

    @property
    def expected(self) -> str:
        """What names of this table look like, for whom has typed one that is none."""
        if self.species == "human":
            return "an HGNC symbol, an alias, an Ensembl, UniProt or HGNC id"
        if self.species != "yeast":
            return "an approved symbol or another name of a gene"
        called = dict(zip(self._columns[0], self.common, strict=True))
        systematic = [symbol for symbol in called if _SYSTEMATIC.fullmatch(symbol)]
        one = next((s for s in systematic if called[s] != s), systematic[0])
        return f"a systematic name such as {one}, a common name such as {called[one]}, or an SGD id"

    def near(self, query: str, among: Sequence[str]) -> dict[str, str]:
        """Names like an unknown one, best first, and which symbol of `among` each stands for."""
        return near_genes(latin(query), among, self.spoken, self.symbols)

    def symbols(self, query: str) -> tuple[str, ...]:
        """The approved symbols a name leads to, sorted; none if it is unknown."""
        name = query.strip()
        if name in self.positions:
            return (name,)
        key = fold(name)
        found = self._by_case.get(key) or self._by_other_name.get(key)
        if found is None:
            gene = _gene_in(name) if self.species == "yeast" else None
            genes = self.symbols(gene) if gene else ()
            return genes if len(genes) == 1 else ()
        return tuple(sorted(found.split(JOINT))) if JOINT in found else (found,)

    def via(self, query: str, symbol: str) -> Via | None:
        """How the name leads to this symbol: the first way in the order of `Via`."""
        if query.strip() == symbol:
            return "symbol"
        key = fold(query)
        if key == symbol.upper():
            return "case"
        row = self.positions[symbol]
        for source, column in _COLUMN_OF.items():
            if key in _keys(self._columns[COLUMNS.index(column)][row], source):
                return source
        return self.via(gene, symbol) if (gene := _gene_in(query)) else None


def _gene_in(name: str) -> str | None:
    """The gene in a yeast protein's name (Vps8p) or in that of a deletion; None for other names."""
    match = _OF_A_GENE.fullmatch(name.strip())
    return match and (match["protein"] or match["deleted"])


def _is_spoken(name: str) -> bool:
    return bool(name) and not _REGISTERED.fullmatch(name)


def _keys(cell: str, source: Source) -> list[str]:
    names = cell.upper().split(JOINT)
    return [fold(name) for name in names] if source == "ensembl" else names


def _add(table: dict[str, str], key: str, symbol: str) -> None:
    """Add a symbol to those the key leads to, joined by "|": most keys have only one."""
    known = table.setdefault(key, symbol)
    if known is not symbol and symbol not in known.split(JOINT):
        table[key] = f"{known}{JOINT}{symbol}"
