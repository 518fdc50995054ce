"""The benchmark of cells: its file is an h5ad file, and it compares the same vectors."""

from pathlib import Path

import anndata
import cell_embedding
import numpy as np
import pytest

import zoo
from tests.zoo.commands import run


@pytest.fixture
def path(saturn_toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """520 cells, of which 100 of 500 genes are counted."""
    monkeypatch.setattr(cell_embedding, "GENES", 500)
    monkeypatch.setattr(cell_embedding, "COUNTED", 100)
    found = cell_embedding.make(str(tmp_path / "cells.h5ad"), zoo.register(saturn_toy), 520)
    assert found["counted"] == pytest.approx(100, rel=0.05)
    return str(tmp_path / "cells.h5ad")


def test_the_file_has_raw_counts_that_are_embedded(path: str, tmp_path: Path):
    data = anndata.read_h5ad(path)
    assert data.shape == (520, cell_embedding.GENES)
    assert data.X.has_canonical_format
    assert (data.X.data >= 1).all()
    assert (data.X.data % 1 == 0).all()
    asked = ("embed", "saturn-toy", "-i", path, "--species", "human", "--device", "cpu")
    table, h5ad = tmp_path / "out.parquet", tmp_path / "out.h5ad"
    for output in (table, h5ad):
        run(*asked, "-o", output)
    assert cell_embedding.same(str(table), str(h5ad)) == {"cells": 520}
    run(*asked, "-o", table, "--standardise", "data")
    with pytest.raises(AssertionError, match="they differ"):
        cell_embedding.same(str(table), str(h5ad))


def test_both_engines_give_the_same(path: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        cell_embedding, "alternate", lambda engines: {n: e() or 1 for n, e in engines.items()}
    )
    found = cell_embedding.rates(path, "saturn-toy")
    assert found["onnx"] == found["torch"] == 520
    assert 0 <= found["apart"] < 1e-5
    assert np.isfinite(found["apart"])
