"""Tables of pairs, genes or sets: read from CSV, TSV and Parquet, results written in one step.

Text stays text: the columns beside tf and gene come out again as they went in.
"""

import errno
import importlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from jaxtyping import Int64

from contracts.errors import BadTable, EmptyInput, InvalidOption
from zoo.results import Columns
from zoo.store.files import replacing
from zoo.tables.chunks import Source
from zoo.tables.columns import WrongColumns, gene_name, is_name, pair_names, perturbation_name

FORMATS = {
    ".csv": "zoo.tables.text",
    ".tsv": "zoo.tables.text",
    ".parquet": "zoo.tables.parquet",
}
H5AD = ".h5ad"


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


def open_pairs(path: Path, table: str | None = None) -> tuple[Source, tuple[str, str]]:
    """Open a file of pairs to be read in chunks: CSV, TSV, Parquet or one table of an h5ad file.

    Returns:
        The source, and the names of its columns of regulators and genes.

    Raises:
        BadTable: as `read_pairs`, but for what is wrong with single rows.
        InvalidOption: `table` for a file that is no h5ad file.
        MissingDependency: h5ad without anndata.
    """
    if path.suffix.lower() == H5AD:
        _check_there(path)
        source = importlib.import_module("zoo.tables.h5ad").Source(path, table)
    else:
        if table is not None:
            raise InvalidOption("--table", table, "an input that ends in .h5ad, or no --table")
        source = _open(path, H5AD)
    names = _needed(path, source.schema.names)
    for name in names:
        _check_text(source, name)
    return source, names


def open_genes(path: Path) -> tuple[Source, str]:
    """Open a file of genes to be read in chunks; of an h5ad file, the names of its variables.

    Returns:
        The source, and the name of its column of genes.

    Raises:
        BadTable: as `open_pairs`.
        MissingDependency: h5ad without anndata.
    """
    if path.suffix.lower() == H5AD:
        _check_there(path)
        return importlib.import_module("zoo.tables.h5ad").GeneSource(path), "gene"
    source = _open(path, H5AD)
    return source, _text_column(source, gene_name)


def open_perturbations(path: Path) -> tuple[Source, str]:
    """Open a file of perturbed sets to be read in chunks: CSV, TSV or Parquet.

    Returns:
        The source, and the name of its column of sets.

    Raises:
        BadTable: as `open_pairs`.
    """
    source = _open(path)
    return source, _text_column(source, perturbation_name)


def read_names(path: Path) -> list[str]:
    """The names of a text file, one a line, blank lines left out; raises BadTable."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = f"it cannot be read: {getattr(error, 'strerror', None) or error}"
        raise BadTable(path, reason, "Give a text file with one name a line.") from error
    return [line.strip() for line in lines if line.strip()]


def read_pairs(path: Path) -> PairTable:
    """Read a table with columns tf and gene (see zoo.tables.columns); all others are carried along.

    Raises:
        BadTable: no such file, an unknown extension, a wrong column name (naming those found), a
            missing name (with its line), or a file that is cut off or not of its format.
        EmptyInput: a header and no rows.
    """
    form = _form(path)
    _check_there(path)
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
        raise unwritable(path, error) from error


def writer(path: Path, draft: Path, schema: Any) -> Any:
    """What writes record batches of this schema to `draft`, in the format that `path` names."""
    return _form(path).Writer(draft, schema, path.suffix.lower())


def unwritable(path: Path, error: OSError) -> BadTable:
    """The error of a file that the system would not let us write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        hint = "Make room there, or give a path on another disk, and type the command again."
        return BadTable(path, f"it cannot be written: {os.strerror(error.errno)}", hint)
    return _unwritable(path, error.strerror or str(error))


def missing_name(path: Path, name: str, value: str | None, line: int) -> BadTable:
    """The error of a row without a name in the column `name`."""
    shown = "nothing" if value is None or not value.strip() else repr(value)
    reason = f"column {name!r} has {shown} where a gene name is expected"
    return BadTable(path, reason, "Fill in the name, or delete the row.", line=line)


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


def _form(path: Path, *others: str) -> ModuleType:
    """The module that reads and writes this extension; `others` may be named in its place."""
    if path.suffix.lower() not in FORMATS:
        ending = f"the extension {path.suffix!r}" if path.suffix else "a name without extension"
        hint = f"Give a file that ends in {', '.join((*FORMATS, *others))}."
        raise BadTable(path, f"{ending} is none that the zoo reads or writes", hint)
    return importlib.import_module(FORMATS[path.suffix.lower()])


def _unwritable(path: Path, why: str) -> BadTable:
    hint = "Give a path in a folder that exists and can be written."
    return BadTable(path, f"it cannot be written: {why}", hint)


def _needed(path: Path, found: list[str]) -> tuple[str, str]:
    try:
        return pair_names(found)
    except WrongColumns as error:
        raise _wrong_columns(path, error) from None


def _wrong_columns(path: Path, error: WrongColumns) -> BadTable:
    line = 1 if path.suffix.lower() in (".csv", ".tsv") else None
    return BadTable(path, error.reason, error.hint, line)


def _open(path: Path, *others: str) -> Source:
    form = _form(path, *others)
    _check_there(path)
    return form.Source(path)


def _text_column(source: Source, find: Callable[[Iterable[object]], str]) -> str:
    """The name of the one column that is looked for; raises BadTable where there is none."""
    try:
        name = find(source.schema.names)
    except WrongColumns as error:
        raise _wrong_columns(source.path, error) from None
    _check_text(source, name)
    return name


def _check_there(path: Path) -> None:
    if not path.is_file():
        raise BadTable(path, "there is no such file", "Give the path of a file that exists.")


def _check_text(source: Source, name: str) -> None:
    from zoo.tables.parquet import check_text

    check_text(source.path, name, source.schema.field(name).type)


def _check_names(path: Path, name: str, column: list[Any], lines: Sequence[int]) -> None:
    for row, value in enumerate(column):
        if not is_name(value):
            raise missing_name(path, name, value, lines[row])
