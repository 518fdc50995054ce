"""`zoo index`: what it writes, what it says, what it refuses."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from contracts.errors import UnusableIndex
from tests import tiny
from tests.zoo.commands import refused, run
from zoo.ann import index as ann

pytest.importorskip("faiss", reason="the extra `ann` is not installed")
pytestmark = pytest.mark.usefixtures("only_tiny")

VECTORS = np.random.default_rng(1).normal(size=(500, tiny.DIM)).astype(np.float32)


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    """A .npy file of 500 vectors as wide as the entry's."""
    np.save(tmp_path / "vectors.npy", VECTORS)
    return tmp_path / "vectors.npy"


def test_an_entry_is_indexed_with_a_warning_that_it_is_small(tmp_path: Path):
    result = run("index", tiny.DOT, "--side", "genes", "-o", tmp_path / "genes")
    assert "recall@10" in result.stdout
    assert "recall@50" not in result.stdout
    assert f"3 of the tfs of {tiny.DOT}, seed 0" in result.stdout
    assert (
        "Warning: an index is worth while from about 1,000,000 vectors, and these are 12. Exact"
        in (result.stderr)
    )
    index = ann.open_index(tmp_path / "genes", ann.of_entry(tiny.DOT, "genes"))
    assert (index.record.entry, index.record.version, index.record.items) == (tiny.DOT, "1.0", 12)


def test_vectors_of_ones_own_in_the_space_of_an_entry(tmp_path: Path, vectors: Path):
    popularity = tmp_path / "popularity.npy"
    np.save(popularity, VECTORS[:, 0])
    arguments = (tiny.DOT, "--vectors", vectors, "--popularity", popularity, "--seed", 4)
    result = run("index", *arguments, "-o", tmp_path / "own", "--json")
    told = json.loads(result.stdout)
    assert (told["entry"], told["items"], told["popularity"]) == (tiny.DOT, 500, True)
    assert told["measured"]["source"] == f"the genes of {tiny.DOT}"
    assert told["measured"]["seed"] == 4
    assert set(told["measured"]["recall"]) == {"10", "50", "100"}
    assert len(told["warnings"]) >= 1
    assert result.stderr == ""
    items = ann.of_entry(tiny.DOT, "tfs").replaced(str(vectors), str(popularity))
    index = ann.open_index(str(tmp_path / "own"), items)
    assert index.search(VECTORS[:2], 3, exact=True).positions.shape == (2, 3)
    with pytest.raises(UnusableIndex, match="not over a file's vectors"):
        ann.open_index(tmp_path / "own", ann.of_files(vectors, popularity))


def test_vectors_without_an_entry_are_asked_for_themselves(tmp_path: Path, vectors: Path):
    run("index", "--vectors", vectors, "--recall", 1, "-o", tmp_path / "own")
    index = ann.open_index(tmp_path / "own", ann.of_files(vectors))
    assert index.record.entry is None
    assert index.record.measured.source == "the indexed vectors"
    assert index.settings.nprobe == index.settings.nlist, "all lists for a recall of 1"


def test_what_is_refused(tmp_path: Path, vectors: Path):
    out = tmp_path / "index"
    np.save(tmp_path / "wide.npy", np.ones((5, 9), dtype=np.float32))
    np.save(tmp_path / "nan.npy", np.full((5, tiny.DIM), np.nan, dtype=np.float32))
    np.save(tmp_path / "double.npy", VECTORS.astype(np.float64))
    for arguments, said in (
        ([], "--vectors FILE.npy"),
        ([tiny.DOT, "--side", "cells"], "tfs or genes"),
        ([tiny.DOT, "--popularity", vectors], "together with --vectors"),
        ([tiny.DOT, "--recall", "1.5"], "a share above 0"),
        ([tiny.DOT, "--queries", "0"], "from 1"),
        ([tiny.DOT, "--vectors", tmp_path / "wide.npy"], f"float32 array [rows, {tiny.DIM}]"),
        (["--vectors", tmp_path / "nan.npy"], "vectors[0]: got nan"),
        (["--vectors", tmp_path / "double.npy"], "got float64 [500, 4]"),
        (["nothing"], "'nothing' is no entry of this zoo"),
    ):
        assert said in refused("index", *arguments, "-o", out), arguments
        assert not out.exists()
    assert "does not offer" in refused("index", tiny.TABLE, "-o", out, code=1)
    assert "is missing" in refused("index", "--vectors", tmp_path / "no.npy", "-o", out, code=1)
    assert "where there is nothing yet" in refused("index", tiny.DOT, "-o", vectors)
    before = {"vectors.npy", "wide.npy", "nan.npy", "double.npy"}
    assert {path.name for path in tmp_path.iterdir()} == before


def test_without_faiss_the_command_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    told = refused("index", tiny.DOT, "-o", tmp_path / "index", code=1)
    assert "faiss is not installed. Type: pip install 'regzoo[ann]'" in told
