"""Matrices of cells as people have them, read some rows at a time.

An AnnData in memory, backed or a view, a scipy matrix, a numpy array or a DataFrame. anndata itself
is not imported: what has `obs`, `var_names`, `X` and `layers` is read as one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Int64
from scipy import sparse

from contracts.errors import ContractViolation, EmptyInput, InvalidOption, Violation
from contracts.wording import shorten

CHUNK = 1024
"""Cells that are dense at a time."""

RAW = "Give raw counts, before any normalisation."

Rows = Callable[[int, int], Any]
"""Gives the rows from one number up to another."""
Reader = Callable[[Int64[np.ndarray, "columns"]], Rows]
"""Gives a reader of rows that have some columns alone."""


@dataclass(frozen=True, eq=False)
class CellMatrix:
    """A matrix of cells called `names`, a list or an Index, whose columns are `genes`.

    `hint` says where raw counts may be if these are none; `others` has further names of the genes
    by what to type for them.
    """

    genes: list[Any]
    names: Any
    reader: Reader
    hint: str = RAW
    others: Mapping[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.names)

    def blocks(
        self, columns: Int64[np.ndarray, "columns"], first: int = 0, last: int | None = None
    ) -> Iterator[tuple[slice, Any]]:
        """Some columns of the rows from `first` to before `last`, some rows at a time, and which.

        What has rows is a numpy array or a scipy matrix.
        """
        rows, end = self.reader(columns), len(self) if last is None else last
        for start in range(first, end, CHUNK):
            stop = min(start + CHUNK, end)
            yield slice(start, stop), rows(start, stop)


def read(cells: Any, layer: str | None = None, genes: Any = None) -> CellMatrix:
    """Open a matrix of cells; see zoo.cells.scorer.CellEmbedder.embed for what it may be.

    Raises ContractViolation for what is no such matrix or has other names than columns,
    InvalidOption for a layer or names that are not there, EmptyInput for no cells.
    """
    if isinstance(cells, CellMatrix):
        return cells
    if is_anndata(cells):
        return _checked(_of_anndata(cells, layer, genes), cells.shape)
    if layer is not None:
        raise InvalidOption("layer", layer, "None: only an AnnData has layers")
    if isinstance(genes, str):
        raise InvalidOption("genes", genes, "a list of names: only an AnnData has columns of them")
    if hasattr(cells, "iloc") and getattr(cells, "ndim", 0) == 2:
        names = cells.columns if genes is None else genes
        opened = CellMatrix(list(names), cells.index, lambda columns: _of_frame(cells, columns))
        return _checked(opened, cells.shape)
    if not (sparse.issparse(cells) or isinstance(cells, np.ndarray)) or cells.ndim != 2:
        got = f"{type(cells).__name__} {shorten(getattr(cells, 'shape', cells))}"
        expected = "an AnnData, a DataFrame, or a matrix [cells, genes] with genes="
        raise ContractViolation([Violation("cells", got, expected)])
    if genes is None:
        raise InvalidOption("genes", genes, "the names of the matrix's columns")
    opened = CellMatrix(list(genes), range(cells.shape[0]), _of_matrix(cells))
    return _checked(opened, cells.shape)


def is_anndata(cells: Any) -> bool:
    """Whether this is an AnnData, or reads like one."""
    return all(hasattr(cells, name) for name in ("obs", "var_names", "X", "layers"))


def _checked(opened: CellMatrix, shape: tuple[int, ...]) -> CellMatrix:
    """Raise for a matrix without cells, or with other names than columns."""
    if not shape[0]:
        raise EmptyInput("cells")
    if len(opened.genes) != shape[1]:
        transposed = " (rows are cells: is it transposed?)" * (len(opened.genes) == shape[0])
        expected = f"{shape[1]}, one for each column{transposed}"
        raise ContractViolation([Violation("genes", f"{len(opened.genes)} names", expected)])
    return opened


def _of_anndata(data: Any, layer: str | None, genes: Any) -> CellMatrix:
    layers = list(data.layers)
    if layer not in ([None] if data.X is not None else []) + layers:
        there = [repr(name) for name in layers] + ["None for X"] * (data.X is not None)
        raise InvalidOption("layer", layer, f"one of {', '.join(there) or 'none'}")
    texts = {name: data.var[name] for name in data.var if data.var[name].dtype.kind not in "biuf"}
    if isinstance(genes, str):
        if genes not in texts:
            raise InvalidOption("genes", genes, f"a column of var: {', '.join(texts) or 'none'}")
        genes = texts[genes]
    elsewhere = [f"layer={name!r}" for name in layers if name != layer]
    if getattr(data, "raw", None) is not None:
        elsewhere.append("adata.raw.to_adata()")
    return CellMatrix(
        list(data.var_names if genes is None else genes),
        data.obs_names,
        _anndata_reader(data, layer),
        f"{RAW} Perhaps they are in {' or '.join(elsewhere)}." if elsewhere else RAW,
        {f"genes={name!r}": list(map(str, column)) for name, column in texts.items()},
    )


def _anndata_reader(data: Any, layer: str | None) -> Reader:
    """Of a matrix in memory its own; a view or a file is asked for some rows at a time.

    Columns of a matrix that is stored by columns are read once, and in full; so is a view of a
    file, whose rows cannot be asked for.
    """
    if data.isbacked and data.is_view:
        data = data.to_memory()

    def matrix(some: Any) -> Any:
        return some.X if layer is None else some.layers[layer]

    if not (data.isbacked or data.is_view):
        return _of_matrix(matrix(data))
    if getattr(matrix(data[:1]), "format", None) == "csc":
        return lambda columns: _of_matrix(matrix(data[:, columns]))(np.arange(len(columns)))
    return lambda columns: lambda start, stop: matrix(data[start:stop])[:, columns]


def _of_matrix(matrix: Any) -> Reader:
    if sparse.issparse(matrix) and matrix.format != "csr":
        return lambda columns: _rows(matrix.tocsc()[:, columns].tocsr(), slice(None))
    return lambda columns: _rows(matrix, columns)


def _rows(matrix: Any, columns: Any) -> Rows:
    if sparse.issparse(matrix):
        return lambda start, stop: _uncopied(matrix, start, stop)[:, columns]
    return lambda start, stop: matrix[start:stop][:, columns]


def _uncopied(matrix: Any, start: int, stop: int) -> Any:
    """Rows of a CSR matrix over its own arrays; a slice copies them with all columns."""
    first, last = matrix.indptr[start], matrix.indptr[stop]
    parts = matrix.data[first:last], matrix.indices[first:last]
    indptr = matrix.indptr[start : stop + 1] - first
    return sparse.csr_array((*parts, indptr), (stop - start, matrix.shape[1]))


def _of_frame(frame: Any, columns: Int64[np.ndarray, "columns"]) -> Rows:
    return lambda start, stop: frame.iloc[start:stop, columns].to_numpy()
