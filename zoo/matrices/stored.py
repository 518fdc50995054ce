"""A matrix of an h5ad file: rows that have some columns alone, read without the rest of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from contracts.errors import BadTable
from zoo.matrices.cells import Reader, Rows
from zoo.tables.chunks import reading
from zoo.tables.h5ad import READING

READ_BYTES = 1 << 25
"""What is read at once, before the columns that are not wanted are let go."""

_CSC_HINT = (
    "Type in Python: adata = anndata.read_h5ad(PATH); adata.X = adata.X.tocsr(); "
    "adata.write_h5ad(PATH)"
)
_Pieces = Callable[[int, int], Iterator[Any]]


def reader_of(path: Path, matrix: Any) -> Reader:
    """What reads the matrix; raises BadTable where it is not stored by cells.

    What it gives raises BadTable where the file is damaged.
    """
    encoding = matrix.attrs.get("encoding-type", "")
    if encoding == "csc_matrix":
        raise BadTable(path, "its matrix is stored by genes (CSC), expected by cells", _CSC_HINT)
    if encoding not in ("csr_matrix", "array"):
        reason = f"its matrix is stored as {encoding or 'something old'!r}"
        raise BadTable(path, reason, "Write it again with anndata, as CSR or as an array.")
    pieces = _sparse(path, matrix) if encoding == "csr_matrix" else _dense(matrix)

    def reader(columns: Any) -> Rows:
        def rows(start: int, stop: int) -> Any:
            with reading(path, *READING):
                parts = [part[:, columns] for part in pieces(start, stop)]
            return sparse.vstack(parts) if sparse.issparse(parts[0]) else np.concatenate(parts)

        return rows

    return reader


def shape_of(matrix: Any) -> tuple[int, int]:
    """How many cells and genes a stored matrix has."""
    cells, genes = matrix.shape if hasattr(matrix, "shape") else matrix.attrs["shape"]
    return int(cells), int(genes)


def _dense(matrix: Any) -> _Pieces:
    step = max(1, READ_BYTES // max(1, matrix.shape[1] * matrix.dtype.itemsize))

    def pieces(start: int, stop: int) -> Iterator[Any]:
        for first in range(start, stop, step):
            yield matrix[first : min(first + step, stop)]

    return pieces


def _sparse(path: Path, matrix: Any) -> _Pieces:
    ends, indices, data = (matrix[name] for name in ("indptr", "indices", "data"))
    _, genes = shape_of(matrix)
    most = READ_BYTES // (indices.dtype.itemsize + data.dtype.itemsize)

    def pieces(start: int, stop: int) -> Iterator[Any]:
        places = ends[start : stop + 1].astype(np.int64)
        first, total = 0, stop - start
        while first < total:
            fit = int(np.searchsorted(places, places[first] + most, side="right")) - 1
            last = min(max(fit, first + 1), total)
            part = slice(int(places[first]), int(places[last]))
            columns = indices[part]
            if len(columns) and not 0 <= columns.min() <= columns.max() < genes:
                reason = "its matrix leads to genes that it does not have"
                raise BadTable(path, reason, "It may be damaged: copy or write it again.")
            rows = (data[part], columns, places[first : last + 1] - places[first])
            yield sparse.csr_matrix(rows, (last - first, genes))
            first = last

    return pieces
