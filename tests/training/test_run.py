"""One training from its recipe to its run folder: what is written, refused and left alone."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from contracts.errors import InvalidInput, InvalidOption
from contracts.genes.vocabulary import Vocabulary
from tests.training import toy
from training import loop, provenance, recipe
from training.begin import Options, UnfitOptions
from training.pairs import learning, run
from training.pairs.batches import Degrees
from training.pairs.calibrate import NotCalibrated
from training.pairs.members import build
from training.pairs.split import PARTS, Split
from training.run import train
from zoo.architectures import cross_encoder


def options(folder, **changes) -> Options:
    return replace(Options(folder, progress=False), **changes)


def report_of(folder) -> dict:
    return json.loads((folder / "run.json").read_text())


@pytest.mark.parametrize("entry", toy.ENTRIES)
def test_a_run_holds_all_that_an_export_needs(toy_runs, toy_data, toy_split, entry):
    folder = toy_runs / entry
    written = report_of(folder)
    assert written["entry"] == entry
    assert (written["seed"], written["max_steps"]) == (1, None)
    assert written["recipe"]["dataset"] == "toy"
    assert written["edges_digest"] == toy_split.digest
    assert written["licences"] == toy_data.licences
    assert set(provenance.PACKAGES) <= set(written["packages"])
    counts = {part: len(toy_split.positives(toy_data, part)) for part in PARTS}
    assert written["split"] == counts
    assert Vocabulary.load(folder / "vocabulary.tsv.gz").digest == toy_data.vocabulary.digest
    np.testing.assert_array_equal(Split.load(folder / "split.safetensors").part, toy_split.part)


@pytest.mark.parametrize("entry", toy.ENTRIES)
def test_counts_are_those_of_the_training_edges(toy_runs, toy_data, toy_split, entry):
    state = load_file(toy_runs / entry / "state.safetensors")
    trained = toy_split.positives(toy_data, "train")
    for side, (name, size) in enumerate((("tf_edges", 120), ("gene_edges", 520))):
        expected = np.bincount(trained[:, side], minlength=size)
        np.testing.assert_array_equal(state[name], expected)
        assert state[name].dtype == np.int32


def test_parameters_are_counted(toy_runs):
    shapes = load_file(toy_runs / "cross_encoder-toy" / "weights.safetensors")
    learned = [n for n in shapes if n.split(".")[-1] in ("weight", "bias")]
    expected = sum(shapes[name].size for name in learned)
    assert report_of(toy_runs / "cross_encoder-toy")["parameters"] == expected
    assert report_of(toy_runs / "degree-toy")["parameters"] == 0


def test_the_sample_for_golden_vectors_is_of_validation_pairs(toy_runs, toy_data, toy_split):
    pairs = load_file(toy_runs / "two_tower-toy" / "pairs.safetensors")
    assert list(pairs) == ["pairs"], "labels have no place here"
    sample = set(map(tuple, pairs["pairs"].tolist()))
    listed = set(map(tuple, toy_split.positives(toy_data, "valid").tolist()))
    rewired = set(map(tuple, toy_split.negatives["valid/degree_preserving"].tolist()))
    assert sample <= listed | rewired
    assert len(sample & listed) == len(sample & rewired) == run.SAMPLE


def test_the_best_epoch_is_that_of_the_history(toy_runs):
    written = report_of(toy_runs / "two_tower-toy")
    figures = [row["monitor"] for row in written["history"]]
    assert written["best"] == written["history"][int(np.argmax(figures))]
    assert report_of(toy_runs / "degree-toy")["best"] is None


def test_another_seed_gives_another_network_on_the_same_split(toy_runs, toy_place, tmp_path):
    train("two_tower-toy", options(tmp_path, seed=2, max_steps=5))
    assert report_of(tmp_path)["seed"] == 2
    here, there = tmp_path, toy_runs / "two_tower-toy"
    splits = [Split.load(folder / "split.safetensors").part for folder in (here, there)]
    np.testing.assert_array_equal(*splits)
    name = "tf.net.0.weight"
    weights = [load_file(folder / "weights.safetensors")[name] for folder in (here, there)]
    assert not np.array_equal(*weights)


def test_a_smoke_run_says_so(toy_place, tmp_path):
    train("two_tower-toy", options(tmp_path, max_steps=3))
    assert report_of(tmp_path)["max_steps"] == 3


@pytest.mark.parametrize("steps", [0, -2])
def test_a_run_of_no_steps_is_refused(toy_place, tmp_path, steps):
    with pytest.raises(InvalidOption, match=rf"--max-steps={steps} .* 1 or more"):
        train("two_tower-toy", options(tmp_path, max_steps=steps))
    assert not any(tmp_path.glob("*.json"))


def test_the_configuration_has_the_sizes_of_the_data(toy_place, toy_data, toy_split):
    degrees = Degrees.count(toy_data, toy_split.positives(toy_data, "train"))
    model, config = build(recipe.load("cross_encoder-toy"), toy_data, degrees)
    assert isinstance(model, cross_encoder.Model)
    assert (config["tfs_total"], config["genes_total"], config["features"]) == (120, 520, 8)
    assert config["genes_known"] == (degrees.gene > 0).sum()
    assert (config["hidden"], config["joint_hidden"]) == (32, 16)


@pytest.fixture
def stopped(toy_place, tmp_path, monkeypatch):
    """A run that Ctrl-C ended in its second epoch."""
    steps = learning.PairTraining.training_step

    def pressed(self, batch, index):
        if self.current_epoch == 1:
            raise KeyboardInterrupt
        return steps(self, batch, index)

    with monkeypatch.context() as patch:
        patch.setattr(learning.PairTraining, "training_step", pressed)
        with pytest.raises(KeyboardInterrupt):
            train("two_tower-toy", options(tmp_path))
    return tmp_path


def test_an_interrupted_run_is_no_run_until_it_is_resumed(stopped, toy_runs):
    assert not (stopped / "run.json").exists()
    train("two_tower-toy", options(stopped, resume=True))
    here, there = (
        load_file(f / "weights.safetensors") for f in (stopped, toy_runs / "two_tower-toy")
    )
    for name, expected in there.items():
        np.testing.assert_array_equal(here[name], expected, err_msg=name)
    assert report_of(stopped)["history"] == report_of(toy_runs / "two_tower-toy")["history"]


@pytest.mark.parametrize(
    ("changes", "named"), [({"seed": 4}, "another seed"), ({"max_steps": 7}, "another max_steps")]
)
def test_another_run_is_not_resumed(stopped, changes, named):
    with pytest.raises(UnfitOptions, match=rf"{named}.*--overwrite instead of --resume"):
        train("two_tower-toy", options(stopped, resume=True, **changes))


def test_a_run_of_another_recipe_is_not_resumed(stopped, monkeypatch):
    path = recipe.RECIPES / "two_tower-toy.toml"
    path.write_text(path.read_text().replace("dropout = 0.1", "dropout = 0.2"))
    with pytest.raises(UnfitOptions, match=r"another recipe"):
        train("two_tower-toy", options(stopped, resume=True))


def test_to_resume_needs_a_checkpoint(toy_place, tmp_path):
    with pytest.raises(UnfitOptions, match=r"no checkpoint to go on from\. Leave --resume out"):
        train("two_tower-toy", options(tmp_path, resume=True))
    assert not list(tmp_path.glob("*.json"))
    assert issubclass(UnfitOptions, InvalidInput)


def test_a_finished_run_is_replaced_only_where_that_is_asked(toy_place, tmp_path):
    folder = tmp_path / "run"
    train("two_tower-toy", options(folder, max_steps=3))
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    with pytest.raises(UnfitOptions, match=r"holds a finished run\. Add --overwrite.*--runs"):
        train("two_tower-toy", options(folder, max_steps=5, seed=2))
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert after == before
    train("two_tower-toy", options(folder, max_steps=5, seed=2, overwrite=True))
    assert (report_of(folder)["max_steps"], report_of(folder)["seed"]) == (5, 2)


def test_to_resume_and_to_overwrite_are_not_asked_together(stopped):
    with pytest.raises(UnfitOptions, match="give one of them"):
        train("two_tower-toy", options(stopped, resume=True, overwrite=True))
    assert (stopped / loop.CHECKPOINTS / "last.ckpt").is_file()


def test_a_replaced_run_that_is_stopped_is_no_run(toy_place, tmp_path, monkeypatch):
    """Else the old run.json would stand beside the new checkpoints, and be exported."""
    train("two_tower-toy", options(tmp_path, max_steps=3))

    def pressed(self, batch, index):
        raise KeyboardInterrupt

    monkeypatch.setattr(learning.PairTraining, "training_step", pressed)
    with pytest.raises(KeyboardInterrupt):
        train("two_tower-toy", options(tmp_path, overwrite=True))
    assert not (tmp_path / "run.json").exists()


def test_to_begin_again_removes_the_old_checkpoints(stopped, monkeypatch):
    """Else a new run stopped in its first epoch would be resumed from the old one."""
    assert (stopped / loop.CHECKPOINTS / "last.ckpt").is_file()

    def pressed(self, batch, index):
        raise KeyboardInterrupt

    monkeypatch.setattr(learning.PairTraining, "training_step", pressed)
    with pytest.raises(KeyboardInterrupt):
        train("two_tower-toy", options(stopped, seed=9))
    assert not (stopped / loop.CHECKPOINTS / "last.ckpt").exists()


def test_a_failed_run_leaves_what_was_there(toy_place, tmp_path, monkeypatch):
    folder = tmp_path / "run"
    train("degree-toy", options(folder))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def refuse(*_):
        raise NotCalibrated("no")

    monkeypatch.setattr(run.calibrate, "calibrate", refuse)
    with pytest.raises(NotCalibrated):
        train("degree-toy", options(folder, overwrite=True))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
