"""Sweep files: shipped ones are sound, and a wrong one is refused by the name of the key."""

import re

import pytest

from contracts.errors import InvalidOption
from tests.training import toy as pair_toy
from tests.training.sweep import toy
from training import recipe
from training.sweep import plan, space
from training.sweep.plan import InvalidSweep


@pytest.mark.parametrize("entry", plan.names())
def test_a_shipped_sweep_fits_its_recipe_and_says_how_to_use_it(entry):
    space.check(plan.load(entry), recipe.load(entry))
    text = (plan.SWEEPS / f"{entry}.toml").read_text()
    assert re.search(rf"^# Command: +zoo sweep {re.escape(entry)} .*minute", text, re.M)


def test_the_cls_transformer_has_a_sweep():
    assert "cls_transformer-yeast" in plan.names()


def test_samplers_take_turns(recipes):
    chosen = plan.load(toy.ENTRY)
    drawn_by = [chosen.sampler(draw) for draw in range(9)]
    assert drawn_by == ["random"] * 3 + ["tpe"] * 6
    assert chosen.total == 6


@pytest.mark.parametrize("entry", ["cls_transformer-yaest", "degree-brain", ""])
def test_an_entry_without_a_sweep_is_refused_with_those_that_have_one(entry):
    with pytest.raises(InvalidOption, match=r"recipes/sweeps/ENTRY\.toml: .*-yeast"):
        plan.load(entry)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("seed = 7", "sead = 7", "sead"),
        ("seed = 7", "seed = -7", "seed"),
        ("random = 3", "grid = 3", "phases.grid"),
        ("random = 3", "random = 0", "phases.random"),
        ("startup_trials = 2", "startup = 2", "pruning.startup"),
        ("low = 1, high = 3", "low = 3, high = 1", "low 3 is not below high 1"),
        ("low = 1, high = 3", "low = 1, hihg = 3", "space.model.layers.range.hihg"),
        ("low = 5e-4,", "low = 0.0,", "low 0.0 has to be above 0"),
        ("[0.0, 0.02]", "[0.0]", "objective.graph_weight"),
        ("[0.0, 0.02]", "[0.02, 0.02]", "twice"),
        ("[0.0, 0.02]", "0.02", "objective.graph_weight"),
        ('"fit.max_epochs" = 2', '"fit.max_epochs" = [2, 3]', "fixed.fit.max_epochs"),
        ('"fit.max_epochs" = 2', '"model.dropout" = 0.2', "model.dropout is fixed and searched"),
    ],
)
def test_a_wrong_key_is_named(recipes, before, after, named):
    toy.edit(recipes, before, after)
    with pytest.raises(InvalidSweep, match=re.escape(named)) as caught:
        plan.load(toy.ENTRY)
    assert f"sweeps/{toy.ENTRY}.toml" in str(caught.value)


FIRST = """
[[first]]
"fit.learning_rate" = 0.002
"model.dropout" = 0.3
"model.layers" = 2
"objective.graph_weight" = 0.02
"objective.source_weights.main" = 2.0
"objective.learned_noise" = false

"""


def test_given_values_come_first(recipes):
    toy.edit(recipes, "[space]", FIRST + "[space]")
    chosen = plan.load(toy.ENTRY)
    assert [chosen.sampler(draw) for draw in range(5)] == ["given", *["random"] * 3, "tpe"]
    assert chosen.total == 7


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('"model.layers" = 2\n', "", "no other: model.layers"),
        ('"model.layers" = 2', '"model.layer" = 2', "no other: model.layer"),
        ('"model.layers" = 2', '"model.layers" = 4', "model.layers = 4, which is not in space"),
        ('"model.layers" = 2', '"model.layers" = 2.0', "model.layers = 2.0"),
        ('"model.layers" = 2', '"model.layers" = true', "model.layers = True"),
        ("= 0.002", "= 0.02", "fit.learning_rate = 0.02"),
        ("= 0.02\n", "= 0.01\n", "objective.graph_weight = 0.01"),
        ("= false", '= "false"', "objective.learned_noise = 'false'"),
    ],
)
def test_given_values_are_of_the_space(recipes, before, after, named):
    assert FIRST.count(before) == 1
    toy.edit(recipes, "[space]", FIRST.replace(before, after) + "[space]")
    with pytest.raises(InvalidSweep, match=re.escape(named)):
        plan.load(toy.ENTRY)


def test_broken_toml_is_told_with_its_line(recipes):
    toy.edit(recipes, "seed = 7", 'seed = "')
    with pytest.raises(InvalidSweep, match=r"is no TOML: .*line 1"):
        plan.load(toy.ENTRY)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("fit.learning_rate", "fit.learning_rat", "Did you mean fit.learning_rate"),
        ("objective.source_weights.main", "objective.source_weights.mian", "no key"),
        ("objective.graph_weight", "objective.source_weights", "no key"),
        ("objective.graph_weight", "objective.graph_wait", "objective.graph_weight"),
        ("model.dropout", "model.genes_total", "no key"),
        ("model.dropout", "model.regularised", "no key"),
        ("model.dropout", "split_seed", "no key"),
        ("model.dropout", "changes.1", "no key"),
        ("fit.max_epochs", "fit.epochs", "no key"),
        ("low = 0.1, high = 0.5", "low = 0.1, high = 1.5", "model.dropout = 1.5"),
        ("low = 1, high = 3", "low = 0, high = 3", "model.layers = 0"),
        ("[0.0, 0.02]", "[0.02, -0.02]", "objective.graph_weight = -0.02"),
        ("[false, true]", '["no", true]', "objective.learned_noise = 'no'"),
        ('"fit.max_epochs" = 2', '"fit.max_epochs" = 2.5', "fit.max_epochs = 2.5"),
    ],
)
def test_what_the_recipe_cannot_have_is_refused_before_any_training(recipes, before, after, named):
    toy.edit(recipes, before, after)
    with pytest.raises(InvalidSweep, match=re.escape(named)):
        space.check(plan.load(toy.ENTRY), recipe.load(toy.ENTRY))


def test_a_recipe_without_epochs_cannot_be_swept(recipes):
    text = toy.RECIPE[: toy.RECIPE.index("[model]")]
    (recipes / "ridge-planted.toml").write_text(text)
    with pytest.raises(InvalidSweep, match="follows no gradient"):
        space.check(plan.load(toy.ENTRY), recipe.load("ridge-planted"))


def test_a_pair_entry_is_refused(recipes):
    (recipes / "two_tower-toy.toml").write_text(pair_toy.RECIPES["two_tower-toy"])
    with pytest.raises(InvalidOption, match=r"fits\.two_tower"):
        space.check(plan.load(toy.ENTRY), recipe.load("two_tower-toy"))
