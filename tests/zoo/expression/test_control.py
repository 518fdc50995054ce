"""Controls of every form, and those that cannot be used."""

import re
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from contracts.errors import (
    ContractViolation,
    InvalidInput,
    LowCoverage,
    OtherUnit,
    RepeatedGene,
)
from tests import tiny_expression as toy
from zoo.matrices import cells as matrices

SETS, POSITIONS = [["KLF1"], ["MAPK1", "TGFBR2"]], [(0,), (3, 4)]
CELLS = 23


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven cells at a time."""
    monkeypatch.setattr(matrices, "CHUNK", 7)


@pytest.fixture
def cells() -> pd.DataFrame:
    """Unperturbed cells, in the unit; genes in another order, and one that nobody knows."""
    rng = np.random.default_rng(8)
    noise = rng.uniform(0.5, 1.4, (CELLS, toy.R))
    names = [f"cell-{number}" for number in range(CELLS)]
    frame = pd.DataFrame(toy.CONTROL * noise, names, list(toy.GENES_READ))
    return frame.assign(OTHER=40.0)[["OTHER", *reversed(toy.GENES_READ)]]


def expected(cells: pd.DataFrame) -> np.ndarray:
    return toy.change(POSITIONS, cells[list(toy.GENES_READ)].mean().to_numpy())


def as_anndata(cells: pd.DataFrame) -> anndata.AnnData:
    obs = pd.DataFrame({"perturbation": "none"}, cells.index)
    return anndata.AnnData(cells.to_numpy(), obs, pd.DataFrame(index=cells.columns))


def test_cells_of_any_form_are_their_mean(model, cells: pd.DataFrame, tmp_path: Path):
    adata = as_anndata(cells)
    adata.write_h5ad(tmp_path / "cells.h5ad")
    sparse_cells = as_anndata(cells)
    sparse_cells.X = sparse.csr_matrix(adata.X)
    backed = anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    for control in (adata, sparse_cells, cells, backed, adata[:, adata.var_names != "OTHER"]):
        changes = model.expression_matrix(SETS, control)
        np.testing.assert_allclose(changes, expected(cells), rtol=1e-6)
    backed.file.close()


def test_a_profile_by_name_or_in_order(model, cells: pd.DataFrame):
    means = cells.mean()
    by_id = means.rename({"ALAS2": "ENSG00000158578.2", "GYPA": "CD235a", "TMSB4X": "TMSB4"})
    in_order = means[list(toy.GENES_READ)].tolist()
    for control in (means, by_id, means.to_dict(), in_order, np.array(in_order, np.float32)):
        changes = model.expression_matrix(SETS, control)
        np.testing.assert_allclose(changes, expected(cells), rtol=1e-6)


def test_none_is_the_entrys_own(model):
    np.testing.assert_array_equal(model.expression_matrix(SETS), toy.change(POSITIONS))


def test_genes_that_lack_take_the_entrys_own_value_and_it_is_said(model, cells: pd.DataFrame):
    means = cells.mean()[["ACTB", "TMSB4X", "VIM", "HBG1", "ALAS2", "GYPA"]]
    filled = pd.Series(toy.CONTROL, toy.GENES_READ).astype(float)
    filled.update(means)
    with pytest.warns(
        UserWarning, match=r"2 of the entry's 8 readout genes .* such as HBZ"
    ) as told:
        changes = model.expression_matrix(SETS, means)
    assert told[0].filename == __file__
    np.testing.assert_allclose(changes, toy.change(POSITIONS, filled.to_numpy()), rtol=1e-6)


def test_a_control_of_another_level_is_doubted(model):
    for factor, times in ((2.5, "2.5 times"), (0.25, "0.25 times")):
        with pytest.warns(UserWarning, match=f"{re.escape(times)} .* is its unit natural log"):
            model.predict_expression(SETS, toy.CONTROL * factor)


def counts(cells: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.round(np.expm1(cells) * 3), cells.index, cells.columns)


def reads(cells: pd.DataFrame) -> pd.Series:
    return np.expm1(cells.mean())


def broken(value: float):
    def change(cells: pd.DataFrame) -> pd.DataFrame:
        return cells.assign(VIM=np.where(np.arange(len(cells)) == 20, value, cells["VIM"]))

    return change


BAD = {
    "counts": (counts, OtherUnit, "whole, as counts are.*normalize_total"),
    "counts in an AnnData": (lambda c: as_anndata(counts(c)), OtherUnit, "whole, as counts"),
    "means of counts": (
        reads,
        OtherUnit,
        "for gene TMSB4X, but the unit .* natural log .* above 20",
    ),
    "negative": (broken(-0.5), ContractViolation, "control: got -0.5 for gene VIM, .*scaled"),
    "NaN": (broken(np.nan), ContractViolation, "control: got nan for gene VIM"),
    "infinite": (broken(np.inf), ContractViolation, "control: got inf for gene VIM"),
    "transposed": (lambda c: as_anndata(c.T), LowCoverage, "0 of the .* 8 .*transpose it"),
    "ids of mice": (
        lambda c: pd.Series(1.5, [f"ENSMUSG{n:011d}" for n in range(8)]),
        LowCoverage,
        "Ensembl ids of another species",
    ),
    "names of mice": (
        lambda c: c.mean().rename(str.capitalize),
        LowCoverage,
        "differ in case",
    ),
    "other genes": (lambda c: {"SOX2": 1.5, "GFAP": 0.5}, LowCoverage, "0 of the entry's 8 human"),
    "no gene": (lambda c: {}, LowCoverage, "0 of"),
    "few genes": (lambda c: {"VIM": 1.5}, LowCoverage, r"1 of the entry's 8 .*12%"),
    "a gene twice": (
        lambda c: c.mean().to_dict() | {"ENSG00000026025": 1.5},
        RepeatedGene,
        "all the gene VIM",
    ),
    "another length": (lambda c: [1.5] * 7, ContractViolation, r"\(7,\) .* or 8 numbers"),
    "a matrix without names": (lambda c: c.to_numpy(), ContractViolation, "an AnnData of unpert"),
    "text": (lambda c: dict.fromkeys(toy.GENES_READ, "much"), ContractViolation, "to number"),
    "nothing for a gene": (
        lambda c: dict.fromkeys(toy.GENES_READ, 1.5) | {"VIM": None},
        ContractViolation,
        "control",
    ),
    "a word": (lambda c: "control", ContractViolation, "got str"),
    "no names": (lambda c: {1: 0.5}, ContractViolation, "genes"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_with_a_control_is_said(model, cells: pd.DataFrame, case: str):
    make, error, message = BAD[case]
    assert issubclass(error, InvalidInput)
    with pytest.raises(error, match=message):
        model.predict_expression(SETS, make(cells))
