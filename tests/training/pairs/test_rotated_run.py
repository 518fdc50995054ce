"""A rotated entry: an ensemble for each fold, and one on all edges that ships."""

import json
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from contracts.manifest import Manifest
from export.package import package
from tests.training import toy
from training.pairs import learning, members
from training.pairs.split import FOLDS, PARTS, Split, make_split
from training.run import Options, train
from zoo.architectures import two_tower
from zoo.runtime.torch import load_model

ENTRY, MEMBERS = "two_tower-toy", 2
ROTATED = "\n[objective]\nrotation = true\nmembers = 2\n"
SHORT = toy.NETWORK.format(more="initial_scale = 5.0\npartner_dim = 4").replace(
    "max_epochs = 8\npatience = 4", "max_epochs = 4\npatience = 2"
)
RESOURCES = {"first": "First", "second": "Second", "inferred": "Inferred"}
FOLDERS = [f"folds/{fold}" for fold in range(FOLDS)]


@pytest.fixture(scope="module")
def resourced(toy_data):
    """The toy with the resources of its edges, counts of articles and signs."""
    rng = np.random.default_rng(5)
    edges = toy_data.edges.assign(
        references=rng.integers(0, 100_000, len(toy_data.edges)),
        first_sign=rng.integers(0, 4, len(toy_data.edges)).astype(np.uint8),
        second_sign=rng.integers(0, 4, len(toy_data.edges)).astype(np.uint8),
    )
    return replace(toy_data, edges=edges, resources=RESOURCES)


@pytest.fixture(scope="module")
def place(resourced, tmp_path_factory):
    """The rotated recipe and its data, in the place of others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(toy.RECIPES, ENTRY, toy.HEAD + ROTATED + SHORT)
        toy.put_in_place(patch, tmp_path_factory.mktemp("rotated") / "recipes")
        patch.setattr("training.data.load", lambda name, root=None: resourced)
        yield


@pytest.fixture(scope="module")
def rotated(place, tmp_path_factory):
    """The run folder of a rotated entry; not to be changed."""
    folder = tmp_path_factory.mktemp("rotated") / ENTRY
    train(ENTRY, Options(folder, progress=False))
    return folder


def report_of(folder) -> dict:
    return json.loads((folder / "run.json").read_text())


def test_every_fold_is_a_run_of_its_own(rotated, resourced):
    for fold, name in enumerate(FOLDERS):
        folder = rotated / name
        expected = make_split(resourced, toy.SPLIT_SEED, fold)
        split = Split.load(folder / "split.safetensors")
        np.testing.assert_array_equal(split.part, expected.part)
        report = report_of(folder)
        assert "rotation" not in report
        assert len(report["members"]) == report["config"]["members"] == MEMBERS
        state = load_file(folder / "state.safetensors")
        degree = np.bincount(split.positives(resourced, "train")[:, 1], minlength=toy.GENES)
        np.testing.assert_array_equal(state["gene_edges"], degree)
        load_model(two_tower, report["config"], folder / "weights.safetensors")


def test_the_shipped_weights_are_trained_on_all_edges(rotated, resourced):
    core = resourced.edges["core"].to_numpy()
    split = Split.load(rotated / "split.safetensors")
    np.testing.assert_array_equal(split.part == PARTS.index("train"), core)
    state = load_file(rotated / "state.safetensors")
    sizes = (("tf_edges", toy.REGULATORS), ("gene_edges", toy.GENES))
    for column, (name, total) in enumerate(sizes):
        degree = np.bincount(resourced.pairs[core][:, column], minlength=total)
        np.testing.assert_array_equal(state[name], degree)


def test_the_first_fold_says_for_how_many_epochs_all_others_are_trained(rotated):
    first = report_of(rotated / FOLDERS[0])["members"]
    best = [1 + int(np.argmax([row["monitor"] for row in each])) for each in first]
    epochs = report_of(rotated)["rotation"]["epochs"]
    assert epochs == round(np.mean(best))
    for name in (*FOLDERS[1:], "."):
        histories = report_of(rotated / name)["members"]
        assert [len(each) for each in histories] == MEMBERS * [epochs], name
        assert not any("monitor" in row for each in histories for row in each), name


def test_the_run_says_which_weights_it_is_evaluated_by(rotated):
    rotation = report_of(rotated)["rotation"]
    assert (rotation["folds"], rotation["members"]) == (FOLDS, MEMBERS)
    weights = [(rotated / name / "weights.safetensors").read_bytes() for name in FOLDERS]
    expected = {str(fold): sha256(each).hexdigest() for fold, each in enumerate(weights)}
    assert rotation["weights"] == expected
    assert len(set(expected.values())) == FOLDS


def test_the_calibration_is_the_mean_of_the_folds(rotated):
    folds = [report_of(rotated / name)["calibration"] for name in FOLDERS]
    got = report_of(rotated)["calibration"]
    assert got.keys() == folds[0].keys()
    weights = load_file(rotated / "weights.safetensors")
    for name, value in got.items():
        assert value == pytest.approx(np.mean([each[name] for each in folds]))
        assert weights[f"popularity.{name}"] == pytest.approx(value)


def test_members_are_of_other_seeds(rotated):
    for name in (*FOLDERS, "."):
        scales = load_file(rotated / name / "weights.safetensors")["log_scale"]
        assert len(set(scales.tolist())) == MEMBERS, name


@pytest.mark.parametrize("name", [*FOLDERS, "."])
def test_listed_edges_stand_beside_the_weights(rotated, resourced, name):
    with safe_open(rotated / name / "known.safetensors", "np") as file:
        assert file.metadata() == {"resources": "First,Second,Inferred"}
        table = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    expected = {}
    for row in resourced.edges.itertuples():
        bits = row.first + 2 * row.second + 4 * row.inferred
        sign = row.first_sign or row.second_sign
        code = row.tf_index * toy.GENES + row.gene_index
        expected[code] = (bits, min(row.references, 65_535), sign)
    assert table["pair"].tolist() == sorted(expected)
    columns = zip(
        *(table[key].tolist() for key in ("resources", "references", "sign")), strict=True
    )
    assert dict(zip(table["pair"].tolist(), columns, strict=True)) == expected


def test_an_entry_knows_the_digests_of_its_folds(rotated, tmp_path):
    package(rotated, tmp_path / ENTRY)
    manifest = Manifest.load(tmp_path / ENTRY / "manifest.json")
    assert manifest.folds == report_of(rotated)["rotation"]["weights"]
    assert (manifest.sizes["members"], manifest.sizes["dim"]) == (MEMBERS, MEMBERS * 8)
    known = (rotated / "known.safetensors").read_bytes()
    assert (tmp_path / ENTRY / "known.safetensors").read_bytes() == known


def test_a_stopped_rotation_goes_on(rotated, place, tmp_path, monkeypatch):
    """Stopped in the second epoch of the second member of the second fold."""
    step = learning.PairTraining.training_step

    def pressed(self, batch, index):
        if self.stage is not None and self.seed == 2 and self.current_epoch == 1:
            raise KeyboardInterrupt
        return step(self, batch, index)

    with monkeypatch.context() as patch:
        patch.setattr(learning.PairTraining, "training_step", pressed)
        with pytest.raises(KeyboardInterrupt):
            train(ENTRY, Options(tmp_path, progress=False))
    assert (tmp_path / FOLDERS[0] / "run.json").is_file()
    assert not (tmp_path / FOLDERS[1] / "run.json").exists()
    begun, learn = [], members.train

    def counted(*given):
        begun.append(given[4].folder.name)
        return learn(*given)

    monkeypatch.setattr(members, "train", counted)
    train(ENTRY, Options(tmp_path, progress=False, resume=True))
    assert begun == ["1", "2", "3", "4", tmp_path.name], "a finished fold is not trained again"
    for name in (*FOLDERS, "."):
        here, there = (load_file(f / name / "weights.safetensors") for f in (tmp_path, rotated))
        for key, expected in there.items():
            np.testing.assert_array_equal(here[key], expected, err_msg=f"{name} {key}")
