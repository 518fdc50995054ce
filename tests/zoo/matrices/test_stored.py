"""Rows of a stored matrix that have some columns: read in pieces, the same as in memory."""

from pathlib import Path

import anndata
import h5py
import numpy as np
import pytest
from scipy import sparse

from contracts.errors import BadTable
from zoo.matrices import stored

DENSE = np.random.default_rng(1).poisson(0.7, (30, 12))
COLUMNS = np.array([7, 0, 11])


@pytest.fixture(params=["dense", "csr", "csr of int64"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    matrix = DENSE.astype(np.float32) if request.param == "dense" else sparse.csr_matrix(DENSE)
    anndata.AnnData(matrix).write_h5ad(tmp_path / "in.h5ad")
    if request.param == "csr of int64":
        with h5py.File(tmp_path / "in.h5ad", "r+") as file:
            indices = file["X/indices"][:].astype(np.int64)
            del file["X/indices"]
            file["X/indices"] = indices
    return tmp_path / "in.h5ad"


@pytest.mark.parametrize("size", [1, 200, 1 << 25])
@pytest.mark.parametrize("rows", [(0, 30), (4, 5), (3, 29)])
def test_rows_are_the_same_in_pieces_of_any_size(
    path: Path, rows: tuple[int, int], size: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stored, "READ_BYTES", size)
    with h5py.File(path) as file:
        found = stored.reader_of(path, file["X"])(COLUMNS)(*rows)
    dense = found.toarray() if sparse.issparse(found) else found
    np.testing.assert_array_equal(dense, DENSE[slice(*rows)][:, COLUMNS])


def test_other_matrices_are_refused_with_what_to_type(tmp_path: Path):
    path = tmp_path / "in.h5ad"
    anndata.AnnData(sparse.csc_matrix(DENSE)).write_h5ad(path)
    with h5py.File(path, "r+") as file:
        with pytest.raises(BadTable, match=r"by genes \(CSC\), expected by cells.*tocsr"):
            stored.reader_of(path, file["X"])
        del file["X"].attrs["encoding-type"]
        with pytest.raises(BadTable, match="stored as 'something old'"):
            stored.reader_of(path, file["X"])


def test_positions_out_of_the_genes_are_no_crash(tmp_path: Path):
    path = tmp_path / "in.h5ad"
    anndata.AnnData(sparse.csr_matrix(DENSE)).write_h5ad(path)
    with h5py.File(path, "r+") as file:
        file["X/indices"][3] = 12
        rows = stored.reader_of(path, file["X"])(COLUMNS)
        with pytest.raises(BadTable, match="leads to genes that it does not have"):
            rows(0, 30)
