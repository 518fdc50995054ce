"""Cells as record batches: a name, the positions of its genes and their counts, a row each.

It is what files of any size are read in and what the server takes as Arrow; `embed_batch` is for
distributed engines, too.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import sparse

from contracts.errors import ContractViolation, Violation

CELLS = pa.schema(
    [
        ("cell", pa.string()),
        ("indices", pa.list_(pa.int32())),
        ("counts", pa.list_(pa.float32())),
    ]
)
"""`indices` are positions among the names of the genes, from 0; counts of one gene are added."""


def batch_of(
    names: pa.Array, ends: np.ndarray, indices: np.ndarray, counts: np.ndarray
) -> pa.RecordBatch:
    """The batch of some rows of a CSR matrix, of which nothing is copied."""
    offsets = pa.array(ends.astype(np.int32))
    lists = [pa.ListArray.from_arrays(offsets, pa.array(part)) for part in (indices, counts)]
    return pa.RecordBatch.from_arrays([names, *lists], schema=CELLS)


def matrix_of(batch: Any, genes: int) -> sparse.csr_matrix:
    """The counts float32 [cells, genes] of a record batch or a table with the columns of CELLS.

    Raises ContractViolation for a column that is lacking or of another type, for a missing value,
    and for lists that do not fit together or lead to no gene.
    """
    columns = {}
    for name in CELLS.names[1:]:
        field = CELLS.field(name)
        if name not in batch.schema.names or batch.schema.field(name).type != field.type:
            kinds = [str(batch.schema.field(name).type)] if name in batch.schema.names else []
            raise _violation(f"column {name!r}", "".join(kinds) or "none", str(field.type))
        column = batch.column(name)
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if column.null_count or column.flatten().null_count:
            raise _violation(f"column {name!r}", "a missing value", "a list of numbers a cell")
        columns[name] = column
    positions, counts = columns["indices"], columns["counts"]
    ends = _ends(positions)
    if not np.array_equal(ends, _ends(counts)):
        raise _violation("counts", "lists of other lengths than indices", "as many as indices")
    return sparse_of(ends, positions.flatten().to_numpy(), counts.flatten().to_numpy(), genes)


def sparse_of(
    indptr: Sequence[int] | np.ndarray,
    indices: Sequence[int] | np.ndarray,
    data: Sequence[float] | np.ndarray,
    genes: int,
) -> sparse.csr_matrix:
    """The counts float32 [cells, genes] of the three parts of a CSR matrix.

    Raises ContractViolation where they are not such parts.
    """
    parts = (np.asarray(indptr), np.asarray(indices), np.asarray(data, np.float32))
    ends, positions, values = parts
    if not len(ends) or ends[0] != 0 or ends[-1] != len(positions) or np.any(np.diff(ends) < 0):
        raise _violation("indptr", "ends of other rows", f"0 and then ends up to {len(positions)}")
    if len(values) != len(positions):
        raise _violation("data", f"{len(values)} values", f"{len(positions)}, one for each index")
    if len(positions) and not 0 <= positions.min() <= positions.max() < genes:
        got = f"{positions.min()} to {positions.max()}"
        raise _violation("indices", got, f"positions of genes, from 0 to {genes - 1}")
    matrix = sparse.csr_matrix((values, positions, ends), (len(ends) - 1, genes))
    matrix.sum_duplicates()
    return matrix


def _ends(lists: pa.ListArray) -> np.ndarray:
    offsets = lists.offsets.to_numpy()
    return offsets - offsets[0]


def _violation(where: str, got: str, expected: str) -> ContractViolation:
    return ContractViolation([Violation(where, got, expected)])
