"""Tables of pairs: read from CSV, TSV and Parquet, results written back in one step.

Text stays text: the columns beside tf and gene come out again as they went in.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from jaxtyping import Int64

from contracts.errors import BadTable, EmptyInput
from zoo.columns import WrongColumns, pair_names
from zoo.files import replacing
from zoo.results import Columns

FORMATS = {
    ".csv": "zoo.text_tables",
    ".tsv": "zoo.text_tables",
    ".parquet": "zoo.parquet_tables",
}
# What programs write where there is no name.
NOTHING = frozenset({"", "nan", "na", "n/a", "none", "null", "<na>"})


@dataclass(frozen=True)
class PairTable:
    """A file of pairs: all its columns by name, in order, and where each row stands.

    `lines` has the line of each row in a text file, from 1; in Parquet the row itself, from 1.
    """

    path: Path
    columns: Columns
    lines: Sequence[int]
    tf: list[str]
    gene: list[str]

    def take(self, kept: Int64[np.ndarray, "rows"]) -> Columns:
        """All columns, with these rows only."""
        if np.array_equal(kept, np.arange(len(self.lines))):
            return dict(self.columns)
        return {name: _rows(column, kept) for name, column in self.columns.items()}


def read_pairs(path: Path) -> PairTable:
    """Read a table with columns tf and gene (see zoo.columns); all others are carried along.

    Raises:
        BadTable: no such file, an unknown extension, a wrong column name (naming those found), a
            missing name (with its line), or a file that is cut off or not of its format.
        EmptyInput: a header and no rows.
    """
    form = _form(path)
    if not path.is_file():
        raise BadTable(path, "there is no such file", "Give the path of a file that exists.")
    columns, lines = form.read(path)
    needed = _needed(path, list(columns))
    if not len(lines):
        raise EmptyInput(f"The table {path}", "the line SOX2,GFAP below the header tf,gene")
    tf, gene = (form.names(path, name, columns[name]) for name in needed)
    for name, column in zip(needed, (tf, gene), strict=True):
        _check_names(path, name, column, lines)
    return PairTable(path, columns, lines, tf, gene)


def write(path: Path, columns: Columns) -> None:
    """Write columns of equal length as the extension says: the whole file, or none of it.

    Raises:
        BadTable: an unknown extension, or a place that cannot be written.
    """
    form = _form(path)
    try:
        with replacing(path) as draft:
            form.write(draft, columns, path.suffix.lower())
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def check_target(path: Path) -> None:
    """Raise BadTable where a result cannot go, before any work is done for it."""
    _form(path)
    check_place(path)


def check_place(path: Path) -> None:
    """Raise BadTable for a folder, or a place in a folder that does not exist."""
    if path.is_dir():
        raise _unwritable(path, "it is a folder")
    if not path.parent.is_dir():
        raise _unwritable(path, f"there is no folder {path.parent}")


def _rows(column: Any, kept: Int64[np.ndarray, "rows"]) -> Any:
    if isinstance(column, list):
        return [column[row] for row in kept.tolist()]
    return column.take(kept)


def _form(path: Path) -> ModuleType:
    """The module that reads and writes this extension."""
    if path.suffix.lower() not in FORMATS:
        ending = f"the extension {path.suffix!r}" if path.suffix else "a name without extension"
        hint = f"Give a file that ends in {', '.join(FORMATS)}."
        raise BadTable(path, f"{ending} is none that the zoo reads or writes", hint)
    return importlib.import_module(FORMATS[path.suffix.lower()])


def _unwritable(path: Path, why: str) -> BadTable:
    hint = "Give a path in a folder that exists and can be written."
    return BadTable(path, f"it cannot be written: {why}", hint)


def _needed(path: Path, found: list[str]) -> tuple[str, str]:
    try:
        return pair_names(found)
    except WrongColumns as error:
        line = 1 if path.suffix.lower() != ".parquet" else None
        raise BadTable(path, error.reason, error.hint, line) from None


def _check_names(path: Path, name: str, column: list[Any], lines: Sequence[int]) -> None:
    for row, value in enumerate(column):
        if value is None or value.strip().lower() in NOTHING:
            shown = "nothing" if value is None or not value.strip() else repr(value)
            reason = f"column {name!r} has {shown} where a gene name is expected"
            hint = "Fill in the name, or delete the row."
            raise BadTable(path, reason, hint, line=lines[row])
