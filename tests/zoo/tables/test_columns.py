"""Which column holds the genes, or the sets, of a table; pairs are in test_tables.py."""

import pytest

from zoo.tables.columns import WrongColumns, gene_name, is_name, perturbation_name


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (["gene"], "gene"),
        (["id", " Gene "], " Gene "),
        (["Target", "x"], "Target"),
        (["target", "gene", "GENE"], "gene"),
    ],
)
def test_the_column_of_genes(found: list[str], name: str):
    assert gene_name(found) == name


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (["a", "tf"], "expected a column 'gene', found 'a', 'tf'"),
        ([], "found none"),
        (["Gene", "Target"], "'Gene' and 'Target' could all be 'gene'"),
    ],
)
def test_no_such_column_or_two(found: list[str], message: str):
    with pytest.raises(WrongColumns, match=f"{message}.*Rename the one that is meant to 'gene'"):
        gene_name(found)


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (["perturbation", "genes"], "perturbation"),
        (["n", "Perturbations"], "Perturbations"),
        (["genes", "n_pert", "fitness"], "genes"),
    ],
)
def test_the_column_of_sets(found: list[str], name: str):
    assert perturbation_name(found) == name


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (["gene"], "expected a column 'perturbation', found 'gene'"),
        (["Genes", "Perturbation"], "'Genes' and 'Perturbation' could all be 'perturbation'"),
    ],
)
def test_no_column_of_sets_or_two(found: list[str], message: str):
    with pytest.raises(WrongColumns, match=f"{message}.*Rename the one .* to 'perturbation'"):
        perturbation_name(found)


@pytest.mark.parametrize("value", [None, "", "  ", "NaN", "N/A", "<NA>"])
def test_what_is_no_name(value: str | None):
    assert not is_name(value)
    assert is_name("NANOG")
