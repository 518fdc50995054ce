"""From a sparse table of genes and what they have to a few numbers a gene."""

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.utils.extmath import randomized_svd

DIM = 128


def table(rows: pd.Series, columns: pd.Series) -> tuple[sparse.csr_array, list[str], list[str]]:
    """Ones where a row has a column, with the names of both, sorted; pairs may stand twice."""
    row, column = pd.Categorical(rows), pd.Categorical(columns)
    ones = np.ones(len(rows), np.float32)
    shape = len(row.categories), len(column.categories)
    counts = sparse.coo_array((ones, (row.codes, column.codes)), shape=shape).tocsr()
    counts.data[:] = 1
    return counts, list(row.categories), list(column.categories)


def of_annotation(
    counts: sparse.csr_array, seed: int, dim: int = DIM
) -> Float[np.ndarray, "genes dim"]:
    """What genes have, weighted by how rare it is, in so many singular vectors."""
    return singular(sparse.csr_array(TfidfTransformer().fit_transform(counts)), seed, dim)


def singular(matrix: sparse.csr_array, seed: int, dim: int = DIM) -> Float[np.ndarray, "genes dim"]:
    """Left singular vectors times their values; zeros for rows without anything."""
    left, values, _ = randomized_svd(matrix, dim, random_state=seed)
    left[np.diff(matrix.indptr) == 0] = 0  # Without this there is rounding.
    return left * values


def both_sides(
    matrix: sparse.csr_array, seed: int, dim: int
) -> tuple[Float[np.ndarray, "rows dim"], Float[np.ndarray, "columns dim"]]:
    """Singular vectors of rows and columns, each times the roots of their values."""
    left, values, right = randomized_svd(matrix, dim, random_state=seed)
    return left * np.sqrt(values), right.T * np.sqrt(values)
