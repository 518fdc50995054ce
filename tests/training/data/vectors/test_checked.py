"""Files of gene vectors that are fit to be used, and those that are refused with a reason."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contracts.errors import BadTable
from tests.training.data.vectors.human_genes import SYMBOLS, folder, table
from training.data.files import DataFiles, LowCoverage
from training.data.vectors import checked
from training.data.vectors.checked import Checked


@pytest.fixture
def read(tmp_path: Path) -> Callable[[pd.DataFrame], Checked]:
    files = DataFiles.find(folder(tmp_path / "data"))

    def read(vectors: pd.DataFrame) -> Checked:
        vectors.to_csv(tmp_path / "some.csv")
        return checked.read(tmp_path / "some.csv", files)

    return read


def test_any_name_of_a_gene_is_taken_for_it(read: Callable[[pd.DataFrame], Checked]):
    names = ("klf1", "PRKMK3", "MEK6", "ENSG00000100030.7", "HGNC:11773", "P60709", "ALAS2", "Vim")
    given = table(names)
    got = read(given)
    assert got.symbols == SYMBOLS
    np.testing.assert_allclose(got.matrix, given.to_numpy(), rtol=1e-6)
    assert (got.unknown, got.ambiguous) == (0, 0)


def test_names_of_no_gene_and_of_several_are_counted(read: Callable[[pd.DataFrame], Checked]):
    got = read(table(("KLF1", "<pad>", "SHARED", "VIM", "ACTB", "NOGENE")))
    assert got.symbols == ("KLF1", "VIM", "ACTB")
    assert (got.unknown, got.ambiguous) == (2, 1)


def constant(gene: str) -> pd.DataFrame:
    vectors = table()
    vectors.loc[gene] = 0.25
    return vectors


REFUSED: dict[str, tuple[pd.DataFrame, str]] = {
    "all the same": (table() * 0 + [1.0, 2.0, 3.0], "all its genes have the same vector"),
    "all zeros": (table() * 0, "all its genes have the same vector"),
    "one constant": (constant("MAPK1"), "1 genes have a vector of one constant number: MAPK1"),
    "one number": (table(dim=1), "its vectors have one number"),
    "repeated": (table(("KLF1", "VIM", "KLF1")), "1 genes .* rows: KLF1 and KLF1 are KLF1"),
    "two names": (table(("MEK3", "VIM", "ENSG00000034152")), "MEK3 and ENSG.* are MAP2K3"),
    "two cases": (table(("KLF1", "Klf1", "VIM")), "KLF1 and Klf1 are KLF1"),
    "transposed": (table().T, "it is transposed: its columns are genes"),
    "no name": (table(("KLF1", " ", "VIM")), "a vector has no name"),
    "not finite": (table() * np.inf, "not finite, first for KLF1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_vectors_that_lie_are_refused(read: Callable[[pd.DataFrame], Checked], case: str):
    vectors, reason = REFUSED[case]
    with pytest.raises(BadTable, match=reason):
        read(vectors)


def test_names_of_another_namespace_are_refused(read: Callable[[pd.DataFrame], Checked]):
    with pytest.raises(LowCoverage, match=r"20\.0% of the names in some\.csv"):
        read(table(("KLF1", "AT1G01010", "YAL001C", "FBgn1", "WBGene1")))
