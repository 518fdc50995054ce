"""A whole training on planted cells: what it sees, what it leaves, and how it is gone on with."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.numpy import load_file, save_file
from scipy import sparse
from torch import nn

import training.data
import zoo
from contracts.errors import BadTable, InvalidOption
from export.package import package
from tests import shared
from tests.training.cells import toy
from training import recipe
from training import run as runs
from training.begin import Options, UnfitOptions
from training.cells import run
from training.cells.fits.saturn import Learner
from training.data.cells import CellData
from training.recipe import InvalidRecipe
from training.scoring import bootstrap
from training.scoring.evaluate import evaluate
from zoo.store import folders

TABLES = ("weights.safetensors", "state.safetensors", "cells.safetensors", "stage1.safetensors")


def trained(folder: Path, **options) -> dict:
    return run.train(toy.chosen(), Options(folder, progress=False, **options))


@pytest.fixture(autouse=True)
def planted_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted cells are found in place of those of a recipe."""
    monkeypatch.setattr(training.data, "load", lambda name, root=None: toy.data())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An undisturbed run; not to be changed."""

    def train(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(training.data, "load", lambda name, root=None: toy.data())
            trained(folder)

    return shared.once(shared.room(tmp_path_factory) / "planted" / "trained", train)


@pytest.fixture(scope="module")
def exported(finished: Path) -> Path:
    """The entry of that run; not to be changed."""
    return shared.once(
        finished.parent / "exported" / toy.ENTRY, lambda folder: package(finished, folder)
    )


def report(folder: Path) -> dict:
    return json.loads((folder / "run.json").read_text())


def same_run(one: Path, other: Path) -> None:
    """Both wrote the same tables and figures."""
    for name in TABLES:
        tables = load_file(one / name), load_file(other / name)
        assert set(tables[0]) == set(tables[1])
        for key, value in tables[0].items():
            np.testing.assert_array_equal(value, tables[1][key], f"{name}: {key}")
    first, second = (
        {key: value for key, value in report(folder).items() if key != "seconds"}
        for folder in (one, other)
    )
    assert first == second


def same(one: nn.Module, other: nn.Module) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_a_run_notes_what_it_did(finished: Path):
    got = report(finished)
    assert got["sizes"] == {"human_genes": 32, "mouse_genes": 32}
    assert [(row["stage"], row["epoch"]) for row in got["history"]] == [
        ("reconstruction", 0), ("reconstruction", 1), ("alignment", 0), ("alignment", 1)
    ]  # fmt: skip
    assert set(got["best"]) == {"human_to_mouse", "mouse_to_human"}
    for name, value in got["best"].items():
        assert value == pytest.approx(np.mean([fold[name] for fold in got["folds"]]))
    assert got["partner_genes"] == 24
    assert {("A", "A"), ("B", "B")} <= {tuple(pair) for pair in got["partner_types"]}
    assert all(1 < rank <= 10 for rank in got["effective_rank"].values())
    assert "one-to-one orthologs" in got["gene_vectors"]


def test_a_run_becomes_an_entry_that_is_evaluated(finished: Path, exported: Path, monkeypatch):
    monkeypatch.setattr(bootstrap, "RESAMPLES", 20)
    folders.register(exported)
    found, _ = evaluate(toy.ENTRY)
    assert 0 <= found.figure("human_to_mouse", "balanced_accuracy").value <= 1
    state = load_file(exported / "state.safetensors")
    assert state["human_weight"].dtype == np.float16
    got = report(finished)
    limits = [got["calibration"][name] for name in ("temperature", "threshold")]
    np.testing.assert_allclose(state["transfer"], limits, rtol=1e-6)
    assert 0.5 <= float(state["coverage_floor"][0]) <= 0.9


def test_an_entry_gives_the_vectors_that_training_judged(finished: Path, exported: Path):
    """The exported graphs on raw counts, against the encoder on the job's levels."""
    folders.register(exported)
    job, model = toy.job(), zoo.load(toy.ENTRY, device="cpu")
    weights = load_file(finished / "weights.safetensors")
    state = load_file(finished / "state.safetensors")
    shipped = job.fit.Model(job.fit.Config(**report(finished)["config"])).eval()
    shipped.load_state_dict({name: torch.from_numpy(each) for name, each in weights.items()})
    for species, one in job.data.species.items():
        rows = job.seen[species]
        levels = torch.from_numpy(job.inputs(species, job.counts(species, rows)))
        weight = torch.from_numpy(state[f"{species}_weight"].astype(np.float32))
        with torch.no_grad():
            expected = nn.functional.normalize(shipped.encoder(levels, weight), dim=1)
        cells = pd.DataFrame(one.counts[rows].toarray(), columns=list(one.genes))
        got = model.embed(cells, species)
        np.testing.assert_allclose(got, expected.numpy(), atol=1e-4)


@pytest.mark.parametrize(
    ("folder", "stage", "epoch"),
    [
        ("fold0", "reconstruction", 1),
        ("fold1", "alignment", 1),
        (".", "reconstruction", 1),
        (".", "alignment", 1),
    ],
)
def test_a_stopped_run_goes_on_as_if_undisturbed(
    finished: Path, tmp_path: Path, monkeypatch, folder: str, stage: str, epoch: int
):
    steps = Learner.training_step
    place = tmp_path / "run" / folder / "checkpoints" / stage

    def pressed(self, batch, index):
        here = Path(self.trainer.checkpoint_callback.dirpath) == place
        if here and (self.current_epoch, index) == (epoch, 1):
            raise KeyboardInterrupt
        return steps(self, batch, index)

    with monkeypatch.context() as patch:
        patch.setattr(Learner, "training_step", pressed)
        with pytest.raises(KeyboardInterrupt):
            trained(tmp_path / "run")
    torch.manual_seed(1)
    options = Options(tmp_path / "run", resume=True)
    options.check()
    trained(tmp_path / "run", resume=True)
    same_run(finished, tmp_path / "run")


def test_a_run_begins_at_a_stage_in_all_its_trainings(finished: Path, tmp_path: Path):
    shutil.copytree(finished, tmp_path / "run")
    trained(tmp_path / "run", overwrite=True, from_stage="alignment")
    same_run(finished, tmp_path / "run")


def with_labels(data: CellData, species: str, names: dict[str, str]) -> CellData:
    one = data.species[species]
    labels = one.labels.map(names)
    return replace(data, species=data.species | {species: replace(one, labels=labels)})


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_names_of_types_are_never_compared_across_species(tmp_path: Path, species: str):
    """Other names of one species' types give the very same weights, be they those of the other.

    Where batches are drawn type by type, names are in another order only where they are swapped.
    """
    plain, _ = toy.fitted(tmp_path / "plain")
    types = sorted(set(toy.data().species[species].labels))
    words = sorted(np.random.default_rng(1).choice(1000, len(types), replace=False))
    unknown = {name: f"{word:04d}" for name, word in zip(types, words, strict=True)}
    renamed, _ = toy.fitted(tmp_path / "one", cells=with_labels(toy.data(), species, unknown))
    assert same(renamed, plain)
    wanted = toy.chosen(stages=[*toy.CONTENT["stages"][:1], toy.CONTENT["stages"][1] |
                                {"objective": {"of_type": 0}}])  # fmt: skip
    plain, _ = toy.fitted(tmp_path / "two", wanted)
    swapped = dict(zip(types, types[1:] + types[:1], strict=True))
    renamed, _ = toy.fitted(tmp_path / "three", wanted, with_labels(toy.data(), species, swapped))
    assert same(renamed, plain)


def test_labels_of_a_species_do_play_a_part(tmp_path: Path):
    """The test above could not fail if weights did not follow from labels at all."""
    one = toy.data().species["mouse"]
    shuffled = one.labels.sample(frac=1, random_state=0).set_axis(one.labels.index)
    other = replace(one, labels=shuffled)
    cells = replace(toy.data(), species=toy.data().species | {"mouse": other})
    assert not same(toy.fitted(tmp_path / "a")[0], toy.fitted(tmp_path / "b", cells=cells)[0])


def test_counts_of_test_donors_play_no_part(tmp_path: Path):
    data, species = toy.data(), {}
    for name, one in data.species.items():
        counts = one.counts.toarray()
        rows = np.setdiff1d(np.arange(len(counts)), toy.job().seen[name])
        counts[rows] = np.random.default_rng(2).poisson(30, (len(rows), counts.shape[1]))
        labels = one.labels.copy()
        labels.iloc[rows] = labels.iloc[0]
        species[name] = replace(one, counts=sparse.csr_array(counts), labels=labels)
    other = replace(data, species=species)
    plain, history = toy.fitted(tmp_path / "plain")
    changed, again = toy.fitted(tmp_path / "changed", cells=other)
    assert same(changed, plain)
    assert history == again
    one, two = toy.job(), toy.job(cells=other)
    for name in data.species:
        np.testing.assert_array_equal(one.chosen.genes[name], two.chosen.genes[name])
        for each in ("mean", "deviation"):
            expected = getattr(one.standards[name].trained, each)
            got = getattr(two.standards[name].trained, each)
            np.testing.assert_array_equal(got, expected)


@pytest.fixture
def recipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted entry has a recipe."""
    monkeypatch.setattr(recipe, "load", lambda entry, variant=None: toy.chosen())


def gene_vectors(path: Path, seed: int = 0, dim: int = 5) -> Path:
    rng = np.random.default_rng(seed)
    genes = [gene for one in toy.data().species.values() for gene in one.genes]
    save_file({gene: rng.normal(size=dim).astype(np.float32) for gene in genes}, path)
    return path


def test_gene_vectors_of_a_file_are_noted_by_name_and_digest(recipes, tmp_path: Path):
    path = gene_vectors(tmp_path / "esm.safetensors")
    options = Options(tmp_path / "run", progress=False, gene_vectors=path)
    made = runs.train(toy.ENTRY, options)
    assert made["gene_vectors"].startswith("Vectors of 5 numbers from esm.safetensors (SHA-256 ")
    noted = made["recipe"]["objective"]["gene_vectors"]
    assert noted.startswith("esm.safetensors (SHA-256 ")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    facts = {"name": "esm.safetensors", "licence": "not stated", "sha256": digest}
    assert made["imported"] == facts
    assert made["licences"]["Gene vectors esm.safetensors"] == "not stated"
    for name in ("run.json", "begun.json"):
        text = (tmp_path / "run" / name).read_text()
        assert noted in text
        assert str(tmp_path) not in text
    gene_vectors(path, seed=1)
    with pytest.raises(UnfitOptions, match="was begun with another recipe"):
        runs.train(toy.ENTRY, replace(options, resume=True))


def test_a_bad_file_of_gene_vectors_leaves_a_finished_run(recipes, finished: Path, tmp_path: Path):
    shutil.copytree(finished, tmp_path / "run")
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nothing")
    options = Options(tmp_path / "run", overwrite=True, gene_vectors=bad)
    with pytest.raises(BadTable, match="cannot be read"):
        runs.train(toy.ENTRY, options)
    with pytest.raises(InvalidOption, match=r"--gene-vectors=.*a file that exists"):
        runs.train(toy.ENTRY, replace(options, gene_vectors=tmp_path / "gone.h5"))
    same_run(finished, tmp_path / "run")


@pytest.mark.parametrize(
    ("key", "value"), [("standardised", "false"), ("mutual", "true"), ("genes", 0), ("magin", 0.2)]
)
def test_a_recipe_with_a_wrong_number_or_a_word_for_a_flag_is_told(tmp_path: Path, key, value):
    wanted = toy.chosen(objective={key: value})
    with pytest.raises(InvalidRecipe, match=rf"objective\.{key}"):
        run.train(wanted, Options(tmp_path, progress=False))
