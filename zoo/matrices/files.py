"""Cells of an h5ad file of any size: their counts are read by rows, some at a time.

The format is anndata's on-disk specification,
https://anndata.readthedocs.io/en/stable/fileformat-prose.html. As a table for zoo.batch, a file has
the names of its cells and the numbers of their rows.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from contracts.errors import BadTable, EmptyInput, InvalidOption
from zoo.matrices.cells import RAW, CellMatrix
from zoo.matrices.stored import reader_of, shape_of
from zoo.tables.chunks import Chunk, Limits, numbered, reading
from zoo.tables.files import H5AD, check_source
from zoo.tables.h5ad import READING, Slice, index_of, open_file, slice_of

CELLS = pa.schema([("cell", pa.string()), ("row", pa.int64())])
RAW_LAYER = "raw"


@dataclass(frozen=True, eq=False)
class Source:
    """An open file: its counts, and the table of its cells; `obs` is that of the file."""

    path: Path
    matrix: CellMatrix
    obs: Any
    schema = CELLS

    @property
    def total(self) -> int | None:
        """How many cells there are."""
        return len(self.matrix)

    def row_bytes(self) -> int:
        """What a row of the table takes."""
        return 64

    def chunks(self, limits: Limits, lenient: bool = False) -> Iterator[Chunk]:
        """The cells in order; raises BadTable where their names cannot be read."""
        for start in range(0, len(self.matrix), limits.rows):
            names = self.matrix.names[start : start + limits.rows]
            cells = {"cell": names, "row": range(start, start + len(names))}
            yield numbered(pa.RecordBatch.from_pydict(cells, CELLS), start)

    def labels(self, column: str, option: str = "--labels") -> list[str | None]:
        """A column of obs as text; raises InvalidOption for `option`, naming those there are."""
        names = [str(name) for name in self.obs.attrs["column-order"]]
        if column not in names:
            there = ", ".join(names) or "none"
            raise InvalidOption(option, column, f"a column of obs; it has {there}")
        return _column(self.path, self.obs, column)


@contextmanager
def opened(path: Path, layer: str | None = None, genes: str | None = None) -> Iterator[Source]:
    """Open an h5ad file at its raw counts: X, a layer, or X of `raw`.

    `genes` is the column of var that has the names of the genes; None takes its index.

    Raises:
        BadTable: there is no such file, it cannot be read, or its matrix is stored by genes.
        InvalidOption: no such layer, or no such column; those there are are named.
        EmptyInput: it has no cells.
        MissingDependency: without anndata.
    """
    check_source(path, (H5AD,))
    with open_file(path) as file:
        with reading(path, *READING):
            values, var = _place(path, file, layer)
            rows, total = index_of(path, var)
            columns = {name: _column(path, var, name) for name in _texts(var)}
            if genes is not None and genes not in columns:
                there = ", ".join(columns) or "none"
                raise InvalidOption("--genes", genes, f"a column of names in var; it has {there}")
            matrix = CellMatrix(
                rows(0, total).to_pylist() if genes is None else columns[genes],
                _Names(path, *index_of(path, file["obs"])),
                reader_of(path, values),
                _hint(file, layer),
                {f"--genes {name}": list(map(str, names)) for name, names in columns.items()},
            )
            if (got := shape_of(values)) != (len(matrix), len(matrix.genes)):
                reason = f"its matrix is {got[0]} x {got[1]}, but obs and var have other lengths"
                raise BadTable(path, reason, "It may be damaged: copy or write it again.")
        if not len(matrix):
            raise EmptyInput(f"The matrix in {path}", "a cell")
        yield Source(path, matrix, file["obs"])


class _Names(Sequence[str]):
    """The names of the cells, read where they are asked for."""

    def __init__(self, path: Path, rows: Slice, total: int) -> None:
        self._path = path
        self._rows = rows
        self._total = total

    def __len__(self) -> int:
        return self._total

    def __getitem__(self, which: Any) -> Any:
        if not isinstance(which, slice):
            return self[which : which + 1][0]
        start, stop, _ = which.indices(self._total)
        with reading(self._path, *READING):
            return self._rows(start, stop).cast(pa.string()).to_pylist()

    def __iter__(self) -> Iterator[str]:
        return iter(self[:])


def _place(path: Path, file: Any, layer: str | None) -> tuple[Any, Any]:
    """The matrix that is meant, and the table of its genes."""
    layers = file.get("layers", {})
    if layer is None and "X" in file:
        return file["X"], file["var"]
    if layer in layers:
        return layers[layer], file["var"]
    if layer == RAW_LAYER and "raw" in file:
        return file["raw"]["X"], file["raw"]["var"]
    there = [*layers, *([RAW_LAYER] if "raw" in file else [])]
    raise InvalidOption(
        "--layer", layer, f"one of {', '.join(there) or 'none: there are no layers'}"
    )


def _hint(file: Any, layer: str | None) -> str:
    """Where raw counts may be, if these are none."""
    there = [*file.get("layers", {}), *([RAW_LAYER] if "raw" in file else [])]
    others = [f"--layer {name}" for name in there if name != layer]
    others += ["X, without --layer"] if layer is not None and "X" in file else []
    return f"{RAW} Perhaps they are in {' or '.join(others)}." if others else RAW


def _texts(var: Any) -> list[str]:
    """The columns of a table that may have names of genes."""
    kinds = ("string-array", "categorical", "nullable-string-array")
    names = [str(name) for name in var.attrs["column-order"]]
    return [name for name in names if var[name].attrs.get("encoding-type") in kinds]


def _column(path: Path, table: Any, name: str) -> list[str | None]:
    """All of a column as text."""
    _, total = index_of(path, table)
    values = slice_of(path, name, table[name])(0, total)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    texts: list[str | None] = values.cast(pa.string()).to_pylist()
    return texts
