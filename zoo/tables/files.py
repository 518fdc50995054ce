"""Tables of pairs, genes or sets: opened once to be read in chunks, results written in one step.

Text stays text: the columns beside those that are looked for come out again as they went in.
"""

import errno
import importlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from contracts.errors import BadTable, EmptyInput, InvalidOption
from zoo.results import Columns
from zoo.store.files import replacing
from zoo.tables.chunks import GZ, Limits, Source, ending
from zoo.tables.columns import (
    SYNONYMS,
    WrongColumns,
    gene_name,
    is_name,
    pair_names,
    perturbation_name,
)

_TEXT = "zoo.tables.text"
FORMATS = {
    ".csv": _TEXT,
    ".tsv": _TEXT,
    ".parquet": "zoo.tables.parquet",
    ".csv.gz": _TEXT,
    ".tsv.gz": _TEXT,
}
LISTS = {".txt": _TEXT, ".txt.gz": _TEXT}
"""What a plain list of genes may end in as well."""
H5AD = ".h5ad"
_CELLS = {H5AD: "zoo.tables.h5ad"}


@dataclass(frozen=True)
class Table:
    """An open table, and the columns that were looked for."""

    source: Source
    columns: tuple[str, ...]


def open_pairs(path: Path, table: str | None = None) -> AbstractContextManager[Table]:
    """Open a file of pairs: CSV, TSV, Parquet or one table of an h5ad file.

    It gives the table with its columns of regulators and genes.

    Raises:
        BadTable: no such file, an unknown extension, a wrong column name (naming those there are),
            or a file that is cut off or not of its format.
        InvalidOption: `table` for a file that is no h5ad file.
        MissingDependency: h5ad without anndata.
    """
    if table is not None and ending(path) != H5AD:
        raise InvalidOption("--table", table, "an input that ends in .h5ad, or no --table")
    return _opened(path, pair_names, FORMATS | _CELLS, table=table)


def open_genes(path: Path) -> AbstractContextManager[Table]:
    """Open a file of genes, or a plain list; of an h5ad file, the names of its variables.

    Raises BadTable and MissingDependency as `open_pairs`.
    """
    formats = FORMATS | LISTS | _CELLS
    return _opened(path, lambda names: (gene_name(names),), formats, listed=SYNONYMS["gene"])


def open_perturbations(path: Path) -> AbstractContextManager[Table]:
    """Open a file of perturbed sets: CSV, TSV or Parquet; raises BadTable as `open_pairs`."""
    return _opened(path, lambda names: (perturbation_name(names),))


def read_names(path: Path) -> list[str]:
    """The names of a text file, one a line, blank lines left out; raises BadTable, EmptyInput."""
    _check_no_folder(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = f"it cannot be read: {getattr(error, 'strerror', None) or error}"
        raise BadTable(path, reason, "Give a text file with one name a line.") from error
    if names := [line.strip() for line in lines if line.strip()]:
        return names
    raise EmptyInput(f"The file {path}", "a line with the name of a gene")


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """All pairs of a table with columns tf and gene (see zoo.tables.columns).

    Raises:
        BadTable: as `open_pairs`, or a missing name (with its line).
        EmptyInput: a header and no rows.
    """
    lines: list[int] = []
    sides: tuple[list[Any], list[Any]] = ([], [])
    with _opened(path, pair_names) as table:
        for chunk in table.source.chunks(Limits(1 << 16, 1 << 24), lenient=False):
            lines += chunk.lines
            for side, name in zip(sides, table.columns, strict=True):
                side += chunk.batch.column(name).to_pylist()
    if not lines:
        raise EmptyInput(f"The table {path}", "the line SOX2,GFAP below the header tf,gene")
    for name, side in zip(table.columns, sides, strict=True):
        for line, value in zip(lines, side, strict=True):
            if not is_name(value):
                raise missing_name(path, name, value, line)
    return list(zip(*sides, strict=True))


def write(path: Path, columns: Columns) -> None:
    """Write columns of equal length as the extension says: the whole file, or none of it.

    Raises BadTable for an unknown extension, or a place that cannot be written.
    """
    _form(path)
    import pyarrow as pa

    batch = pa.RecordBatch.from_pydict({name: pa.array(one) for name, one in columns.items()})
    try:
        with replacing(path) as draft, closing(writer(path, draft, batch.schema)) as stream:
            stream.write(batch)
    except OSError as error:
        raise unwritable(path, error) from error


def writer(path: Path, draft: Path, schema: Any) -> Any:
    """What writes record batches of this schema to `draft`, in the format that `path` names."""
    return _form(path).Writer(draft, schema, ending(path))


def unwritable(path: Path, fault: OSError | str) -> BadTable:
    """The error of a file that cannot be written, for want of room or whatever the fault is."""
    hint = "Give a path in a folder that exists and can be written."
    why = getattr(fault, "strerror", None) or str(fault)
    if isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        hint = "Make room there, or give a path on another disk, and type the command again."
        why = os.strerror(fault.errno)
    return BadTable(path, f"it cannot be written: {why}", hint)


def missing_name(
    path: Path,
    name: str,
    value: str | None,
    line: int,
    expected: str = "a gene name",
    hint: str = "Fill in the name, or delete the row.",
) -> BadTable:
    """The error of a row without a name in the column `name`."""
    shown = "nothing" if value is None or not value.strip() else repr(value)
    reason = f"column {name!r} has {shown} where {expected} is expected"
    return BadTable(path, reason, hint, line=line)


def check_target(path: Path, endings: Collection[str] = FORMATS) -> None:
    """Raise BadTable where a result cannot go, before any work is done for it."""
    _check_ending(path, endings)
    check_place(path)


def check_source(path: Path, endings: Collection[str]) -> None:
    """Raise BadTable where there is no file, or one that ends otherwise."""
    _check_no_folder(path)
    _check_ending(path, endings)
    if not path.is_file():
        raise BadTable(path, "there is no such file", "Give the path of a file that exists.")


def check_place(path: Path) -> None:
    """Raise BadTable for a folder, or a place in a folder that does not exist."""
    if path.is_dir():
        raise unwritable(path, "it is a folder")
    if not path.parent.is_dir():
        raise unwritable(path, f"there is no folder {path.parent}")


def _form(path: Path, formats: dict[str, str] = FORMATS) -> ModuleType:
    """The module that reads and writes this extension."""
    _check_ending(path, formats)
    return importlib.import_module(formats[ending(path)])


def _check_ending(path: Path, endings: Collection[str]) -> None:
    if ending(path) not in endings:
        got = f"the extension {path.suffix!r}" if path.suffix else "a name without extension"
        hint = f"Give a file that ends in {', '.join(one for one in endings if GZ not in one)}."
        raise BadTable(path, f"{got} is none that the zoo reads or writes", hint)


@contextmanager
def _opened(
    path: Path,
    find: Callable[[Iterable[object]], tuple[str, ...]],
    formats: dict[str, str] = FORMATS,
    listed: Sequence[str] = (),
    table: str | None = None,
) -> Iterator[Table]:
    """The file, open, with the columns that are looked for; raises BadTable.

    `listed` is what the header of a plain list may be, `table` which one of an h5ad file is meant.
    """
    check_source(path, formats)
    form = _form(path, formats)
    with form.opened(path, listed, *([] if table is None else [table])) as source:
        yield Table(source, _columns(source, find))


def _columns(
    source: Source, find: Callable[[Iterable[object]], tuple[str, ...]]
) -> tuple[str, ...]:
    """The columns that are looked for; raises BadTable where one is wrong."""
    from zoo.tables.arrow import holds_text

    try:
        names = find(source.schema.names)
    except WrongColumns as error:
        line = 1 if ending(source.path).removesuffix(GZ) in (".csv", ".tsv") else None
        raise BadTable(source.path, error.reason, error.hint, line) from None
    for name in names:
        kind = source.schema.field(name).type
        if not holds_text(kind):
            shown = getattr(kind, "value_type", kind)
            reason = f"column {name!r} holds {shown}, expected text"
            raise BadTable(source.path, reason, "Store gene names as strings.")
    return names


def _check_no_folder(path: Path) -> None:
    if path.is_dir():
        hint = "Give one file in it, or join its files to one."
        raise BadTable(path, "it is a folder, expected a file", hint)
