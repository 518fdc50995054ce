"""Data that are no raw counts, or of other genes: refused, with the reason."""

import anndata
import numpy as np
import pandas as pd
import pytest

from contracts.errors import (
    ContractViolation,
    EmptyCell,
    InvalidOption,
    LowCoverage,
    NotCounts,
    RepeatedGene,
)
from tests.zoo.cells.conftest import as_anndata


def logged(human: pd.DataFrame) -> pd.DataFrame:
    return np.log1p(human / human.to_numpy().sum(1, keepdims=True) * 1e4)


def test_log_transformed_data(saturn, human):
    with pytest.raises(NotCounts, match=r"in cell 'human-cell-0'.*log-transformed.*Give raw count"):
        saturn.embed(logged(human), "human")


def test_normalised_data(saturn, human):
    shares = human / human.to_numpy().sum(1, keepdims=True) * 1e4
    with pytest.raises(NotCounts, match="these were divided, or estimated"):
        saturn.embed(shares, "human")


def test_scaled_data(saturn, human):
    level = logged(human)
    with pytest.raises(NotCounts, match="not negative, and scaled data are"):
        saturn.embed((level - level.mean()) / level.std(ddof=0).clip(0.1), "human")


def test_negative_and_missing_numbers(saturn, human):
    with pytest.raises(NotCounts, match=r"counts: -3 for gene GEN07 in cell 'human-cell-4'"):
        saturn.embed(with_value(human, -3), "human")
    with pytest.raises(NotCounts, match=r"counts: -3 for gene GEN07 in cell 'human-cell-4'"):
        saturn.embed(with_value(human, -3).astype(np.int16), "human")
    for value in (np.nan, np.inf):
        with pytest.raises(NotCounts, match=f"{value:g} for gene GEN07 .* finite number"):
            saturn.embed(with_value(human, value), "human")
        with pytest.raises(NotCounts, match=f"{value:g} for gene GEN07 .* finite number"):
            saturn.embed(as_anndata(with_value(human, value)), "human")


def with_value(human: pd.DataFrame, value: float) -> pd.DataFrame:
    """One other number."""
    changed = human.copy()
    changed.loc["human-cell-4", "GEN07"] = value
    return changed


def test_where_counts_may_be_is_said(saturn, human):
    adata = as_anndata(logged(human))
    adata.raw = as_anndata(human)
    adata.layers["counts"] = human.to_numpy()
    with pytest.raises(NotCounts, match=r"Perhaps they are in layer='counts' or adata\.raw\.to_a"):
        saturn.embed(adata, "human")


def test_a_cell_without_counts(saturn, human):
    human.loc[["human-cell-9", "human-cell-11"], :] = 0
    human.loc["human-cell-9", "UNHEARD1"] = 50
    with pytest.raises(EmptyCell, match=r"Cell 'human-cell-9' has no counts.*filter_cells"):
        saturn.embed(human, "human")
    with pytest.raises(EmptyCell, match="Cell 9 has no counts"):
        saturn.embed(human.to_numpy(), "human", genes=list(human.columns))


@pytest.mark.parametrize("species", ["rat", None, "Human", 3])
def test_an_unknown_species(saturn, human, species):
    with pytest.raises(InvalidOption, match="expected one of human, mouse"):
        saturn.embed(human, species)


def test_two_columns_that_are_one_gene(saturn, human):
    twice = pd.concat([human, human[["GEN03"]]], axis=1)
    with pytest.raises(
        RepeatedGene, match=r"columns 'GEN03', 'GEN03' are all the gene GEN03. Keep one"
    ):
        saturn.embed(twice, "human")
    both = human.assign(ENSG00000000003=1.0)
    with pytest.raises(RepeatedGene, match="'GEN03', 'ENSG00000000003'"):
        saturn.embed(both, "human")
    unknown = pd.concat([human, human[["UNHEARD1"]]], axis=1)
    np.testing.assert_array_equal(saturn.embed(unknown, "human"), saturn.embed(human, "human"))


def low(saturn, cells, species="human", **options) -> str:
    with pytest.raises(LowCoverage) as caught:
        saturn.embed(cells, species, **options)
    return str(caught.value)


def test_no_shared_genes(saturn, human):
    message = low(saturn, human.add_prefix("none-"))
    assert message.startswith(
        "The matrix has 0 of the entry's 40 human genes (0%), and at least 60% are needed. "
        "Names such as 'none-"
    )
    assert message.endswith("check the species, and whether the columns are genes.")


def test_half_of_the_genes(saturn, human):
    genes = [f"GEN{number:02d}" for number in range(24)]
    assert saturn.embed(human[genes], "human").shape == (60, 8)
    assert "has 23 of the entry's 40 human genes (57%)" in low(saturn, human[genes[1:]])


def test_genes_that_were_filtered(saturn, human):
    genes = [f"GEN{number:02d}" for number in range(20)]
    message = low(saturn, human[genes])
    assert "It has only 20 genes, and those it lacks may have been filtered out" in message


def test_coverage_wants_names(saturn):
    with pytest.raises(ContractViolation, match="expected a list"):
        saturn.coverage("GEN00", "human")
    assert len(repr(saturn.coverage(["GEN00"], "human"))) < 100


def test_the_other_species(saturn, mouse):
    assert "have names of mouse: type species='mouse'." in low(saturn, mouse)
    assert "has 1 of the entry's 40 human genes" in low(saturn, mouse)  # C3 is one of both
    mouse.var_names = mouse.var["ensembl"]
    assert "have names of mouse: type species='mouse'." in low(saturn, mouse)


def test_ids_of_a_third_species(saturn, human):
    ids = [f"ENSRNOG{number:011d}" for number in range(human.shape[1])]
    message = low(saturn, human.set_axis(ids, axis=1))
    assert "ENSRNOG00000000000 are Ensembl ids of another species" in message


def test_a_transposed_matrix(saturn, adata):
    assert "transpose it, so that rows are cells" in low(saturn, adata.T)


def test_names_in_another_column(saturn, adata):
    adata.var_names = [f"feature{number}" for number in range(adata.n_vars)]
    assert "Other names of its genes fit: type genes='ensembl'." in low(saturn, adata)


def test_names_in_another_case(saturn, human):
    assert "differ in case from those of human" in low(saturn, human.rename(columns=str.lower))


def test_labels_that_cannot_be_used(saturn, adata, mouse):
    ways = ("human", "mouse")
    adata.obs["one"] = "A"
    with pytest.raises(InvalidOption, match=r"labels='A' .*at least two types"):
        saturn.transfer_labels(adata, "one", mouse, ways)
    with pytest.raises(InvalidOption, match=r"a column of the reference's obs \(kind, one"):
        saturn.transfer_labels(adata, "cell_type", mouse, ways)
    with pytest.raises(ValueError, match=r"labels: got 2, expected 60, one for each cell"):
        saturn.transfer_labels(adata, ["A", "B"], mouse, ways)
    with pytest.raises(ValueError, match=r"labels\[1\]: got nan, expected a label for each cell"):
        saturn.transfer_labels(adata, ["A", np.nan] * 30, mouse, ways)
    with pytest.raises(ValueError, match=r"labels\[0\]: got <NA>, expected a label for each cell"):
        saturn.transfer_labels(adata, [pd.NA, "A"] * 30, mouse, ways)
    with pytest.raises(InvalidOption, match="that of the reference and that of the query"):
        saturn.transfer_labels(adata, "kind", mouse, "human")
    with pytest.raises(InvalidOption, match=r"threshold=2 .*from 0 to 1"):
        saturn.transfer_labels(adata, "kind", mouse, ways, threshold=2)


def test_an_anndata_without_genes(saturn):
    with pytest.raises(LowCoverage, match="0 of the entry's 40"):
        saturn.embed(anndata.AnnData(np.zeros((3, 0), np.float32)), "human")
