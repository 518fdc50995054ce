"""A sweep from its first trial to its last: what it keeps, how it goes on, what it gives up."""

import copy
import json

import numpy as np
import pytest

from tests.training.sweep import toy
from training import recipe
from training.begin import Options
from training.loop import CHECKPOINTS, MONITOR, Diverged
from training.perturbations.fits.cls_transformer import WITHOUT
from training.run import train
from training.sweep import plan, space, study
from training.sweep.run import folder_of, sweep


def drawn(found: dict) -> list[dict]:
    """Trials that came to an end, without what differs between equal runs."""
    kept = [copy.deepcopy(row) for row in found["trials"] if row["state"] != "interrupted"]
    for row in kept:
        del row["trial"], row["seconds"]
    return kept


def test_trials_are_real_trainings_that_leave_no_model_behind(runs):
    found = sweep(toy.ENTRY, runs, trials=2)
    for row in found["trials"]:
        assert (row["state"], row["sampler"], row["epochs"]) == ("complete", "random", 2)
        assert row["value"] == row["best"][MONITOR]
        assert row["value"] == pytest.approx(
            (row["best"]["valid"] + row["best"]["one_new_valid"]) / 2
        )
        place = folder_of(toy.ENTRY, runs) / "trials" / f"{row['trial']:03d}"
        begun = json.loads((place / "begun.json").read_text())["recipe"]
        expected = row["parameters"] | {"fit.max_epochs": 2}
        assert expected.items() <= space.flat(begun).items()
        assert not (place / CHECKPOINTS).exists()
        assert not (place / WITHOUT).exists(), "a trial pays for the second training of the card"
    values = [row["value"] for row in found["trials"]]
    assert found["winner"] == int(np.argmax(values))
    assert json.loads(json.dumps(found)) == found


def test_an_equal_training_has_a_trial_s_figure(runs, recipes):
    """The recipe of a trial, trained by hand."""
    row = sweep(toy.ENTRY, runs, trials=1)["trials"][0]
    table, text = "", []
    for line in toy.RECIPE.splitlines():
        table = line.strip("[]") if line.startswith("[") else table
        key = f"{table}.{line.partition(' =')[0]}"
        values = row["parameters"] | {"fit.max_epochs": 2}
        text.append(f"{line.partition(' =')[0]} = {values[key]}" if key in values else line)
    noise = str(row["parameters"]["objective.learned_noise"]).lower()
    text.insert(text.index("[objective.source_weights]"), f"learned_noise = {noise}")
    (recipes / f"{toy.ENTRY}.toml").write_text("\n".join(text))
    report = train(toy.ENTRY, Options(runs / toy.ENTRY, progress=False))
    assert report["best"] == row["best"]
    assert ("without_graphs" in report) == (row["parameters"]["objective.graph_weight"] > 0)


DANGO = """
[model]
dim = 4
heads = 2
layers = 1
dropout = 0.0

[objective]
headline_sets = 16
other_sets = 16
steps = 2
pretrain_rows = 8
zero_weight = 0.5

[objective.source_weights]
main = 1.0

[[stages]]
name = "networks"
losses = { reconstruction = 1.0 }
monitored = false
fit = { max_epochs = 1 }

[[stages]]
name = "phenotype"
losses = { interaction = 1.0 }

"""


def test_other_architectures_are_swept_alike(runs, recipes):
    """Every epoch reaches the study, whatever trains."""
    text = (
        toy.RECIPE[: toy.RECIPE.index("[model]")] + DANGO + toy.RECIPE[toy.RECIPE.index("[fit]") :]
    )
    (recipes / "dango-planted.toml").write_text(text)
    head, space = toy.SWEEP.split("[space]\n")
    rate = space.splitlines()[0]
    (recipes / "sweeps" / "dango-planted.toml").write_text(f"{head}[space]\n{rate}\n")
    (row,) = sweep("dango-planted", runs, trials=1)["trials"]
    assert (row["state"], row["epochs"]) == ("complete", 2)


def test_of_equal_figures_the_first_wins_and_nothing_matters(runs, scripted):
    scripted(lambda _: [0.5])
    found = sweep(toy.ENTRY, runs, trials=2)
    assert (found["winner"], found["importance"]) == (0, None)


def test_a_sweep_runs_what_the_plan_lacks_and_then_nothing(runs, scripted):
    jobs = scripted(toy.rising)
    first = sweep(toy.ENTRY, runs, trials=4)
    assert [row["sampler"] for row in first["trials"]] == ["random"] * 3 + ["tpe"]
    found = sweep(toy.ENTRY, runs)
    assert [row["sampler"] for row in found["trials"]] == ["random"] * 3 + ["tpe"] * 3
    assert found["trials"][:4] == first["trials"]
    assert sweep(toy.ENTRY, runs) == found
    assert len(jobs) == 6
    assert found["winner"] == 5
    assert sum(found["importance"].values()) == pytest.approx(1)
    more = sweep(toy.ENTRY, runs, trials=2)
    assert [row["sampler"] for row in more["trials"][6:]] == ["tpe"] * 2


def test_draws_differ_and_stay_in_the_space(runs, scripted):
    scripted(toy.rising)
    rows = sweep(toy.ENTRY, runs, trials=12)["trials"]
    assert len({json.dumps(row["parameters"]) for row in rows}) == 12
    for row in rows:
        values = row["parameters"]
        assert tuple(values) == toy.SPACE
        assert 5e-4 <= values["fit.learning_rate"] <= 4e-3
        assert values["model.layers"] in (1, 2, 3)
        assert type(values["objective.learned_noise"]) is bool
        assert float(f"{values['model.dropout']:.3g}") == values["model.dropout"]


@pytest.mark.parametrize("stopped", [[0], [2], [4], [1, 2, 5, 6]])
def test_a_stopped_sweep_goes_on_as_an_undisturbed_one(tmp_path, runs, scripted, stopped):
    scripted(toy.rising)
    undisturbed = sweep(toy.ENTRY, runs)
    done = iter(range(100))
    scripted(lambda n: [KeyboardInterrupt] if n in stopped else toy.rising(next(done)))
    for _ in stopped:
        with pytest.raises(KeyboardInterrupt):
            sweep(toy.ENTRY, tmp_path / "disturbed")
    found = sweep(toy.ENTRY, tmp_path / "disturbed")
    assert [row["trial"] for row in found["trials"] if row["state"] == "interrupted"] == stopped
    assert drawn(found) == drawn(undisturbed)
    for number in stopped:
        again = found["trials"][number + 1]
        assert again["parameters"] == found["trials"][number]["parameters"]


def test_given_values_are_tried_first_and_again_where_they_were_stopped(runs, recipes, scripted):
    given = {
        "fit.learning_rate": 0.002,
        "model.dropout": 0.3,
        "model.layers": 2,
        "objective.graph_weight": 0.02,
        "objective.source_weights.main": 2.0,
        "objective.learned_noise": False,
    }
    lines = [f'"{key}" = {str(value).lower()}' for key, value in given.items()]
    toy.edit(recipes, "[space]", "\n".join(["[[first]]", *lines, "", "[space]"]))
    scripted(lambda n: [KeyboardInterrupt] if n == 0 else toy.rising(n))
    with pytest.raises(KeyboardInterrupt):
        sweep(toy.ENTRY, runs)
    rows = sweep(toy.ENTRY, runs)["trials"]
    assert [row["sampler"] for row in rows] == ["given"] * 2 + ["random"] * 3 + ["tpe"] * 3
    assert rows[0]["parameters"] == rows[1]["parameters"] == given
    assert rows[2]["parameters"] != given


def test_what_a_killed_process_left_is_tried_again(runs, scripted):
    scripted(toy.rising)
    undisturbed = sweep(toy.ENTRY, runs)
    chosen, folder = plan.load(toy.ENTRY), folder_of(toy.ENTRY, runs / "killed")
    digest = undisturbed["records"]
    folder.mkdir(parents=True)
    left = study.draw(study.begin(chosen, recipe.load(toy.ENTRY), digest, folder), chosen)
    scripted(toy.rising)
    found = sweep(toy.ENTRY, runs / "killed")
    first, second = found["trials"][:2]
    assert (first["state"], second["state"]) == ("interrupted", "complete")
    assert left.values == first["parameters"] == second["parameters"]
    assert drawn(found) == drawn(undisturbed)


def test_a_fault_of_the_program_is_told_and_its_trial_tried_again(runs, scripted):
    scripted(lambda n: [0.1, RuntimeError("no memory")] if n == 1 else toy.rising(n))
    with pytest.raises(RuntimeError, match="no memory"):
        sweep(toy.ENTRY, runs)
    found = sweep(toy.ENTRY, runs)
    assert [row["state"] for row in found["trials"]] == [
        "complete",
        "interrupted",
        *["complete"] * 5,
    ]


def test_a_trial_that_diverges_is_kept_with_its_reason_and_the_study_goes_on(runs, scripted):
    scripted(lambda n: [[Diverged], [0.3, Diverged]][n] if n < 2 else toy.rising(n))
    found = sweep(toy.ENTRY, runs)
    states = [row["state"] for row in found["trials"]]
    assert states == ["diverged", "diverged", *["complete"] * 4]
    assert [row["reason"] for row in found["trials"]] == ["No finite numbers."] * 2 + [None] * 4
    assert [row["value"] for row in found["trials"][:2]] == [None, 0.3]
    assert found["winner"] == 5


def test_a_trial_below_the_median_is_pruned_after_the_warm_up(runs, scripted):
    """By hand: at the second epoch the best so far are 0.5 and 0.3, the median 0.4."""
    curves = [[0.1, 0.5, 0.5], [0.1, 0.3, 0.3], [0.0, 0.39, 0.9], [0.0, 0.41, 0.6]]
    scripted(lambda n: curves[n])
    rows = sweep(toy.ENTRY, runs, trials=4)["trials"]
    assert [row["state"] for row in rows] == ["complete", "complete", "pruned", "complete"]
    assert [(row["epochs"], row["value"]) for row in rows[2:]] == [(2, 0.39), (3, 0.6)]


def test_a_pruned_training_ends_and_the_next_is_an_ordinary_one(runs, monkeypatch):
    import optuna

    monkeypatch.setattr(optuna.Trial, "should_prune", lambda trial: trial.number == 0)
    rows = sweep(toy.ENTRY, runs, trials=2)["trials"]
    assert [(row["state"], row["epochs"]) for row in rows] == [("pruned", 1), ("complete", 2)]


def test_without_a_table_for_it_nothing_is_pruned(runs, recipes, scripted):
    toy.edit(recipes, "[pruning]\nstartup_trials = 2\nwarmup_epochs = 1\n", "")
    scripted(lambda n: [1.0 - n / 10] * 3)
    assert {row["state"] for row in sweep(toy.ENTRY, runs)["trials"]} == {"complete"}


def test_no_trial_is_begun_after_the_time_is_over(runs, scripted):
    told: list[str] = []
    jobs = scripted(toy.rising)
    found = sweep(toy.ENTRY, runs, minutes=1e-9, say=told.append)
    assert (found["trials"], found["winner"], found["importance"], jobs) == ([], None, None, [])
    assert f"zoo sweep {toy.ENTRY}" in told[-1]
