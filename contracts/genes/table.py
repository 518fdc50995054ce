"""The text of a vocabulary file, rendered and parsed strictly.

Tab-separated, sorted by symbol, one header line; several values in one cell are joined by "|".
"""

import gzip
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from os import PathLike
from pathlib import Path

from contracts.errors import (
    ContractViolation,
    CorruptArtefact,
    MissingArtefact,
    Violation,
)
from contracts.wording import shorten

COLUMNS = ("symbol", "regulator", "hgnc_id", "ensembl", "uniprot", "previous", "aliases")
TAB, JOINT = "\t", "|"
HEADER = TAB.join(COLUMNS)


@dataclass(frozen=True, slots=True)
class GeneRecord:
    """One gene: its approved symbol, whether it can be a regulator, and its other names."""

    symbol: str
    regulator: bool = False
    hgnc_id: str = ""
    ensembl: tuple[str, ...] = ()
    uniprot: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def render(records: Iterable[GeneRecord]) -> str:
    """The table of these genes, sorted; raises ContractViolation for what no table can hold."""
    ordered = sorted(records, key=lambda record: record.symbol)
    found: list[Violation] = []
    lines = [HEADER]
    previous = None
    for record in ordered:
        if record.symbol == previous:
            found.append(Violation(shorten(record.symbol), "it twice", "each symbol once"))
        previous = record.symbol
        cells = _cells(record)
        found.extend(_unfit(record, cells))
        lines.append(TAB.join(JOINT.join(values) for values in cells))
    if found:
        raise ContractViolation(found)
    return "\n".join(lines) + "\n"


def _cells(record: GeneRecord) -> tuple[tuple[str, ...], ...]:
    return (
        (record.symbol,),
        ("1" if record.regulator else "0",),
        (record.hgnc_id,) if record.hgnc_id else (),
        record.ensembl,
        record.uniprot,
        record.previous,
        record.aliases,
    )


def _unfit(record: GeneRecord, cells: tuple[tuple[str, ...], ...]) -> list[Violation]:
    return [
        Violation(
            f"{column} of {shorten(record.symbol)}",
            shorten(value),
            "a name without surrounding space, tab, line break or '|'",
        )
        for column, values in zip(COLUMNS, cells, strict=True)
        for value in values
        if not _fits(value)
    ]


def _fits(value: str) -> bool:
    return (
        bool(value)
        and value == value.strip()
        and TAB not in value
        and JOINT not in value
        and len(value.splitlines()) == 1
    )


def parse(text: str, path: str | PathLike[str]) -> list[tuple[str, ...]]:
    """The seven columns of a table; raises CorruptArtefact naming the file and the line."""
    lines = text.split("\n")
    if lines[0] != HEADER:
        raise CorruptArtefact(path, f"the header {HEADER!r}", shorten(lines[0]))
    if lines[-1]:
        raise CorruptArtefact(path, "a line break at the end", f"{shorten(lines[-1])} cut off")
    rows = lines[1:-1]
    if not rows:
        raise CorruptArtefact(path, "at least one gene", "a header alone")
    for number, row in enumerate(rows, 2):
        if row.count(TAB) != len(COLUMNS) - 1:
            got = f"{row.count(TAB) + 1} in line {number}"
            raise CorruptArtefact(path, f"{len(COLUMNS)} cells", got)
    # One flat list, sliced: half the time of a list for each row.
    cells = TAB.join(rows).split(TAB)
    columns = [tuple(cells[column :: len(COLUMNS)]) for column in range(len(COLUMNS))]
    _check_symbols(columns[0], path)
    for number, flag in enumerate(columns[1], 2):
        if flag not in ("0", "1"):
            raise CorruptArtefact(path, "regulator 0 or 1", f"{shorten(flag)} in line {number}")
    return columns


def _check_symbols(symbols: tuple[str, ...], path: str | PathLike[str]) -> None:
    for number, symbol in enumerate(symbols, 2):
        if not symbol or symbol != symbol.strip() or JOINT in symbol:
            raise CorruptArtefact(path, "a gene symbol", f"{shorten(symbol)} in line {number}")
    for number, (previous, symbol) in enumerate(pairwise(symbols), 3):
        if symbol <= previous:
            got = f"{shorten(symbol)} after {shorten(previous)} in line {number}"
            raise CorruptArtefact(path, "symbols sorted, each once", got)


def merged(text: str, other: str) -> str:
    """The rows of two tables as one."""
    rows = [*text.split("\n")[1:-1], *other.split("\n")[1:-1]]
    rows.sort(key=lambda row: row.partition(TAB)[0])
    return "\n".join([HEADER, *rows, ""])


def read(path: str | PathLike[str]) -> str:
    """The decompressed text; raises MissingArtefact or CorruptArtefact naming the file."""
    try:
        return gzip.decompress(Path(path).read_bytes()).decode("utf-8")
    except FileNotFoundError:
        raise MissingArtefact(path) from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise CorruptArtefact(path, "a gzip file of UTF-8 text", shorten(str(error))) from error


def write(text: str, path: str | PathLike[str]) -> None:
    """Write the text compressed; the same text always gives the same bytes."""
    Path(path).write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))
