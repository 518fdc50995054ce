"""What a sweep refuses, before any training, and what it takes for the same study."""

import pytest

from contracts.errors import InvalidOption
from tests.training.sweep import toy
from training.sweep import study
from training.sweep.run import folder_of, sweep
from training.sweep.study import NoStudy, OtherStudy


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"trials": 0}, "--trials=0"),
        ({"minutes": 0.0}, "--timeout"),
        ({"minutes": -1.0}, "--timeout"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_made(runs, options, named):
    with pytest.raises(InvalidOption, match=named):
        sweep(toy.ENTRY, runs, **options)
    assert not runs.exists()


def test_an_unknown_entry_or_one_without_a_sweep_is_refused(runs, recipes):
    with pytest.raises(InvalidOption, match=f"with a recipe: {toy.ENTRY}"):
        sweep("cls_transformer-plantet", runs)
    (recipes / "cls_transformer-other.toml").write_text(toy.RECIPE)
    with pytest.raises(InvalidOption, match=rf"sweeps/ENTRY\.toml: {toy.ENTRY}"):
        sweep("cls_transformer-other", runs)
    assert not runs.exists()


@pytest.mark.parametrize(
    ("before", "after", "of_sweep", "named"),
    [
        ("[1.0, 2.0, 4.0]", "[1.0, 4.0]", True, "search space"),
        ('"fit.max_epochs" = 2', '"fit.max_epochs" = 3', True, "fixed numbers"),
        ("seed = 7", "seed = 8", True, "seed"),
        ("\nhidden = 8\n", "\nhidden = 9\n", False, "recipe"),
        ("split_seed = 4", "split_seed = 5", False, "recipe"),
    ],
)
def test_a_study_of_something_else_is_refused_with_what_to_type(
    runs, recipes, scripted, before, after, of_sweep, named
):
    scripted(toy.rising)
    sweep(toy.ENTRY, runs, trials=1)
    toy.edit(recipes, before, after, of_sweep)
    with pytest.raises(OtherStudy, match=rf"another {named}\..*--runs FOLDER"):
        sweep(toy.ENTRY, runs)


def test_more_trials_and_the_winner_s_recipe_are_the_same_study(runs, recipes, scripted):
    scripted(toy.rising)
    found = sweep(toy.ENTRY, runs, trials=2)
    toy.edit(recipes, "tpe = 3", "tpe = 4")
    toy.edit(recipes, "dropout = 0.3", "dropout = 0.123", sweep=False)
    toy.edit(recipes, 'version = "0.1"', 'version = "0.2"', sweep=False)
    assert sweep(toy.ENTRY, runs)["trials"][:2] == found["trials"]
    assert len(sweep(toy.ENTRY, runs)["trials"]) == 7


def test_another_process_is_kept_off(runs, scripted):
    scripted(toy.rising)
    with (
        study.held(toy.ENTRY, folder_of(toy.ENTRY, runs)),
        pytest.raises(OtherStudy, match=f"zoo sweep {toy.ENTRY} --list"),
    ):
        sweep(toy.ENTRY, runs)
    assert len(sweep(toy.ENTRY, runs)["trials"]) == 6


def test_there_is_no_study_to_look_at(runs):
    folder = folder_of(toy.ENTRY, runs)
    with pytest.raises(NoStudy, match=f"zoo sweep {toy.ENTRY}"):
        study.find(toy.ENTRY, folder)
    assert not runs.exists()
    with pytest.raises(InvalidOption, match=toy.ENTRY):
        study.find("dango-planted", folder)
