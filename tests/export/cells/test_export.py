"""A cell entry from a run folder to what ships."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from safetensors.numpy import load_file, save_file

import zoo
from contracts.errors import InvalidManifest, ZooError
from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import FILENAME, Manifest
from export.package import NoRun, package
from tests import cell_runs
from zoo.entry import open_parts

SIZES = {"human_genes": 40, "mouse_genes": 30, "macrogenes": 12, "dim": 8}


def test_the_manifest_has_both_species(saturn_toy: Path):
    manifest = Manifest.load(saturn_toy / FILENAME)
    assert (manifest.task, manifest.species, manifest.sizes) == (
        "cell_embed",
        "human, mouse",
        SIZES,
    )
    assert manifest.graphs == {"human": "human.onnx", "mouse": "mouse.onnx"}
    assert {"human.tsv.gz", "mouse.tsv.gz"} < set(manifest.files)
    assert "vocabulary.tsv.gz" not in manifest.files


def test_the_weights_of_macrogenes_ship_once_in_half_precision(saturn_toy: Path):
    state = load_file(saturn_toy / "state.safetensors")
    assert state["human_weight"].dtype == np.float16
    assert not any(
        "weight" in name and "log" in name for name in load_file(saturn_toy / "weights.safetensors")
    )
    for species, genes in cell_runs.GENES.items():
        graph = onnx.load(saturn_toy / f"{species}.onnx").graph
        assert [one.name for one in graph.input][-1] == f"{species}_weight"
        assert all(genes not in tuple(one.dims) for one in graph.initializer)


def test_both_lanes_are_certified(saturn_toy: Path):
    report = json.loads((saturn_toy / "parity.json").read_text())
    assert (report["neighbours"], report["among_cells"]) == (10, 2000)
    for lane in ("torch_f32", "ort_cpu"):
        assert report["lanes"][lane]["status"] == "certified"
        assert report["lanes"][lane]["max_abs_vector"] <= 1e-5
        assert report["lanes"][lane]["neighbours_equal"] >= 0.999


def test_golden_cases_have_the_cells_of_the_run(saturn_toy: Path):
    golden, run = (
        load_file(saturn_toy / "vectors.safetensors"),
        load_file(saturn_toy.with_name("run") / "cells.safetensors"),
    )
    assert {tuple(key.split("/")[:2]) for key in golden} == {
        (species, case) for species in ("human", "mouse") for case in ("random", "real", "edge")
    }
    for species in ("human", "mouse"):
        for name in ("counts", "mean", "deviation"):
            np.testing.assert_array_equal(
                golden[f"{species}/real/in/{name}"], run[f"{species}_{name}"]
            )
    edge = golden["human/edge/in/counts"]
    assert sorted(edge.sum(1))[0] == 1
    assert edge.max() == 1e6


def test_an_entry_holds_on_this_machine(saturn_toy: Path):
    report = zoo.verify(zoo.register(saturn_toy))
    assert report.ok, report.failures
    assert "40 human genes, 30 mouse genes" in [check.detail for check in report.checks]


@pytest.mark.parametrize("name", ["mouse.tsv.gz", "cells.safetensors", "run.json"])
def test_a_run_without_a_file_is_none(tmp_path: Path, name: str):
    run = cell_runs.write(tmp_path / "run")
    (run / name).unlink()
    with pytest.raises(NoRun, match=f"{name} is missing"):
        package(run, tmp_path / cell_runs.ENTRY)


def test_another_number_of_genes_is_no_entry(saturn_toy: Path, tmp_path: Path):
    folder = tmp_path / "saturn-toy"
    folder.mkdir()
    for path in saturn_toy.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    Vocabulary.from_records(cell_runs.records("mouse")[:-1]).save(folder / "mouse.tsv.gz")
    manifest = Manifest.load(folder / FILENAME)
    with pytest.raises(InvalidManifest, match="mouse_genes is 30, but the vocabulary has 29"):
        open_parts(folder, manifest, "onnx", "cpu", 1)


def test_a_state_that_lacks_a_tensor_is_corrupt(tmp_path: Path):
    run = cell_runs.write(tmp_path / "run")
    state = load_file(run / "state.safetensors")
    save_file({k: v for k, v in state.items() if k != "transfer"}, run / "state.safetensors")
    package(run, tmp_path / cell_runs.ENTRY)
    with pytest.raises(ZooError, match="no such tensor, expected transfer of shape"):
        zoo.load(zoo.register(tmp_path / cell_runs.ENTRY), device="cpu")
