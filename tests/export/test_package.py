"""Packaging: an entry that works as a user gets it, a true manifest, and never half an entry."""

import hashlib
import json
import stat
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import zoo
from contracts import evidence
from contracts.errors import ArtefactError, CorruptArtefact, InvalidOption
from contracts.manifest import FILENAME, Manifest
from export import package as packaging
from export.package import NoRun, SmokeRun, package
from tests.training import toy
from zoo.entry import STATE
from zoo.store import folders


@pytest.fixture(params=toy.ENTRIES)
def folder(request, toy_entries):
    return toy_entries / request.param


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_manifest_lists_every_file_with_its_digest(folder):
    manifest = Manifest.load(folder / FILENAME)
    there = {name: data for name, data in contents(folder).items() if name != FILENAME}
    assert set(manifest.files) == set(there)
    for name, data in there.items():
        record = manifest.files[name]
        assert (record.sha256, record.bytes) == (hashlib.sha256(data).hexdigest(), len(data)), name


def test_the_manifest_says_what_the_entry_is(folder):
    manifest = Manifest.load(folder / FILENAME)
    run = json.loads((folder / "run.json").read_text())
    assert manifest.entry == folder.name
    assert manifest.version == "0.1"
    assert manifest.config == run["config"]
    assert manifest.sizes["tfs_total"] == toy.REGULATORS
    assert manifest.sizes["genes_total"] == toy.GENES
    assert manifest.sizes.get("dim") == (None if folder.name == "degree-toy" else 8)
    assert manifest.licences.weights == "CC0-1.0"
    assert manifest.licences.data == run["licences"]
    assert (manifest.seeds, manifest.commit) == ([run["seed"]], run["commit"])
    assert {"onnx", "torch"} <= set(manifest.packages)
    assert manifest.recipe == f"training/recipes/{folder.name}.toml"
    assert manifest.metrics == {}, "no figure before an evaluation"


def test_files_can_be_read_by_everybody(folder):
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o644, path.name


def test_no_path_of_this_machine_ships(folder, scratch):
    places = (str(Path.cwd()), str(scratch), tempfile.gettempdir() + "/", sys.prefix)
    for path in folder.glob("*.json"):
        for place in places:
            assert place not in path.read_text(), (path.name, place)


def test_no_pickle_and_no_checkpoint_ships(folder):
    suffixes = {"".join(path.suffixes) for path in folder.iterdir()}
    assert suffixes <= {".json", ".onnx", ".safetensors", ".tsv.gz"}


def test_the_entry_loads_and_gives_the_same_numbers_in_both_backends(folder):
    name = folders.register(folder)
    one, other = (zoo.load(name, backend=b, device="cpu") for b in ("onnx", "torch"))
    genes = one.vocabulary.genes[::40]
    difference = one.score_matrix(genes=genes) - other.score_matrix(genes=genes)
    assert np.abs(difference).max() < 1e-5
    assert one.score_matrix(genes=genes).std() > 0.01
    top = [model.regulators(genes[:3], k=5) for model in (one, other)]
    np.testing.assert_allclose(top[0]["score"], top[1]["score"], atol=1e-5)


def test_a_learned_entry_scores_edges_above_other_pairs(toy_entries):
    """The whole chain: toy edges in, an exported entry that knows them out."""
    data, split = toy.data(), toy.split()
    for entry in ("cross_encoder-toy", "late_interaction-toy", "two_tower-toy"):
        model = zoo.load(folders.register(toy_entries / entry), device="cpu")
        matrix = model.score_matrix()
        listed = split.positives(data, "train")
        assert matrix[tuple(listed.T)].mean() > matrix.mean() + 0.2


def test_the_state_is_what_the_towers_give(toy_entries):
    folder = toy_entries / "two_tower-toy"
    state = load_file(folder / STATE)
    model = zoo.load(folders.register(folder), backend="torch", device="cpu")
    for side, names, embed in (
        ("tf", model.vocabulary.regulators, model.embed_tfs),
        ("gene", model.vocabulary.genes, model.embed_genes),
    ):
        np.testing.assert_allclose(state[f"{side}_vectors"], embed(names), atol=1e-5)
        assert len(state[f"{side}_popularity"]) == len(names)
        assert (state[f"{side}_edges"] > 0).any()


def test_support_follows_from_the_training_edges(toy_entries):
    model = zoo.load(folders.register(toy_entries / "degree-toy"), device="cpu")
    known = model.vocabulary
    for part, expected in (("train", "both_seen"), ("cold_gene_test", "tf_only")):
        tf, gene = toy.split().positives(toy.data(), part)[0]
        assert model.support([known.regulators[tf]], [known.genes[gene]]) == [expected]


def test_an_export_takes_the_place_of_the_one_before(run_of, tmp_path):
    run, target = run_of("degree-toy"), tmp_path / "entries" / "degree-toy"
    package(run, target)
    first = contents(target)
    (target / "old.txt").write_text("left from before")
    package(run, target)
    assert contents(target) == first, "the same run gives the same bytes"
    assert [path.name for path in target.parent.iterdir()] == ["degree-toy"]


@pytest.mark.parametrize(
    "name", ["run.json", "weights.safetensors", "split.safetensors", "pairs.safetensors"]
)
def test_an_unfinished_run_is_refused_with_what_to_type(run_of, tmp_path, name):
    run = run_of("degree-toy")
    (run / name).unlink()
    with pytest.raises(NoRun, match=rf"{name} is missing.*Type: zoo train degree-toy") as caught:
        package(run, tmp_path / "entries" / "degree-toy")
    assert isinstance(caught.value, ArtefactError)
    assert not (tmp_path / "entries").exists()


def test_a_smoke_run_is_no_entry(run_of, tmp_path):
    run, target = run_of("degree-toy"), tmp_path / "entries" / "degree-toy"
    report = json.loads((run / "run.json").read_text()) | {"max_steps": 20}
    (run / "run.json").write_text(json.dumps(report))
    with pytest.raises(SmokeRun, match=r"20 steps.*Type: zoo train degree-toy"):
        package(run, target)
    assert not target.exists()
    assert package(run, target, smoke=True).entry == "degree-toy"


def test_a_run_with_imported_vectors_says_so_as_its_evidence(run_of, tmp_path):
    run, target = run_of("degree-toy"), tmp_path / "entries" / "degree-toy"
    report = json.loads((run / "run.json").read_text())
    assert package(run, target).evidence == "native"
    report["imported"] = {"name": "scgpt", "licence": "MIT", "sha256": "0" * 64}
    (run / "run.json").write_text(json.dumps(report))
    assert package(run, target).evidence == "embedding-import"
    (run / "run.json").write_text(json.dumps(report | {"max_steps": 20}))
    cut_short = package(run, target, smoke=True)
    assert cut_short.evidence == "embedding-import, smoke test, 20 steps"
    assert evidence.of(cut_short.evidence).name == "embedding-import"


def test_the_run_of_another_entry_is_refused(run_of, tmp_path):
    target = tmp_path / "entries" / "two_tower-toy"
    target.mkdir(parents=True)
    (target / "note.txt").write_text("what was there before")
    with pytest.raises(InvalidOption, match=r"--run='a run of degree-toy'.*a run of two_tower-toy"):
        package(run_of("degree-toy"), target)
    assert list(contents(target)) == ["note.txt"]


@pytest.mark.parametrize("change", ["lacks one", "has one more", "another shape"])
def test_weights_of_another_architecture_are_refused(run_of, tmp_path, change):
    run = run_of("degree-toy")
    weights = load_file(run / "weights.safetensors")
    if change == "lacks one":
        del weights["popularity.tf_weight"]
    elif change == "has one more":
        weights["popularity.more"] = np.zeros(3, np.float32)
    else:
        weights["popularity.tf_log_degree"] = np.zeros(3, np.float32)
    save_file(weights, run / "weights.safetensors")
    with pytest.raises(CorruptArtefact, match=r"weights\.safetensors is damaged"):
        package(run, tmp_path / "entries" / "degree-toy")
    assert list((tmp_path / "entries").iterdir()) == []


def test_what_was_there_comes_back_where_the_exchange_fails(run_of, tmp_path, monkeypatch):
    run, target = run_of("degree-toy"), tmp_path / "entries" / "degree-toy"
    package(run, target)
    before = contents(target)
    rename = packaging.Path.rename

    def refuse(self, to):
        if self.parent.name.startswith(".export-") and self.name == "degree-toy":
            raise OSError("no space left")
        return rename(self, to)

    monkeypatch.setattr(packaging.Path, "rename", refuse)
    with pytest.raises(OSError, match="no space left"):
        package(run, target)
    assert contents(target) == before
