"""Counts that come as lists of numbers, or as record batches: made a matrix of cells."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Float32
from scipy import sparse

from contracts.errors import ContractViolation, Violation
from zoo.matrices.cells import CellMatrix, read

LISTS = {"indices": pa.list_(pa.int32()), "counts": pa.list_(pa.float32())}
"""Columns of a table: positions of genes among their names, from 0, and counts of them."""
CELL = "cell"
"""The column of names, if there is one."""
LABEL = "label"

Vectors = Float32[np.ndarray, "cells dim"]


def of_rows(
    rows: Sequence[Sequence[float | int]], genes: Sequence[str], names: Sequence[str] | None = None
) -> CellMatrix:
    """The cells with these rows of counts; raises ContractViolation where they do not fit."""
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise _violation("counts", "rows of several lengths", f"{len(genes)} counts in each")
    return _named(np.array(rows), genes, names)


def of_parts(
    indptr: Any, indices: Any, data: Any, genes: Sequence[str], names: Sequence[str] | None = None
) -> CellMatrix:
    """The cells of a CSR matrix, given its three parts; counts of one gene are added.

    Raises ContractViolation where they do not fit together, or lead to no gene.
    """
    ends, positions, values = np.asarray(indptr), np.asarray(indices), np.asarray(data)
    if ends[0] != 0 or ends[-1] != len(positions) or np.any(np.diff(ends) < 0):
        raise _violation("indptr", "other numbers", f"0 and then ends up to {len(positions)}")
    if len(values) != len(positions):
        raise _violation("data", f"{len(values)} values", f"{len(positions)}, as many as indices")
    if len(positions) and not 0 <= positions.min() <= positions.max() < len(genes):
        got = f"{positions.min()} to {positions.max()}"
        raise _violation("indices", got, f"positions of genes, from 0 to {len(genes) - 1}")
    shape = (len(ends) - 1, len(genes))
    return _named(sparse.csr_matrix((values, positions, ends), shape), genes, names)


def of_table(table: Any, genes: Sequence[str]) -> CellMatrix:
    """The cells of an Arrow table with the columns of LISTS, a row each; raises as `of_parts`."""
    columns = []
    for name, kind in LISTS.items():
        there = table.schema.field(name).type if name in table.schema.names else None
        if there != kind:
            raise _violation(f"column {name!r}", str(there or "none"), str(kind))
        column = table.column(name).combine_chunks()
        if column.null_count or column.flatten().null_count:
            raise _violation(f"column {name!r}", "a missing value", "a list of numbers a cell")
        columns.append(column)
    ends, others = (np.append(0, np.cumsum(column.value_lengths())) for column in columns)
    if not np.array_equal(ends, others):
        raise _violation("counts", "lists of other lengths than indices", "as many as indices")
    names = None
    if CELL in table.schema.names:
        names = table.column(CELL).cast(pa.string()).to_pylist()
        if None in names:
            raise _violation(f"column {CELL!r}", "a missing name", "a name for each cell")
    return of_parts(ends, *(column.flatten().to_numpy() for column in columns), genes, names)


def divided(table: Any) -> tuple[Any, list[str], Any]:
    """The rows of a table that have a label, their labels, and the other rows.

    Raises ContractViolation without a column of them.
    """
    kind = table.schema.field(LABEL).type if LABEL in table.schema.names else None
    if kind != pa.string():
        raise _violation(f"column {LABEL!r}", str(kind or "none"), "string")
    known = table.column(LABEL).is_valid()
    reference = table.filter(known)
    return reference, reference.column(LABEL).to_pylist(), table.filter(pc.invert(known))


def vectors_table(names: Sequence[str], vectors: Vectors) -> Any:
    """A table with a cell's name and its vector, a list of fixed size."""
    lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    return pa.table({CELL: pa.array(names, pa.string()), "vector": lists})


def _named(matrix: Any, genes: Sequence[str], names: Sequence[str] | None) -> CellMatrix:
    """The matrix with names of its cells; their numbers from 0 where there are none."""
    given = [str(row) for row in range(matrix.shape[0])] if names is None else list(names)
    if len(given) != matrix.shape[0]:
        raise _violation("cells", f"{len(given)} names", f"{matrix.shape[0]}, one for each cell")
    return replace(read(matrix, genes=list(genes)), names=given)


def _violation(where: str, got: str, expected: str) -> ContractViolation:
    return ContractViolation([Violation(where, got, expected)])
