"""Raw counts of an entry's genes, dense, from some rows of a matrix; and what cannot be counts."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from jaxtyping import Float32, Shaped
from scipy import sparse

from contracts.cells.task import SMALLEST_TOTAL
from contracts.errors import ContractViolation, EmptyCell, NotCounts, Violation
from zoo.matrices.cells import CellMatrix
from zoo.matrices.genes import GeneColumns

LOGARITHM = 20.0
"""No logarithm of counts is as large: broken numbers above are counts that were divided."""


def counts_of(
    matrix: CellMatrix, genes: GeneColumns, first: int = 0, last: int | None = None
) -> Iterator[Float32[np.ndarray, "cells genes"]]:
    """Counts of the entry's genes, chunk by chunk, in the rows from `first` to before `last`.

    Raises NotCounts or EmptyCell.
    """
    for which, rows in matrix.blocks(genes.column[genes.present], first, last):
        yield dense(rows, genes, matrix.names[which], matrix.hint)


def dense(
    rows: Any, genes: GeneColumns, names: Any, hint: str
) -> Float32[np.ndarray, "cells genes"]:
    """Counts of the entry's genes in cells called `names`; a gene that the matrix lacks has 0.

    `rows` are those of the matrix, with the columns that the entry knows alone, in its order.
    Raises ContractViolation for no numbers, NotCounts with `hint` for what cannot be raw counts,
    EmptyCell for a cell without any.
    """
    if sparse.issparse(rows):
        rows = rows.tocsr()
        if not _are_counts(rows.data):
            _explain(rows.toarray(), genes, names, hint)
        # The columns get the numbers of the genes: quicker than to move them once they are dense.
        placed = (rows.data, np.flatnonzero(genes.present)[rows.indices], rows.indptr)
        counts = sparse.csr_array(placed, (len(names), len(genes.symbols))).toarray()
    else:
        block = np.asarray(rows)
        if not _are_counts(block):
            _explain(block, genes, names, hint)
        counts = np.zeros((len(names), len(genes.symbols)), np.float32)
        counts[:, genes.present] = block
    counts = counts.astype(np.float32, copy=False)
    empty = counts.sum(1, dtype=np.float64) < SMALLEST_TOTAL
    if empty.any():
        raise EmptyCell(names[int(np.argmax(empty))])
    return counts


def _are_counts(values: Shaped[np.ndarray, "..."]) -> bool:
    """Whether none is negative or broken; raises ContractViolation for no numbers."""
    if values.dtype.kind not in "biuf":
        got = f"a matrix of {values.dtype}"
        raise ContractViolation([Violation("cells", got, "a matrix of numbers")])
    if values.dtype.kind == "f":  # an infinity is whole, and what is not a number equals nothing
        return bool(((values >= 0) & (values == np.floor(values)) & np.isfinite(values)).all())
    return values.dtype.kind != "i" or bool((values >= 0).all())


def _explain(
    block: Shaped[np.ndarray, "cells columns"],
    genes: GeneColumns,
    names: Any,
    hint: str,
) -> None:
    """Raise NotCounts for the first number that is none, is negative, or is broken."""
    reasons = (
        (~np.isfinite(block), "A count is a finite number."),
        (block < 0, "A count is not negative, and scaled data are: centred, in deviations."),
        (block != np.floor(block), _why_broken(block)),
    )
    for wrong, reason in reasons:
        if wrong.any():
            cell, column = np.argwhere(wrong)[0]
            gene = np.flatnonzero(genes.present)[column]
            value = float(block[cell, column])
            raise NotCounts(value, genes.symbols[gene], names[int(cell)], reason, hint)


def _why_broken(block: Shaped[np.ndarray, "cells columns"]) -> str:
    if np.nanmax(block, initial=0) < LOGARITHM:
        return "A count is a whole number, and log-transformed data are broken ones."
    return "A count is a whole number; these were divided, or estimated and not rounded."
