"""Counts of cells in an h5ad file of any size: rows of X or of a layer, some at a time.

The format is anndata's on-disk specification,
https://anndata.readthedocs.io/en/stable/fileformat-prose.html. A chunk is a record batch with the
cell's name, the positions of its genes and their counts (see zoo.cells.batches).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from contracts.errors import BadTable, InvalidOption
from zoo.cells.batches import CELLS, batch_of
from zoo.tables.chunks import Chunk, Limits, numbered, reading
from zoo.tables.files import H5AD, check_source
from zoo.tables.h5ad import READING, index_of, open_file, slice_of

VALUE_BYTES = 8
"""Of a count and its position, in a chunk."""
CSC_HINT = (
    "Type in Python: adata = anndata.read_h5ad(path); adata.X = adata.X.tocsr(); "
    "adata.write_h5ad(path)"
)


class Source:
    """The counts of one matrix; `genes` has the names of its columns."""

    schema = CELLS

    def __init__(self, path: Path, file: Any, layer: str | None) -> None:
        """Look at the matrix; raises BadTable where it is none that is read by rows."""
        self.path = path
        self._matrix = _matrix(path, file, layer)
        self._sparse = _is_sparse(path, self._matrix)
        names, genes = index_of(path, file["var"])
        self.genes: list[str] = names(0, genes).to_pylist()
        self._obs = file["obs"]
        self._names, _ = index_of(path, self._obs)
        shape = self._matrix.attrs["shape"] if self._sparse else self._matrix.shape
        self.total: int | None = int(shape[0])

    def row_bytes(self) -> int:
        """What the first rows take, each on average."""
        stop = min(256, self.total or 0)
        with reading(self.path, *READING):
            return self._batch(0, stop).nbytes // max(1, stop) + 1

    def chunks(self, limits: Limits, lenient: bool = False) -> Iterator[Chunk]:
        """The rows in order; raises BadTable where the file cannot be read."""
        start, total = 0, self.total or 0
        while start < total:
            with reading(self.path, *READING):
                stop = self._stop(start, min(start + limits.rows, total), limits.bytes)
                batch = self._batch(start, stop)
            yield numbered(batch, start)
            start = stop

    def labels(self, column: str) -> list[str | None]:
        """A column of obs as text; raises InvalidOption naming those there are."""
        names = [str(name) for name in self._obs.attrs["column-order"]]
        if column not in names:
            there = ", ".join(names) or "none"
            raise InvalidOption("--labels", column, f"a column of obs; there are {there}")
        with reading(self.path, *READING):
            values = slice_of(self.path, column, self._obs[column])(0, self.total or 0)
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        return values.cast(pa.string()).to_pylist()

    def _stop(self, start: int, stop: int, most: int) -> int:
        """Where a chunk ends that begins at `start`: at least one row, at most so many bytes."""
        if not self._sparse:
            return min(stop, start + max(1, most // (VALUE_BYTES * max(1, len(self.genes)))))
        ends = self._matrix["indptr"][start : stop + 1].astype(np.int64)
        fit = np.searchsorted(ends - ends[0], most // VALUE_BYTES, side="right") - 1
        return min(stop, start + max(1, int(fit)))

    def _batch(self, start: int, stop: int) -> pa.RecordBatch:
        names = self._names(start, stop)
        if not self._sparse:
            return batch_of(names, *_nonzero(self._matrix[start:stop]))
        ends = self._matrix["indptr"][start : stop + 1].astype(np.int64)
        part = slice(int(ends[0]), int(ends[-1]))
        data = self._matrix["data"][part].astype(np.float32)
        indices = self._matrix["indices"][part].astype(np.int32)
        return batch_of(names, ends - ends[0], indices, data)


@contextmanager
def opened(path: Path, layer: str | None = None) -> Iterator[Source]:
    """Open an h5ad file at its counts: X, or the layer of this name.

    Raises:
        BadTable: there is no such file, it cannot be read, or its matrix is stored by genes.
        InvalidOption: it has no such layer; those there are are named.
        MissingDependency: without anndata.
    """
    check_source(path, (H5AD,))
    with open_file(path) as file:
        with reading(path, *READING):
            source = Source(path, file, layer)
        yield source


def _matrix(path: Path, file: Any, layer: str | None) -> Any:
    if layer is None:
        if "X" not in file:
            raise BadTable(path, "it has no matrix X", f"Name a layer: {_layers(file)}.")
        return file["X"]
    if layer not in file.get("layers", ()):
        raise InvalidOption("--layer", layer, f"a layer of the file; it has {_layers(file)}")
    return file["layers"][layer]


def _layers(file: Any) -> str:
    return ", ".join(file.get("layers", ())) or "none"


def _is_sparse(path: Path, matrix: Any) -> bool:
    """Whether the matrix is sparse; raises BadTable where it is none that is read by rows."""
    encoding = matrix.attrs.get("encoding-type", "")
    if encoding == "csc_matrix":
        raise BadTable(path, "its matrix is stored by genes (CSC), expected by cells", CSC_HINT)
    if encoding not in ("csr_matrix", "array"):
        reason = f"its matrix is stored as {encoding or 'something old'!r}"
        raise BadTable(path, reason, "Write it again with anndata, as CSR or as an array.")
    return bool(encoding == "csr_matrix")


def _nonzero(dense: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where rows end, and the positions and values of what is not 0; NaN is not."""
    rows, columns = np.nonzero(dense)
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(dense)))])
    return ends, columns.astype(np.int32), dense[rows, columns].astype(np.float32)
