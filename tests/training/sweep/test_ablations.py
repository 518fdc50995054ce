"""Ablations are ordinary trainings that are made once, and gathered by their plan."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from contracts.errors import CorruptArtefact, InvalidOption
from contracts.manifest import FILENAME, Manifest
from tests import shared
from tests.training.perturbations import entries
from tests.training.perturbations.entries import RIDGE
from tests.training.sweep import toy
from training import recipe
from training.cards.ablations import MEAN
from training.loop import MONITOR
from training.perturbations import fits
from training.perturbations.family import FAMILY
from training.recipe import RECIPES
from training.scoring.keeping import keep
from training.scoring.table import ROWS, Evaluation, Variant
from training.sweep import ablation_plan, ablation_rows, ablations
from training.sweep.ablation_plan import InvalidAblations
from zoo.store import folders

PLAN = """\
note = "A toy."

[fixed]
"fit.max_epochs" = 2

[[runs]]
name = "full"
group = "relations"

[[runs]]
name = "layers_1"
group = "depth"
changed = { "model.layers" = 1 }

[[runs]]
name = "seed_1"
group = "seed"
changed = { "seed" = 1 }
"""
COMMITTED = sorted((RECIPES / "ablations").glob("*.toml"))


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """The toy's recipe and its plan of ablations."""
    folder = toy.put_in_place(monkeypatch, tmp_path / "recipes") / "ablations"
    folder.mkdir()
    monkeypatch.setattr(ablation_plan, "ABLATIONS", folder)
    path = folder / f"{toy.ENTRY}.toml"
    path.write_text(PLAN)
    return path


@pytest.fixture
def counted(monkeypatch):
    """The jobs that are really trained."""
    jobs, fit = [], fits.fit

    def count(job):
        jobs.append(job)
        return fit(job)

    monkeypatch.setattr(fits, "fit", count)
    return jobs


def test_what_is_trained_once_is_not_trained_again(planned, counted, tmp_path):
    runs = tmp_path / "runs"
    ablations.train(toy.ENTRY, runs, ["layers_1"])
    ablations.train(toy.ENTRY, runs, [])
    assert [(job.recipe.model["layers"], job.seed) for job in counted] == [(1, 3), (2, 3), (2, 1)]
    ablations.train(toy.ENTRY, runs, [])
    assert len(counted) == 3
    results = json.loads(json.dumps(ablations.collect(toy.ENTRY, runs)))
    assert list(results) == ["full", "layers_1", "seed_1"]
    for run in results.values():
        assert run["epochs"] == 2
        assert {"epoch", "valid", "one_new_valid", MONITOR} <= set(run["best"])
    full, fewer, seed = results.values()
    assert fewer["parameters"] < full["parameters"] == seed["parameters"]
    assert fewer["changed"] == {"model.layers": 1}
    assert seed["best"] != full["best"]
    assert not list(runs.rglob("*.ckpt"))


def test_another_recipe_is_trained_anew(planned, counted, tmp_path):
    ablations.train(toy.ENTRY, tmp_path, ["full"])
    toy.edit(planned.parents[1], "learning_rate = 0.002", "learning_rate = 0.003", sweep=False)
    assert ablations.collect(toy.ENTRY, tmp_path) == {}
    ablations.train(toy.ENTRY, tmp_path, ["full"])
    assert len(counted) == 2


def test_a_training_that_was_stopped_goes_on(planned, counted, tmp_path, monkeypatch):
    ablations.train(toy.ENTRY, tmp_path / "whole", ["full"])

    def stop(self, trainer, pl_module):
        if trainer.current_epoch == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ablations.Watch, "on_train_epoch_start", stop, raising=False)
        with pytest.raises(KeyboardInterrupt):
            ablations.train(toy.ENTRY, tmp_path / "stopped", ["full"])
    assert ablations.collect(toy.ENTRY, tmp_path / "stopped") == {}
    ablations.train(toy.ENTRY, tmp_path / "stopped", ["full"])
    assert counted[-1].options.resume
    whole, stopped = (
        ablations.collect(toy.ENTRY, tmp_path / name)["full"] for name in ("whole", "stopped")
    )
    assert stopped["best"] == whole["best"]
    assert stopped["epochs"] == whole["epochs"]


def test_the_command_trains_and_saves_what_is_collected(planned, tmp_path, monkeypatch, capsys):
    saved = []
    monkeypatch.setattr(ablations, "with_variants", lambda *given: given)
    monkeypatch.setattr(ablations, "keep", lambda *given: saved.append(given))
    ablations.main(toy.ENTRY, ["seed_1"], tmp_path / "runs")
    assert saved == []
    ablations.main(toy.ENTRY, None, tmp_path / "runs", True)
    results = ablations.collect(toy.ENTRY, tmp_path / "runs")
    assert list(results) == ["seed_1"]
    assert saved == [(toy.ENTRY, (toy.ENTRY, results, "A toy."))]
    assert "Not trained yet: full, layers_1" in capsys.readouterr().err


BEST = {"epoch": 1, "valid": 0.25, "one_new_valid": 0.5, MONITOR: 0.375, "distance": 2.0}


def result(value: float, **changed) -> dict:
    numbers = {"parameters": 7, "epochs": 2, "seconds": 0.5, "device": "CPU", "history": []}
    best = BEST | {"valid": value}
    return numbers | {"group": "depth", "changed": changed, "best": best, "recipe": {}}


def evaluation_without_variants() -> Evaluation:
    shipped = Evaluation.read(folders.locate("hetero_cell-yeast"))
    about = shipped.about.model_copy(update={"variants": {}, "variants_note": ""})
    rows = shipped.rows[shipped.rows["variant"] == ""].reset_index(drop=True)
    return replace(shipped, about=about, rows=rows)


def test_the_command_saves_rows_into_an_evaluation_with_the_digest_and_trains_nothing(
    planned, tmp_path, tmp_path_factory, monkeypatch
):
    exported = entries.folder(shared.room(tmp_path_factory) / "planted") / RIDGE
    folder = shutil.copytree(exported, tmp_path / RIDGE)
    folders.register(folder)
    planned.rename(planned.with_stem(RIDGE))
    keep(RIDGE, evaluation_without_variants())
    before = Evaluation.read(folder)
    names = Manifest.load(folder / FILENAME).files.keys()
    for value in (0.1, 0.25):  # the second saving takes the place of the first
        results = {"full": result(value), "layers_1": result(0.2, layers=1)}
        monkeypatch.setattr(ablations, "collect", lambda *_, made=results: made)
        ablations.main(RIDGE, None, tmp_path / "runs", True)
    opened, manifest = folders.open_entry(RIDGE)
    assert manifest.files.keys() == names
    assert not (tmp_path / "runs").exists()
    after = Evaluation.read(opened)
    question = after.about.headline.question
    variants = after.rows[after.rows["variant"] != ""]
    assert len(variants) == 2 * len(BEST)
    assert set(variants["stage"]) == {"valid"}
    where = {"stage": "valid", "variant": "full"}
    for protocol, value in (("random", 0.25), ("one_new", 0.5)):
        assert after.figure(protocol, "pearson", question, **where).value == value
    assert after.figure("monitor", "pearson", **where).value == 0.375
    assert after.figure("", "epoch", **where).value == 1
    assert after.figure("", "distance", **where).value == 2
    assert after.about.variants["layers_1"] == Variant(
        group="depth", changed={"layers": 1}, epochs=2, parameters=7, device="CPU", seconds=0.5
    )
    assert after.about.variants_note == "A toy."
    plain = after.rows[after.rows["variant"] == ""].reset_index(drop=True)
    pd.testing.assert_frame_equal(plain, before.rows)
    (folder / ROWS).write_text("")
    with pytest.raises(CorruptArtefact):
        folders.open_entry(RIDGE)


def test_rows_of_shipped_ablations_are_made_as_they_are_written():
    folder = folders.locate("hetero_cell-yeast")
    shipped = Evaluation.read(folder)
    names = {each.protocol: part for part, each in FAMILY.monitored.items()} | {MEAN: MONITOR}
    rows = shipped.rows[shipped.rows["variant"] != ""]
    found = []
    for name, own in rows.groupby("variant", sort=False):
        best = {names.get(r.protocol, r.measure): r.value for r in own.itertuples()}
        found += ablation_rows.rows(FAMILY, shipped.about.headline, name, best)
    again = Evaluation.of(shipped.about, found).rows
    pd.testing.assert_frame_equal(again, rows.reset_index(drop=True))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('name = "full"', 'name = "whole"', "no run is named full"),
        ('name = "seed_1"', 'name = "full"', "two runs are named full"),
        ('group = "depth"', 'group = "width"', "Input should be"),
        ("[fixed]", "[mended]", "Extra inputs"),
    ],
)
def test_a_wrong_plan_says_what_is_wrong(planned, before, after, words):
    planned.write_text(PLAN.replace(before, after))
    with pytest.raises(InvalidAblations, match=words):
        ablation_plan.load(toy.ENTRY)


def test_a_wrong_key_or_name_is_refused_before_any_training(planned, counted, tmp_path):
    with pytest.raises(InvalidOption, match="layers_1"):
        ablations.train(toy.ENTRY, tmp_path, ["layers_7"])
    planned.write_text(PLAN.replace('"model.layers"', '"model.layer"'))
    with pytest.raises(InvalidAblations, match=r"layers_1.*model\.layer"):
        ablations.train(toy.ENTRY, tmp_path, [])
    with pytest.raises(InvalidOption, match="ENTRY"):
        ablation_plan.load("ridge-planted")
    assert counted == []


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_every_committed_ablation_is_a_recipe_and_its_own(path):
    plan, base = ablation_plan.load(path.stem), recipe.load(path.stem)
    made = [plan.recipe(base, run).model_dump_json() for run in plan.runs]
    assert len(made) == len(set(made))
