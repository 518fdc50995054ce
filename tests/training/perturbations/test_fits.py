"""Each architecture of perturbation sets, trained for a moment on the planted screen."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

import training.data
from contracts.errors import InvalidOption
from export.package import package
from tests.training.perturbations import planted
from training import recipe
from training.begin import Options
from training.perturbations import batches, features, fits
from training.perturbations.fits import Job, cls_transformer, fit
from training.perturbations.labels import Labels
from training.perturbations.learning import SetTraining
from training.recipe import RECIPES, InvalidRecipe
from training.run import train
from zoo.loading import load
from zoo.store import folders

ARCHITECTURES = ("multiplicative", "ridge", "dango", "cls_transformer")
SMALL = {
    "cls_transformer": {
        "model": {"dim": 16, "heads": 2, "token_hidden": 32, "hidden": 32, "change_dim": 16,
                  "value_dim": 8, "key_dim": 4, "identity_dim": 8},
        "objective": {"genes": 48, "headline_sets": 40, "other_sets": 60, "steps": 4},
    },
    "dango": {
        "model": {"dim": 16, "heads": 2},
        "objective": {"headline_sets": 40, "other_sets": 60, "steps": 4, "pretrain_rows": 8},
    },
}  # fmt: skip
SOURCES = {planted.MAIN: 2.0, planted.MEASURED: 1.0, planted.TRIPLES: 1.0, planted.OTHER: 0.5}


@pytest.fixture
def recipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recipes of the planted screen: those that ship, with small numbers."""
    found = {}
    for name in ARCHITECTURES:
        text = tomllib.loads((RECIPES / f"{name}-yeast.toml").read_text())
        text |= {"entry": f"{name}-planted", "dataset": "planted", "split_seed": 4}
        for table, numbers in SMALL.get(name, {}).items():
            text[table] |= numbers
        if "objective" in text:
            text["objective"]["source_weights"] = SOURCES
            text["fit"] |= {"max_epochs": 2, "batch_size": 100}
        found[text["entry"]] = recipe.Recipe.model_validate(text)
    monkeypatch.setattr(recipe, "load", lambda entry, variant=None: found[entry])
    monkeypatch.setattr(training.data, "load", lambda name, root=None: planted.data())
    monkeypatch.setattr(fits, "make_split", lambda data, seed: planted.split())
    monkeypatch.setattr(batches, "QUERY_SETS", 30)
    monkeypatch.setattr(features, "SMALLEST_SOURCE", 200)
    monkeypatch.setattr(features, "PROFILE_COMPONENTS", 4)


_exported: dict[str, tuple[dict, Path, Path]] = {}


@pytest.fixture
def exported(
    recipes: None, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[dict, Path]]:
    """Report and run folder of an entry, trained and exported once and registered each time."""

    def of(entry: str) -> tuple[dict, Path]:
        if entry not in _exported:
            root = tmp_path_factory.mktemp("fits")
            report = train(entry, Options(root / "run", progress=False))
            package(root / "run", root / entry)
            _exported[entry] = report, root / "run", root / entry
        report, run, folder = _exported[entry]
        folders.register(folder)
        return report, run

    return of


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_run_becomes_an_entry_that_predicts(name, exported):
    entry = f"{name}-planted"
    report, folder = exported(entry)
    assert report == json.loads((folder / "run.json").read_text())
    assert report["records"][planted.MAIN]["train"] > 0
    state = load_file(folder / "state.safetensors")
    members = planted.data().records.members[planted.split().part == 0]
    counts = np.bincount(members[members >= 0], minlength=planted.GENES)
    np.testing.assert_array_equal(state["gene_records"], counts)
    predicted = load(entry).predict([[], ["G05"], ["G05", "G06"], ["G05", "G06", "G07"]])
    assert predicted["fitness"].iloc[0] == 1
    assert (predicted["gene_interaction"].iloc[:2] == 0).all()
    assert predicted["expectation"].iloc[1] == pytest.approx(planted.SINGLE[5], abs=1e-3)
    assert np.isfinite(predicted["fitness"]).all()


def test_the_attention_is_told_with_and_without_networks(exported):
    report, _ = exported("cls_transformer-planted")
    assert set(report["attention"]) == {"with", "without"}
    for figures in report["attention"].values():
        assert set(figures) == set(planted.data().networks)
        assert all(0 <= each["auroc"] <= 1 and each["kl"] >= 0 for each in figures.values())
    assert report["without_graphs"]["best"]["valid"] == pytest.approx(0, abs=1)


def test_a_resumed_training_equals_an_undisturbed_one(recipes, tmp_path):
    entry = "cls_transformer-planted"
    whole = train(entry, Options(tmp_path / "whole", progress=False))
    chosen = recipe.load(entry)
    short = chosen.model_copy(update={"fit": chosen.fit.model_copy(update={"max_epochs": 1})})
    job = job_of(short, tmp_path / "parts")
    fit(job)
    # Only the number of epochs differs, which the note of a begun training does not forgive.
    note = tmp_path / "parts" / "begun.json"
    note.write_text((tmp_path / "whole" / "begun.json").read_text())
    resumed = fit(job_of(chosen, tmp_path / "parts", resume=True))
    assert [row["valid"] for row in resumed.history] == pytest.approx(
        [row["valid"] for row in whole["history"]], abs=1e-6
    )


def test_a_new_training_takes_away_the_second_one_of_a_former(recipes, tmp_path, monkeypatch):
    """Stopped between the two, it would else be resumed with the other's weights or its note."""
    entry, folder = "cls_transformer-planted", tmp_path / "run"
    first = train(entry, Options(folder, seed=5, progress=False))
    module = fits.begin

    def stopped(recipe, split, seed, options, further=()):
        if options.folder.name == cls_transformer.WITHOUT:
            raise KeyboardInterrupt
        return module(recipe, split, seed, options, further)

    monkeypatch.setattr(fits, "begin", stopped)
    with pytest.raises(KeyboardInterrupt):
        train(entry, Options(folder, overwrite=True, progress=False))
    assert not (folder / cls_transformer.WITHOUT).exists()
    monkeypatch.setattr(fits, "begin", module)
    report = train(entry, Options(folder, resume=True, progress=False))
    assert report["seed"] != first["seed"]
    assert report["without_graphs"] != first["without_graphs"]


def test_a_new_gene_is_described_in_natural_units(exported):
    """What is told of a known gene under another name gives that gene's own row."""
    entry = "cls_transformer-planted"
    exported(entry)
    model, data = load(entry), planted.data()
    train_records = data.records.take(planted.split().rows(data, "train"))
    natural = features.gene_features(data, train_records).natural
    named = dict(zip(model.features, natural[5], strict=True))
    unmeasured = planted.UNMEASURED
    for gene, given in ((5, named), (5, natural[5]), (unmeasured, natural[unmeasured])):
        more = model.with_genes({"TWIN": given})
        rows = more._opened.state["features"]
        place = more.vocabulary.gene_index(["TWIN", data.vocabulary.genes[gene]])
        np.testing.assert_array_equal(rows[place[0]], rows[place[1]])
    sick = model.with_genes({"SICK": {"single_fitness": 0.3}, "DYING": {"single_fitness": 0.02}})
    expected = sick.predict([["SICK"], ["DYING"]])["expectation"]
    np.testing.assert_allclose(expected, [0.3, 0.02], atol=1e-3)
    unknown = model.with_genes({"NEW": {}}).predict([["NEW"]])["expectation"].item()
    assert 0.3 < unknown < 1.3


def job_of(chosen, folder, resume=False) -> Job:
    data, split = planted.data(), planted.split()
    labels = Labels.of(data, split.rows(data, "train"))
    return Job(
        chosen, data, split, labels, chosen.seed, Options(folder, -1, resume, progress=False)
    )


def test_ridge_finds_the_planted_weights(recipes, tmp_path):
    chosen = recipe.load("ridge-planted")
    fitted = fit(job_of(chosen, tmp_path))
    weight = fitted.model.weight[0].numpy()
    data = planted.data()
    train = data.records.take(planted.split().rows(data, "train"))
    seen = np.unique(train.members[train.source == planted.MAIN])
    assert np.corrcoef(weight[seen], planted.WEIGHT[seen])[0, 1] > 0.8


def longer(entry: str) -> recipe.Recipe:
    """A recipe whose pre-training takes four epochs."""
    chosen = recipe.load(entry)
    numbers = {"max_epochs": 4, "learning_rate": 0.003, "ema_decay": 0.0}
    stage = chosen.stages[0].model_copy(update={"fit": numbers})
    return chosen.model_copy(update={"stages": [stage, *chosen.stages[1:]]})


def test_the_networks_of_dango_are_pre_trained_in_a_stage(recipes, tmp_path):
    fitted = fit(job_of(longer("dango-planted"), tmp_path))
    first = [row for row in fitted.history if row["stage"] == "networks"]
    assert len(first) == 4
    assert first[-1]["reconstruction"] < first[0]["reconstruction"]
    assert {f"reconstruction/{name}" for name in planted.data().networks} <= set(first[0])
    assert all("interaction" in row and "valid" in row for row in fitted.history[4:])
    kept = load_file(tmp_path / "stage-networks.safetensors")
    assert {name.partition(".")[0] for name in kept} == {"cell"}


@pytest.mark.parametrize("stage", ["networks", "phenotype"])
def test_dango_goes_on_in_either_stage_as_if_undisturbed(recipes, tmp_path, monkeypatch, stage):
    chosen, steps = longer("dango-planted"), SetTraining.training_step
    whole = fit(job_of(chosen, tmp_path / "whole"))

    def pressed(self, batch, index):
        if (self.stage.name, self.current_epoch, index) == (stage, 1, 2):
            raise KeyboardInterrupt
        return steps(self, batch, index)

    with monkeypatch.context() as patch:
        patch.setattr(SetTraining, "training_step", pressed)
        with pytest.raises(KeyboardInterrupt):
            fit(job_of(chosen, tmp_path / "parts"))
    torch.manual_seed(123)
    resumed = fit(job_of(chosen, tmp_path / "parts", resume=True))
    assert resumed.history == whole.history
    weights = whole.model.state_dict()
    assert all(torch.equal(each, weights[n]) for n, each in resumed.model.state_dict().items())


def test_stages_are_asked_of_those_that_have_them_and_of_no_others(recipes, tmp_path):
    chosen = recipe.load("dango-planted")
    without = chosen.model_copy(update={"stages": []})
    with pytest.raises(InvalidRecipe, match="reconstruction, interaction"):
        fit(job_of(without, tmp_path))
    other = recipe.load("cls_transformer-planted").model_copy(update={"stages": chosen.stages})
    with pytest.raises(InvalidRecipe, match=r"\[\[stages\]\], and cls_transformer is trained in"):
        fit(job_of(other, tmp_path))


def test_a_wrong_number_in_the_objective_of_a_stage_is_named(recipes, tmp_path):
    chosen = recipe.load("dango-planted")
    stage = chosen.stages[0].model_copy(update={"objective": {"step": 4}})
    with pytest.raises(InvalidRecipe, match=r"objective\.step:"):
        fit(job_of(chosen.model_copy(update={"stages": [stage]}), tmp_path))


def test_an_architecture_without_a_training_is_refused(recipes, tmp_path):
    chosen = recipe.load("ridge-planted").model_copy(update={"entry": "degree-planted"})
    with pytest.raises(InvalidOption, match=r"training\.perturbations\.fits\.degree"):
        fit(job_of(chosen, tmp_path))


def test_the_callers_random_state_decides_nothing(recipes, tmp_path):
    chosen = recipe.load("cls_transformer-planted")
    torch.manual_seed(1)
    first = fit(job_of(chosen, tmp_path / "a"))
    torch.manual_seed(2)
    again = fit(job_of(chosen, tmp_path / "b"))
    assert first.history == again.history
