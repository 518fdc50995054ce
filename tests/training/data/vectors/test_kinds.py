"""Gene vectors that are made here: what each knows, and of which perturbed genes."""

import os

import numpy as np
import pytest
from scipy import sparse

from contracts.errors import InvalidOption
from training.data import vectors
from training.data.vectors import VectorSource, factors

NORMAN = """
BPGM CBL CEBPE CNN1 FOXL2 FOXO4 HK2 HOXB9 IER5L KLF1 KMT2A MAP2K3 MAP2K6 MAP3K21 MAP4K3 MAP4K5
MAPK1 MIDN NIT1 PLK4 PTPN12 PTPN9 RUNX1T1 SAMD1 SET SGK1 SLC38A2 TBX3 TGFBR2 TMSB4X ZBTB10
"""
PAPALEXI = """
ATF2 BRD4 CAV1 CD86 CMTM6 CUL3 ETV7 IFNGR1 IFNGR2 IRF1 IRF7 JAK2 MARCHF8 MYC NFKBIA PDCD1LG2 POU2F2
SMAD4 SPI1 STAT1 STAT2 STAT3 STAT5A TNFRSF14 UBE2L6
"""
COVERED = {
    "go": (30, 25),
    "hpa": (31, 25),
    "omnipath": (26, 24),
    "random": (31, 25),
    "tf_targets": (28, 24),
    "two_tower": (31, 25),
}
ALIKE = {"go": ("STAT1", "STAT3"), "omnipath": ("IFNGR1", "IFNGR2"), "two_tower": ("IRF1", "STAT1")}


def test_every_kind_is_in_this_test():
    assert vectors.names() == sorted(COVERED)


@pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="needs the raw data that ZOO_DATA names")
@pytest.mark.parametrize("name", sorted(COVERED))
def test_a_kind_covers_perturbed_genes(name: str):
    source = vectors.make(name)
    assert source.name == name
    assert source.about.endswith(".")
    assert list(source.symbols) == sorted(set(source.symbols))
    assert np.isfinite(source.matrix).all()
    assert source.matrix.any(axis=1).all()
    assert source.matrix.std(axis=0).min() > 0
    covered = tuple(int(source.known(genes.split()).sum()) for genes in (NORMAN, PAPALEXI))
    assert covered == COVERED[name]
    if name in ALIKE:
        unit = source.matrix / np.linalg.norm(source.matrix, axis=1, keepdims=True)
        first, second = (source.symbols.index(symbol) for symbol in ALIKE[name])
        assert unit[first] @ unit[second] > np.quantile(unit @ unit[first], 0.98)


def test_an_unknown_kind_names_those_there_are():
    with pytest.raises(InvalidOption, match=r"gene_vectors='esm'.*go, hpa, omnipath, random"):
        vectors.make("esm")


def test_rows_are_in_the_order_asked_and_nan_for_a_gene_without():
    matrix = np.array([[1.0, 2], [0, 0], [3, 4]])
    source = VectorSource.of_rows("x", "Made up.", "CC0-1.0", ["B", "C", "A"], matrix)
    assert source.symbols == ("A", "B")
    assert source.known(["B", "C", "Z"]).tolist() == [True, False, False]
    got = source.rows(["B", "C", "A"])
    np.testing.assert_array_equal(got, [[1, 2], [np.nan, np.nan], [3, 4]])


def test_singular_vectors_keep_all_products_where_nothing_is_cut():
    rng = np.random.default_rng(0)
    dense = (rng.random((30, 12)) < 0.3) * 1.0
    dense[7] = 0
    got = factors.singular(sparse.csr_array(dense), 0)
    np.testing.assert_allclose(got @ got.T, dense @ dense.T, atol=1e-8)
    assert not got[7].any()
