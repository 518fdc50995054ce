"""Tables in an h5ad file: the names of its variables, or a dataframe of pairs in it.

The format is anndata's on-disk specification,
https://anndata.readthedocs.io/en/stable/fileformat-prose.html. Only the columns of the one table
are read, some rows at a time; matrices are never touched.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.errors import BadTable, MissingDependency
from zoo.tables.chunks import Chunk, Limits, numbered, reading
from zoo.tables.columns import WrongColumns, pair_names

OLD = "It may be cut off or of an old version: write it again with anndata."
READING = ("h5ad", OLD, OSError, KeyError)

Slice = Callable[[int, int], Any]
"""Gives the rows from one number up to another as an Arrow array."""


class Source:
    """Columns of an h5ad file that are read chunk by chunk."""

    def __init__(self, path: Path, total: int, columns: dict[str, Slice]) -> None:
        self.path = path
        self.total = total
        self.schema = pa.schema([(name, rows(0, 0).type) for name, rows in columns.items()])
        self._columns = columns

    def row_bytes(self) -> int:
        """What the first rows take, each on average."""
        stop = min(1024, self.total)
        with reading(self.path, *READING):
            taken = sum(rows(0, stop).nbytes for rows in self._columns.values())
        return taken // max(1, stop) + 1

    def chunks(self, limits: Limits, lenient: bool) -> Iterator[Chunk]:
        """The rows in order; raises BadTable where the file cannot be read."""
        for start in range(0, self.total, limits.rows):
            stop = min(start + limits.rows, self.total)
            with reading(self.path, *READING):
                arrays = [rows(start, stop) for rows in self._columns.values()]
            yield numbered(pa.RecordBatch.from_arrays(arrays, schema=self.schema), start)


@contextmanager
def opened(path: Path, listed: Sequence[str] = (), table: str | None = None) -> Iterator[Source]:
    """Open one dataframe of the file, its index first: obs, var or uns/NAME.

    Where a list is wanted, it is of the names of the variables, called by the first of `listed`.

    Raises BadTable, or MissingDependency without anndata.
    """
    with open_file(path) as file:
        with reading(path, *READING):
            group = file["var"] if listed else _dataframe(path, file, table)
            index = group.attrs["_index"]
            called = listed[0] if listed else {"_index": "index"}.get(index, index)
            order = {called: index}
            if not listed:
                order |= {name: name for name in group.attrs["column-order"]}
            columns = {name: slice_of(path, name, group[key]) for name, key in order.items()}
            _, total = index_of(path, group)
        yield Source(path, total, columns)


def index_of(path: Path, group: Any) -> tuple[Slice, int]:
    """The index of a dataframe, and how many rows it has."""
    element = group[group.attrs["_index"]]
    labels = element["values"] if hasattr(element, "keys") else element
    return slice_of(path, "index", element), len(labels)


def _dataframe(path: Path, file: Any, table: str | None) -> Any:
    """The dataframe of that name; raises BadTable naming those there are."""
    tables = _tables(file)
    if table is None:
        raise BadTable(path, "an h5ad file may hold pairs in any of its tables", _advice(file))
    if table not in tables:
        there = ", ".join(tables) or "none"
        raise BadTable(path, f"it has no table {table!r}; it has {there}", _advice(file))
    return file[table]


def slice_of(path: Path, name: str, element: Any) -> Slice:
    """How rows of a column are read; raises BadTable for an encoding that has none."""
    encoding = element.attrs.get("encoding-type", "")
    if encoding == "string-array":
        texts = element.asstr()
        return lambda start, stop: pa.array(texts[start:stop], pa.string())
    if encoding == "array" and element.ndim == 1:
        kind = pa.from_numpy_dtype(element.dtype)
        return lambda start, stop: pa.array(element[start:stop], kind)
    if encoding == "categorical":
        return _categorical(element)
    if encoding.startswith("nullable-"):
        values = slice_of(path, name, element["values"])
        mask = element["mask"]
        return lambda start, stop: pc.if_else(mask[start:stop], None, values(start, stop))
    reason = f"column {name!r} is stored as {encoding or 'something old'!r}, which has no rows here"
    raise BadTable(path, reason, "Write the table as Parquet, or the file again without it.")


def _categorical(element: Any) -> Slice:
    import pyarrow as pa
    from anndata.io import read_elem

    labels = pa.array(np.asarray(read_elem(element["categories"])).tolist())
    if pa.types.is_null(labels.type):
        labels = labels.cast(pa.string())

    def some(start: int, stop: int) -> Any:
        codes = element["codes"][start:stop].astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), labels)

    return some


def _tables(file: Any) -> list[str]:
    """The dataframes that pairs can stand in."""
    inside = [f"uns/{name}" for name in file["uns"]] if "uns" in file else []
    there = {name: file[name] for name in ("obs", "var", *inside) if name in file}
    return [name for name, each in there.items() if each.attrs.get("encoding-type") == "dataframe"]


def _advice(file: Any) -> str:
    """What to type: the tables that have columns tf and gene, or how to make one."""
    fit = []
    for name in _tables(file):
        try:
            pair_names(map(str, file[name].attrs["column-order"]))
        except WrongColumns:
            continue
        fit.append(name)
    if fit:
        return f"Say which: --table {' or --table '.join(fit)}"
    return (
        "Say which with --table obs, --table var or --table uns/NAME; none of them has columns "
        "tf and gene yet. For the regulators of its genes, use `zoo regulators`."
    )


@contextmanager
def open_file(path: Path) -> Iterator[Any]:
    """Open the file; raises MissingDependency, or BadTable where it cannot be read."""
    try:
        import anndata  # noqa: F401
        import h5py
    except ImportError:
        raise MissingDependency("anndata", "h5ad") from None
    with reading(path, *READING):
        file = h5py.File(path, "r")
    with file:
        yield file
