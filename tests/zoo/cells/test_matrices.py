"""Whatever form a matrix has, the vectors are the same."""

from collections.abc import Callable
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from contracts.errors import ContractViolation, EmptyInput, InvalidOption
from tests.zoo.cells.conftest import as_anndata
from zoo.matrices import cells as matrices

MATRICES: dict[str, Callable[[np.ndarray], object]] = {
    "csr": sparse.csr_matrix,
    "csr array": sparse.csr_array,
    "csc": sparse.csc_matrix,
    "coo": sparse.coo_array,
    "float64": lambda dense: dense.astype(np.float64),
    "int16": lambda dense: dense.astype(np.int16),
    "uint16": lambda dense: dense.astype(np.uint16),
    "sparse int64": lambda dense: sparse.csr_array(dense.astype(np.int64)),
    "fortran": np.asfortranarray,
}


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven cells at a time."""
    monkeypatch.setattr(matrices, "CHUNK", 7)


@pytest.fixture
def expected(saturn, human) -> np.ndarray:
    return saturn.embed(human, "human")


@pytest.mark.parametrize("kind", MATRICES)
def test_a_matrix_with_names(saturn, human, expected, kind: str):
    matrix, names = MATRICES[kind](human.to_numpy()), list(human.columns)
    np.testing.assert_array_equal(saturn.embed(matrix, "human", genes=names), expected)


@pytest.mark.parametrize("kind", sorted({*MATRICES} - {"coo"}))
def test_an_anndata_and_its_layer(saturn, human, expected, kind: str):
    adata = as_anndata(human)
    adata.X = adata.X.multiply(0.5).tocsr()
    adata.layers["counts"] = MATRICES[kind](human.to_numpy())
    np.testing.assert_array_equal(saturn.embed(adata, "human", layer="counts"), expected)


def test_a_view_is_read_where_it_is(saturn, human):
    adata = as_anndata(human)
    order = np.random.default_rng(0).permutation(len(human))[:40]
    kept = [*range(30), *range(35, 43)]
    view = adata[order, kept]
    again = as_anndata(human.iloc[order, kept])
    assert view.is_view
    got = saturn.embed(view, "human")
    np.testing.assert_array_equal(got, saturn.embed(again, "human"))
    assert view.is_view
    adata.X = adata.X.tocsc()
    np.testing.assert_array_equal(saturn.embed(adata[order, kept], "human"), got)


@pytest.mark.parametrize("form", ["csr", "csc", "dense"])
def test_a_file_is_read_chunk_by_chunk(saturn, human, expected, tmp_path: Path, form: str):
    adata = as_anndata(human)
    adata.X = adata.X.toarray() if form == "dense" else adata.X.asformat(form)
    adata.write_h5ad(tmp_path / "cells.h5ad")
    backed = anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    assert backed.isbacked
    np.testing.assert_array_equal(saturn.embed(backed, "human"), expected)
    np.testing.assert_array_equal(
        saturn.embed(backed[5:50], "human"), saturn.embed(human[5:50], "human")
    )


def test_ids_of_a_column_of_var_are_names_too(saturn, adata, expected):
    np.testing.assert_array_equal(saturn.embed(adata, "human", genes="ensembl"), expected)
    named = adata.var["ensembl"].tolist()
    np.testing.assert_array_equal(saturn.embed(adata, "human", genes=named), expected)
    adata.var_names = [f"{name}.3" for name in named]
    np.testing.assert_array_equal(saturn.embed(adata, "human"), expected)
    with pytest.raises(InvalidOption, match="expected a column of var: ensembl"):
        saturn.embed(adata, "human", genes="symbol")


def test_former_names_and_aliases_lead_to_their_gene(saturn, human, expected):
    for name in ("OLD01", "ALIAS01"):
        named = human.rename(columns={"GEN01": name})
        np.testing.assert_array_equal(saturn.embed(named, "human"), expected)
    both = human.assign(OLD01=99.0)  # of another gene, as GEN01 is there
    np.testing.assert_array_equal(saturn.embed(both, "human"), expected)


def test_what_is_no_matrix_is_refused(saturn, human, adata):
    with pytest.raises(ContractViolation, match=r"got list \[\[1, 2\]\], expected an AnnData, a"):
        saturn.embed([[1, 2]], "human")
    with pytest.raises(ContractViolation, match=r"cells: got ndarray \(3,\)"):
        saturn.embed(np.ones(3), "human", genes=["GEN00"])
    with pytest.raises(InvalidOption, match=r"genes=None .* names of the matrix's columns"):
        saturn.embed(human.to_numpy(), "human")
    with pytest.raises(ContractViolation, match="genes: got 2 names, expected 43, one for each"):
        saturn.embed(human.to_numpy(), "human", genes=["GEN00", "GEN01"])
    with pytest.raises(ContractViolation, match="is it transposed"):
        saturn.embed(human.to_numpy().T, "human", genes=list(human.columns))
    with pytest.raises(InvalidOption, match=r"layer='counts' .* only an AnnData has layers"):
        saturn.embed(human, "human", layer="counts")
    with pytest.raises(InvalidOption, match=r"genes='symbol' .* only an AnnData has columns"):
        saturn.embed(human, "human", genes="symbol")
    with pytest.raises(InvalidOption, match=r"layer='counts' .*expected one of None for X"):
        saturn.embed(adata, "human", layer="counts")
    with pytest.raises(ContractViolation, match=r"a matrix of <U|a matrix of object"):
        saturn.embed(human.astype(str), "human")


def test_an_anndata_without_a_matrix_names_its_layers(saturn, human):
    adata = as_anndata(human)
    adata.layers["counts"], adata.X = adata.X, None
    with pytest.raises(InvalidOption, match="layer=None is not allowed: expected one of 'counts'"):
        saturn.embed(adata, "human")


def test_no_cells_at_all(saturn, human, adata):
    for nothing in (human[:0], adata[:0], adata[:0].copy(), anndata.AnnData()):
        with pytest.raises((EmptyInput, InvalidOption)) as caught:
            saturn.embed(nothing, "human")
        if not isinstance(nothing, anndata.AnnData) or nothing.n_vars:
            assert str(caught.value) == "cells is empty: expected at least one."
    empty = pd.DataFrame(columns=human.columns, dtype=np.float32)
    with pytest.raises(EmptyInput):
        saturn.embed(empty, "human", standardise="entry")
