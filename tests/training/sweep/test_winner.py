"""The winner's recipe: the entry's text with other numbers, checked by a TOML reader."""

import tomllib

import pytest

from tests.training.sweep import toy
from training.sweep.study import NoStudy
from training.sweep.winner import recipe_text, replaced

VALUES = {
    "fit.learning_rate": 1e-05,
    "model.layers": 1,
    "model.identity_dropout": 0.25,
    "objective.learned_noise": True,
    "objective.source_weights.main": 4.0,
}


def test_numbers_change_and_all_else_stays():
    text = replaced(toy.RECIPE, VALUES)
    expected = tomllib.loads(toy.RECIPE)
    expected["fit"]["learning_rate"] = 1e-05
    expected["model"] |= {"layers": 1, "identity_dropout": 0.25}
    expected["objective"]["learned_noise"] = True
    expected["objective"]["source_weights"]["main"] = 4.0
    assert tomllib.loads(text) == expected
    before, after = toy.RECIPE.splitlines(), text.splitlines()
    assert [line for line in before if line not in after] == [
        "layers = 2  # of the encoder",
        "main = 2.0",
        "learning_rate = 0.002",
    ]
    assert "layers = 1  # of the encoder" in after
    assert after[:2] == before[:2]
    at = after.index("[objective.source_weights]")
    assert after[at - 2 : at] == ["learned_noise = true", ""]


def test_the_same_values_give_the_same_text():
    same = {"fit.learning_rate": 0.002, "model.layers": 2, "objective.source_weights.main": 2.0}
    assert replaced(toy.RECIPE, same) == toy.RECIPE


def test_a_table_that_is_missing_is_made():
    text = replaced(
        "seed = 1\n\n[fit]\nbatch_size = 4 # sets\n", {"model.dim": 2, "fit.name": 'a"b'}
    )
    assert tomllib.loads(text) == {
        "seed": 1,
        "fit": {"batch_size": 4, "name": 'a"b'},
        "model": {"dim": 2},
    }
    assert text.startswith("seed = 1\n\n[fit]\nbatch_size = 4 # sets\n")


def test_stages_are_no_part_of_the_table_above_them():
    text = "[fit]\npatience = 4\n\n[[stages]]\nname = 'a'\n\n[[stages]]\nname = 'b'\n"
    made = replaced(text, {"fit.ema_decay": 0.5})
    assert tomllib.loads(made) == tomllib.loads(text) | {"fit": {"patience": 4, "ema_decay": 0.5}}


def test_a_key_above_all_tables_is_another_one():
    text = replaced("dim = 1\n[model]\ndim = 2\n[fit]\ndim = 3\n", {"model.dim": 9})
    assert tomllib.loads(text) == {"dim": 1, "model": {"dim": 9}, "fit": {"dim": 3}}


def test_the_winner_is_taken_from_the_study(recipes):
    study = {
        "plan": {"entry": toy.ENTRY},
        "winner": 1,
        "trials": [{"parameters": {"model.layers": 3}}, {"parameters": {"model.layers": 1}}],
    }
    assert tomllib.loads(recipe_text(study))["model"]["layers"] == 1
    with pytest.raises(NoStudy, match=f"zoo sweep {toy.ENTRY} --trials 1"):
        recipe_text(study | {"winner": None})
