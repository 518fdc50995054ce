"""Vectors of an entry and of files, and those that are refused."""

from pathlib import Path

import numpy as np
import pytest

from contracts.errors import (
    ContractViolation,
    InvalidOption,
    MissingArtefact,
    Unsupported,
)
from tests import tiny
from tests.zoo.vectors import FAME, MANY, POOL
from zoo.ann import exact, index
from zoo.ann.vectors import Items, check_matrix
from zoo.pairs.scorer import PairScorer

WRONG = {
    "float64": POOL.astype(np.float64),
    "a vector": POOL[0],
    "too wide": np.ones((2, 9), dtype=np.float32),
    "none": POOL[:0],
    "a list": POOL.tolist(),
    "NaN": np.where(np.arange(300)[:, None] == 7, np.float32(np.nan), POOL),
    "infinite": np.where(np.arange(300)[:, None] == 7, np.float32(np.inf), POOL),
    "huge": np.where(np.arange(300)[:, None] == 7, np.float32(1e30), POOL),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arrays_are_refused(case: str):
    row = r"\[7\]" if case in ("NaN", "infinite", "huge") else ""
    with pytest.raises(ContractViolation, match=f"^queries{row}: got"):
        check_matrix(WRONG[case], "queries", 8)
    if case != "too wide":
        with pytest.raises(ContractViolation, match=f"^vectors{row}: got"):
            Items(WRONG[case])
    with pytest.raises(ContractViolation, match=r"^popularity"):
        Items(MANY, WRONG[case])


def test_an_entry_gives_its_vectors_and_popularity(dot: PairScorer, table: PairScorer):
    tfs, genes = (index.of_entry(tiny.DOT, side) for side in ("tfs", "genes"))
    for items, vectors, popularity in (
        (tfs, tiny.TF_VECTORS, tiny.TF_POPULARITY),
        (genes, tiny.GENE_VECTORS, tiny.GENE_POPULARITY),
    ):
        np.testing.assert_array_equal(items.vectors, vectors)
        np.testing.assert_array_equal(items.popularity, popularity)
    found, _ = exact.search(tfs, genes.vectors, 3)
    names = [[dot.vocabulary.regulators[position] for position in row] for row in found]
    assert np.ravel(names).tolist() == dot.regulators(tiny.GENES, k=3)["tf"].tolist()
    with pytest.raises(Unsupported):
        index.of_entry(tiny.TABLE, "tfs")
    with pytest.raises(InvalidOption, match="tfs or genes"):
        index.of_entry(tiny.DOT, "cells")


def test_files_are_mapped_not_read(tmp_path: Path):
    np.save(tmp_path / "v.npy", MANY)
    np.save(tmp_path / "p.npy", FAME)
    items = index.of_files(tmp_path / "v.npy", tmp_path / "p.npy")
    assert isinstance(items.vectors, np.memmap)
    assert items.digest == Items(MANY, FAME).digest
    with pytest.raises(MissingArtefact):
        index.of_files(tmp_path / "none.npy")
    (tmp_path / "cut.npy").write_bytes((tmp_path / "v.npy").read_bytes()[:1000])
    (tmp_path / "text.npy").write_text("vectors")
    for name in ("cut.npy", "text.npy"):
        with pytest.raises(InvalidOption, match=r"numpy\.save"):
            index.of_files(tmp_path / name)
