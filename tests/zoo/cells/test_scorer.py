"""Vectors of cells against the architecture's own figure, in float64 and by hand."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.numpy import load_file

import zoo
from contracts.errors import InvalidOption, Unsupported
from tests import cell_runs
from tests.zoo.cells.conftest import UNKNOWN, counts
from zoo.architectures import saturn as architecture
from zoo.runtime.torch import load_model


def by_hand(folder: Path, frame: pd.DataFrame, species: str, standardise: str) -> np.ndarray:
    """Vectors in float64: levels and statistics by numpy, the encoder by torch."""
    state = load_file(folder / "state.safetensors")
    genes = sorted(record.symbol for record in cell_runs.records(species))
    counts = frame[genes].to_numpy(np.float64)
    level = np.log1p(counts / counts.sum(1, keepdims=True) * 10_000)
    names = ("mean", "deviation", "center", "scale")
    mean, deviation, center, scale = (state[f"{species}_{name}"].astype(float) for name in names)
    if standardise == "data":
        spread = np.where(level.std(0) == 0, 1, level.std(0))
        level = (level - level.mean(0)) / spread * deviation + mean
    scaled = np.clip((level - center) / scale, -5, 5)
    config = cell_runs.CONFIG | {"frozen": True}
    encoder = load_model(architecture, config, folder / "weights.safetensors").double().encoder
    weight = torch.from_numpy(state[f"{species}_weight"].astype(np.float64))
    with torch.inference_mode():
        vectors = encoder(torch.from_numpy(scaled), weight).numpy()
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("species", ["human", "mouse"])
@pytest.mark.parametrize("standardise", ["data", "entry"])
def test_vectors_are_those_of_the_figure(saturn, saturn_toy, species: str, standardise: str):
    frame = counts(species)
    vectors = saturn.embed(frame, species, standardise=standardise)
    assert vectors.dtype == np.float32
    expected = by_hand(saturn_toy, frame, species, standardise)
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_statistics_of_other_cells_can_be_used(saturn, human):
    statistics = saturn.statistics(human, "human")
    assert statistics.cells == len(human)
    np.testing.assert_array_equal(
        saturn.embed(human[:7], "human", standardise=statistics),
        saturn.embed(human, "human", standardise="data")[:7],
    )


def test_a_vector_depends_on_its_cell_alone_unless_another_way_is_given(saturn, human):
    vectors = saturn.embed(human, "human")
    np.testing.assert_array_equal(vectors, saturn.embed(human, "human", standardise="entry"))
    np.testing.assert_allclose(saturn.embed(human[:1], "human"), vectors[:1], atol=2e-6)


def test_statistics_of_another_species_are_refused(saturn, human, mouse):
    statistics = saturn.statistics(mouse, "mouse")
    with pytest.raises(InvalidOption, match=r"statistics of 30 mouse genes.*40 human genes"):
        saturn.embed(human, "human", standardise=statistics)
    with pytest.raises(InvalidOption, match="'entry', 'data' or GeneStatistics"):
        saturn.embed(human, "human", standardise="both")


def test_too_few_cells_have_no_statistics(saturn, human):
    with pytest.raises(InvalidOption, match=r"at least 20 cells .* not 19.*standardise='entry'"):
        saturn.embed(human[:19], "human", standardise="data")
    assert saturn.embed(human[:19], "human").shape == (19, 8)
    assert saturn.embed(human[:20], "human", standardise="data").shape == (20, 8)


def test_vectors_go_into_an_anndata(saturn, adata):
    expected = saturn.embed(adata, "human")
    saturn.embed_into(adata, species="human")
    np.testing.assert_array_equal(adata.obsm["X_saturn"], expected)
    about = {"entry": "saturn-toy", "version": "0.1", "species": "human", "coverage": 1.0}
    assert adata.uns["X_saturn"] == about
    saturn.embed_into(adata, key="X", species="human", standardise="data")
    assert adata.obsm["X"].dtype == np.float32


def test_vectors_do_not_go_into_a_view_or_a_table(saturn, adata, human):
    with pytest.raises(InvalidOption, match=r"adata='a view' .*adata\.copy\(\)"):
        saturn.embed_into(adata[:30], species="human")
    with pytest.raises(InvalidOption, match="adata='DataFrame' is not allowed: expected an AnnD"):
        saturn.embed_into(human, species="human")


def test_coverage_says_what_is_there(saturn):
    coverage = saturn.coverage(["GEN00", "ENSG00000000002.7", "OLD01", *UNKNOWN], "human")
    assert coverage.found == ("GEN00", "GEN01", "GEN02")
    assert coverage.share == 3 / 40
    assert len(coverage.missing) == 37
    with pytest.raises(InvalidOption, match="species='rat' is not allowed: expected one of human"):
        saturn.coverage(["GEN00"], "rat")


def test_an_entry_of_two_species(saturn, saturn_toy):
    assert (saturn.species, saturn.dim) == (("human", "mouse"), 8)
    assert "40 human genes, 30 mouse genes" in repr(saturn)
    assert saturn.vocabularies["mouse"].genes[0] == "C3"
    with pytest.raises(Unsupported, match=r"\.vocabularies\['human'\]"):
        _ = saturn.vocabulary
    zoo.register(saturn_toy)
    for wanted in ({"species": "mouse"}, {"species": "human"}, {"task": "cells"}):
        assert "saturn-toy" in set(zoo.search(**wanted)["entry"])
    assert "saturn-toy" not in set(zoo.search(species="yeast")["entry"])
    assert zoo.verify("saturn-toy").ok


def test_nothing_that_is_optional_is_imported():
    code = """
import sys
import zoo.cells.scorer, zoo.cells.family
print(sorted({"anndata", "h5py", "torch", "scanpy", "pandas"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_torch_gives_the_same(saturn, saturn_toy, human):
    other = zoo.load(zoo.register(saturn_toy), backend="torch", device="cpu")
    np.testing.assert_allclose(other.embed(human, "human"), saturn.embed(human, "human"), atol=1e-5)
