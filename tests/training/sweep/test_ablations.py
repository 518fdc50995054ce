"""Ablations are ordinary trainings that are made once, and gathered by their plan."""

import json
import shutil

import pytest

from contracts.errors import CorruptArtefact, InvalidOption
from contracts.manifest import FILENAME, Manifest
from tests.training.perturbations.entries import RIDGE
from tests.training.sweep import toy
from training import recipe
from training.loop import MONITOR
from training.perturbations import fits
from training.recipe import RECIPES
from training.sweep import ablation_plan, ablations
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
    found = json.loads(json.dumps(ablations.collect(toy.ENTRY, runs)))
    assert [run["name"] for run in found["runs"]] == ["full", "layers_1", "seed_1"]
    assert found["made_with"]["epochs"] == 2
    assert found["made_with"]["note"] == "A toy."
    for run in found["runs"]:
        assert run["epochs"] == 2
        assert {"epoch", "valid", "one_new_valid", MONITOR} <= set(run["best"])
    full, fewer, seed = found["runs"]
    assert fewer["parameters"] < full["parameters"] == seed["parameters"]
    assert fewer["changed"] == {"model.layers": 1}
    assert seed["best"] != full["best"]
    assert not list(runs.rglob("*.ckpt"))


def test_another_recipe_is_trained_anew(planned, counted, tmp_path):
    ablations.train(toy.ENTRY, tmp_path, ["full"])
    toy.edit(planned.parents[1], "learning_rate = 0.002", "learning_rate = 0.003", sweep=False)
    assert ablations.collect(toy.ENTRY, tmp_path)["runs"] == []
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
    assert ablations.collect(toy.ENTRY, tmp_path / "stopped")["runs"] == []
    ablations.train(toy.ENTRY, tmp_path / "stopped", ["full"])
    assert counted[-1].options.resume
    whole, stopped = (
        ablations.collect(toy.ENTRY, tmp_path / name)["runs"][0] for name in ("whole", "stopped")
    )
    assert stopped["best"] == whole["best"]
    assert stopped["epochs"] == whole["epochs"]


def test_the_command_writes_what_is_collected(planned, tmp_path, capsys):
    target = tmp_path / "ablations.json"
    ablations.main(toy.ENTRY, ["seed_1"], tmp_path / "runs", None)
    ablations.main(toy.ENTRY, None, tmp_path / "runs", target)
    assert json.loads(target.read_text()) == ablations.collect(toy.ENTRY, tmp_path / "runs")
    assert "Not trained yet: full, layers_1" in capsys.readouterr().err


def test_the_command_saves_into_an_entry_with_the_digest_and_trains_nothing(
    planned, planted_zoo, planted_folder, tmp_path, monkeypatch
):
    folder = shutil.copytree(planted_folder / RIDGE, tmp_path / RIDGE)
    folders.register(folder)
    planned.rename(planned.with_stem(RIDGE))
    found = {"made_with": {}, "runs": []}
    monkeypatch.setattr(ablations, "collect", lambda *asked: found)
    ablations.main(RIDGE, None, tmp_path / "runs", None, True)
    opened, manifest = folders.open_entry(RIDGE)
    before = Manifest.load(planted_folder / RIDGE / FILENAME)
    assert manifest.files.keys() - before.files.keys() == {ablations.ABLATED}
    assert json.loads((opened / ablations.ABLATED).read_text()) == found
    assert not (tmp_path / "runs").exists()
    (folder / ablations.ABLATED).write_text("{}")
    with pytest.raises(CorruptArtefact):
        folders.open_entry(RIDGE)


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
    plan, base = ablation_plan.read(path), recipe.load(path.stem)
    made = [plan.recipe(base, run).model_dump_json() for run in plan.runs]
    assert len(made) == len(set(made))
