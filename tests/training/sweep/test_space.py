"""What a draw makes of a recipe."""

import tomllib

import pytest
from optuna.trial import FixedTrial

from tests.training.sweep import toy
from training import recipe
from training.recipe import InvalidRecipe
from training.sweep import plan, space

DRAWN = {
    "fit.learning_rate": 0.00123456,
    "model.dropout": 0.456789,
    "model.layers": 3,
    "objective.graph_weight": 0.0,
    "objective.source_weights.main": 4.0,
    "objective.learned_noise": True,
}


@pytest.fixture
def base(recipes) -> recipe.Recipe:
    """The toy's recipe."""
    return recipe.load(toy.ENTRY)


def test_only_what_is_given_changes(base):
    made = space.with_values(base, DRAWN | {"fit.max_epochs": 2})
    expected = tomllib.loads(toy.RECIPE)
    expected["fit"] |= {"learning_rate": 0.00123456, "max_epochs": 2}
    expected["fit"] = recipe.Fit(**expected["fit"]).model_dump()
    expected["model"] |= {"dropout": 0.456789, "layers": 3}
    expected["objective"] |= {"graph_weight": 0.0, "learned_noise": True}
    expected["objective"]["source_weights"]["main"] = 4.0
    got = made.model_dump()
    assert {name: got[name] for name in expected} == expected
    assert base == recipe.load(toy.ENTRY)


def test_a_wrong_value_is_refused_by_its_key(base):
    with pytest.raises(InvalidRecipe, match=r"fit\.patience"):
        space.with_values(base, {"fit.patience": 0})
    with pytest.raises(InvalidRecipe, match=r"objective\.steps"):
        space.with_values(base, {"objective.steps": 0})


def test_keys_of_stages_are_none():
    assert not any(key.startswith("stages") for key in space.keys(recipe.load("dango-yeast")))


def test_keys_are_those_of_the_recipe_and_those_that_it_may_have(base):
    known = space.keys(base)
    assert {"model.layers", "model.identity_dropout", "fit.ema_decay"} <= set(known)
    assert {"objective.contrast_weight", "objective.source_weights.chosen"} <= set(known)
    assert {key.partition(".")[0] for key in known} == {"fit", "model", "objective"}
    assert not {"model.features", "model.sources", "objective.source_weights"} & set(known)


def test_the_space_is_the_file_s(recipes):
    chosen = plan.load(toy.ENTRY)
    found = {key: each.distribution for key, each in chosen.space.items()}
    assert tuple(found) == toy.SPACE
    rate, layers = found["fit.learning_rate"], found["model.layers"]
    assert (rate.low, rate.high, rate.log) == (5e-4, 4e-3, True)
    assert (layers.low, layers.high, layers.log) == (1, 3, False)
    assert found["objective.learned_noise"].choices == (False, True)
    trial = FixedTrial(DRAWN)
    assert {key: trial._suggest(key, each) for key, each in found.items()} == DRAWN


@pytest.mark.parametrize(
    ("drawn", "used"), [(0.00123456, 0.00123), (0.00050049, 0.0005), (0.0039999, 0.004)]
)
def test_numbers_of_a_range_are_rounded_to_three_digits(recipes, drawn, used):
    found = plan.load(toy.ENTRY).rounded(DRAWN | {"fit.learning_rate": drawn})
    assert found == DRAWN | {"fit.learning_rate": used, "model.dropout": 0.457}


def test_rounding_stays_within_the_range(recipes):
    toy.edit(recipes, "low = 0.1, high = 0.5", "low = 0.1234, high = 0.4567")
    chosen = plan.load(toy.ENTRY)
    assert chosen.rounded(DRAWN | {"model.dropout": 0.12341})["model.dropout"] == 0.1234
    assert chosen.rounded(DRAWN | {"model.dropout": 0.45669})["model.dropout"] == 0.4567
