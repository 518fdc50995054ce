"""Counts as lists or record batches: the same matrix, or an error that says what does not fit."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import sparse

from contracts.errors import ContractViolation, EmptyInput
from zoo.cells import sent

GENES = ["A", "B", "C"]
DENSE = np.array([[0, 2, 0], [0, 0, 0], [5, 0, 1]])
CSR = sparse.csr_matrix(DENSE)


def table(**columns: object) -> pa.Table:
    """The cells as a table, some of its columns replaced."""
    ends = pa.array(CSR.indptr)
    lists = {"indices": pa.array(CSR.indices), "counts": pa.array(CSR.data.astype(np.float32))}
    given = {name: pa.ListArray.from_arrays(ends, one) for name, one in lists.items()}
    merged = {"cell": ["x", "y", "z"], **given, **columns}
    return pa.table({name: one for name, one in merged.items() if one is not None})


def content(matrix: object) -> np.ndarray:
    """All of a matrix, with its genes the other way round."""
    rows = matrix.reader(np.array([2, 1, 0]))(0, len(matrix))
    return rows.toarray() if sparse.issparse(rows) else rows


def test_all_forms_are_one_matrix():
    forms = [
        sent.of_rows(DENSE.tolist(), GENES, ["x", "y", "z"]),
        sent.of_parts(CSR.indptr, CSR.indices, CSR.data, GENES, ["x", "y", "z"]),
        sent.of_table(table(), GENES),
        sent.of_table(pa.concat_tables([table()[:1], table()[1:]]), GENES),
    ]
    for matrix in forms:
        np.testing.assert_array_equal(content(matrix), DENSE[:, ::-1])
        assert list(matrix.names) == ["x", "y", "z"]
        assert matrix.genes == GENES


def test_without_names_cells_are_numbered():
    assert list(sent.of_rows([[1, 2, 3], [4, 5, 6]], GENES).names) == ["0", "1"]
    assert list(sent.of_table(table(cell=None), GENES).names) == ["0", "1", "2"]


def test_counts_of_one_gene_are_added():
    matrix = sent.of_parts([0, 2], [1, 1], [2, 3], GENES)
    np.testing.assert_array_equal(content(matrix), [[0, 5, 0]])


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (([0, 1], [3], [1]), "indices: got 3 to 3, expected positions of genes, from 0 to 2"),
        (([0, 1], [-1], [1]), "indices: got -1 to -1"),
        (([0, 2], [1], [1]), "indptr: got other numbers, expected 0 and then ends up to 1"),
        (([1, 1], [1], [1]), "indptr"),
        (([0, 2, 1], [1], [1]), "indptr"),
        (([0, 1], [1], [1, 2]), "data: got 2 values, expected 1, as many as indices"),
    ],
)
def test_parts_that_do_not_fit(parts: tuple, words: str):
    with pytest.raises(ContractViolation, match=words):
        sent.of_parts(*parts, GENES)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"indices": None}, "column 'indices': got none, expected list<"),
        ({"counts": [[1], [2], [3]]}, "column 'counts': got list<.*int64>"),
        ({"indices": pa.array([[1], None, [1]], pa.list_(pa.int32()))}, "a missing value"),
        ({"indices": pa.array([[1], [None], [1]], pa.list_(pa.int32()))}, "a missing value"),
        ({"indices": pa.array([[1], [1], [1]], pa.list_(pa.int32()))}, "as many as indices"),
        ({"cell": ["x", None, "z"]}, "a missing name"),
    ],
)
def test_tables_that_do_not_fit(columns: dict, words: str):
    with pytest.raises(ContractViolation, match=words):
        sent.of_table(table(**columns), GENES)


def test_rows_and_names_that_do_not_fit():
    with pytest.raises(ContractViolation, match="rows of several lengths"):
        sent.of_rows([[1, 2, 3], [1]], GENES)
    with pytest.raises(ContractViolation, match="cells: got 1 names, expected 2"):
        sent.of_rows([[1, 2, 3], [1, 2, 3]], GENES, ["x"])
    with pytest.raises(EmptyInput):
        sent.of_table(table()[:0], GENES)


def test_rows_with_a_label_are_the_reference():
    labelled = table(label=pa.array(["a", None, "b"]))
    reference, labels, query = sent.divided(labelled)
    assert reference["cell"].to_pylist() == ["x", "z"]
    assert labels == ["a", "b"]
    assert query["cell"].to_pylist() == ["y"]
    np.testing.assert_array_equal(content(sent.of_table(reference, GENES)), DENSE[[0, 2], ::-1])
    with pytest.raises(ContractViolation, match="column 'label': got none, expected string"):
        sent.divided(table())


def test_vectors_are_lists_of_fixed_size():
    vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
    found = sent.vectors_table(["x", "y", "z"], vectors)
    assert found.schema.field("vector").type == pa.list_(pa.float32(), 2)
    assert found["vector"].to_pylist() == vectors.tolist()
