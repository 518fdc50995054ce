"""Recipes: every shipped one loads, and a wrong one is refused by the name of the key."""

import math
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from contracts.errors import InvalidOption, ZooError
from tests.training import toy
from training import recipe
from training.pairs import batches
from training.pairs.family import FAMILY
from training.recipe import InvalidRecipe

GOOD = toy.RECIPES["two_tower-toy"]


def read(folder: Path, content: str, entry: str = "two_tower-toy") -> recipe.Recipe:
    path = folder / f"{entry}.toml"
    path.write_text(content)
    return recipe.read(path)


@pytest.mark.parametrize("entry", recipe.names())
def test_a_shipped_recipe_loads_and_says_how_to_use_it(entry):
    chosen = recipe.load(entry)
    assert chosen.entry == entry
    assert chosen.module.TASK
    comment = [
        line for line in (recipe.RECIPES / f"{entry}.toml").read_text().splitlines()
        if line.startswith("#")
    ]  # fmt: skip
    text = "\n".join(comment)
    assert re.search(rf"^# Command: +zoo train {re.escape(entry)} .*(minute|second)", text, re.M)
    assert re.search(r"^# Expect: .*\d", text, re.M)


def test_the_brain_has_three_recipes():
    brain = {name for name in recipe.names() if name.endswith("-brain")}
    assert {"cross_encoder-brain", "degree-brain", "two_tower-brain"} <= brain


def test_an_unknown_entry_is_refused_with_those_there_are():
    with pytest.raises(InvalidOption, match=r"'two_tower-brian'.*two_tower-brain"):
        recipe.load("two_tower-brian")


@pytest.mark.parametrize("entry", toy.ENTRIES)
def test_a_sound_recipe_is_read(tmp_path, entry):
    chosen = read(tmp_path, toy.RECIPES[entry], entry)
    assert (chosen.entry, chosen.architecture) == (entry, entry.split("-")[0])
    assert (chosen.fit is None) == (entry == "degree-toy")


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('species = "human"', 'speces = "human"', "speces"),
        ('species = "human"', 'speces = "human"', "species"),
        ("patience = 4", "patiense = 4", "fit.patiense"),
        ("patience = 4", "", "fit.patience"),
        ("patience = 4", "patience = 4.5", "fit.patience"),
        ("patience = 4", "patience = 0", "fit.patience"),
        ("patience = 4", "patience = true", "fit.patience"),
        ("learning_rate = 0.01", 'learning_rate = "0.01"', "fit.learning_rate"),
        ("weight_decay = 0.05", "weight_decay = -1.0", "fit.weight_decay"),
        ("seed = 1\n", 'seed = "1"\n', "seed"),
        ("hidden = 32", "hiden = 32", "model.hiden"),
        ("hidden = 32", "hiden = 32", "model.hidden"),
        ("hidden = 32", "hidden = 32.0", "model.hidden"),
        ("hidden = 32", "", "model.hidden"),
        ("dropout = 0.1", "dropout = 1.0", "model.dropout"),
        ("hidden = 32", "hidden = 32\nfeatures = 8", "model.features"),
        ("[fit]", "[fitting]", "fitting"),
    ],
)
def test_a_wrong_key_is_named(tmp_path, before, after, named):
    read(tmp_path, GOOD)
    assert GOOD.count(before) >= 1
    with pytest.raises(InvalidRecipe, match=re.escape(named)) as caught:
        read(tmp_path, GOOD.replace(before, after, 1))
    assert "two_tower-toy.toml" in str(caught.value)
    assert isinstance(caught.value, ZooError)


def test_all_wrong_keys_are_named_at_once(tmp_path):
    wrong = GOOD.replace("patience = 4", "").replace('tissue = "none"', "tissue = 3")
    with pytest.raises(InvalidRecipe) as caught:
        read(tmp_path, wrong)
    assert "fit.patience" in str(caught.value)
    assert "tissue" in str(caught.value)


def test_broken_toml_is_told_with_its_line(tmp_path):
    with pytest.raises(InvalidRecipe, match=r"two_tower-toy\.toml is no TOML: .*line 2"):
        read(tmp_path, '\nversion = "0.1\n')


def test_a_network_without_a_fit_is_refused(tmp_path):
    without = GOOD[: GOOD.index("[fit]")]
    with pytest.raises(InvalidRecipe, match=r"\[model\], and no \[fit\]"):
        read(tmp_path, without)


def test_a_recipe_of_no_architecture_is_refused(tmp_path):
    with pytest.raises(InvalidRecipe, match=r"no zoo/architectures/three_tower\.py"):
        read(tmp_path, GOOD, "three_tower-toy")


def test_a_recipe_of_another_architecture_is_refused(tmp_path):
    with pytest.raises(InvalidRecipe, match=r"model\.joint_hidden"):
        read(tmp_path, GOOD, "cross_encoder-toy")


def test_a_recipe_never_changes(tmp_path):
    chosen = read(tmp_path, GOOD)
    with pytest.raises(ValidationError, match="frozen"):
        chosen.fit.learning_rate = 1.0
    assert math.isclose(chosen.fit.learning_rate, 0.01)


def test_the_sizes_from_the_data_are_those_that_no_recipe_sets(toy_data, toy_split):
    degrees = batches.Degrees.count(toy_data, toy_split.positives(toy_data, "train"))
    assert set(batches.sizes(toy_data, degrees)) == set(FAMILY.from_data)


VARIED = (
    GOOD
    + """
[variants.wide.model]
hidden = 64

[variants.slow.fit]
learning_rate = 0.001
plateau_patience = 2
"""
)


def varied(folder: Path, variant: str | None, content: str = VARIED) -> recipe.Recipe:
    path = folder / "two_tower-toy.toml"
    path.write_text(content)
    return recipe.read(path, variant)


def test_a_variant_differs_in_its_own_numbers_alone(tmp_path):
    base, wide, slow = (varied(tmp_path, name) for name in (None, "wide", "slow"))
    assert wide.model == base.model | {"hidden": 64}
    assert (wide.fit, wide.seed) == (base.fit, base.seed)
    assert slow.model == base.model
    assert (slow.fit.learning_rate, slow.fit.plateau_patience) == (0.001, 2)
    assert slow.fit.patience == base.fit.patience
    assert base.fit.plateau_patience is None


def test_a_variant_may_set_what_the_recipe_leaves_out(tmp_path):
    content = VARIED + "\n[variants.asked.objective]\nsets = 3\n"
    assert varied(tmp_path, "asked", content).objective == {"sets": 3}
    assert varied(tmp_path, "wide", content).objective == {}


def test_an_unknown_variant_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(InvalidOption, match=r"'wid'.*wide, slow"):
        varied(tmp_path, "wid")
    with pytest.raises(InvalidOption, match=r"'wide'.*two_tower-toy has none"):
        varied(tmp_path, "wide", GOOD)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ("[variants.odd.model]\nhiden = 64", "model.hiden"),
        ("[variants.odd.fit]\npatiense = 4", "fit.patiense"),
        ("[variants.odd.fit]\nplateau_factor = 1.0", "fit.plateau_factor"),
        ("[variants.odd.fit]\nplateau_patience = -1", "fit.plateau_patience"),
        ("[variants.odd.fitt]\npatience = 4", "fitt"),
        ("[variants.odd.seed]\npatience = 4", "seed"),
        ("[variants.odd]\nseed = 4", "variants.odd.seed"),
        ("[variants]\nodd = 4", "variants.odd"),
        ("[variants.odd.model]\ngenes_total = 4", "model.genes_total"),
    ],
)
def test_a_wrong_key_of_a_variant_is_named(tmp_path, table, named):
    with pytest.raises(InvalidRecipe, match=re.escape(named)) as caught:
        varied(tmp_path, "odd", f"{GOOD}\n{table}\n")
    assert "two_tower-toy.toml" in str(caught.value)


@pytest.mark.parametrize("entry", recipe.names())
def test_every_variant_of_a_shipped_recipe_loads(entry):
    base = recipe.load(entry)
    for name in base.variants:
        assert recipe.load(entry, name) != base


STAGED = (
    GOOD
    + """
[[stages]]
name = "first"
losses = { cross_entropy = 1.0 }
hands_on = ["tf"]
fit = { learning_rate = 0.1, max_epochs = 2 }

[[stages]]
name = "second"
losses = { cross_entropy = 1.0 }
freezes = ["tf"]
objective = { sets = 4 }

[[variants.alone.stages]]
name = "second"

[variants.dropped]
stages = []

[[variants.other.stages]]
name = "second"
fit = { patience = 1 }

[[variants.other.stages]]
name = "first"
losses = { cross_entropy = 0.0 }
losses_end = { cross_entropy = 2.0 }
fit = { max_epochs = 0 }
"""
)


def test_a_stage_has_the_recipe_s_numbers_but_for_its_own(tmp_path):
    chosen = varied(tmp_path, None, STAGED)
    first, second = chosen.at("first"), chosen.at("second")
    assert (first.fit.learning_rate, first.fit.max_epochs, first.fit.patience) == (0.1, 2, 4)
    assert second.fit.model_dump() == chosen.fit.model_dump()
    assert (first.objective, second.objective) == ({}, {"sets": 4})
    assert [stage.name for stage in first.stages] == ["first"]
    assert [stage.fit["learning_rate"] for stage in second.stages] == [0.1, 0.01]


def test_a_recipe_without_stages_does_not_speak_of_them(tmp_path):
    assert "stages" not in varied(tmp_path, None, GOOD).model_dump(mode="json")
    assert len(varied(tmp_path, None, STAGED).model_dump(mode="json")["stages"]) == 2


def test_a_variant_has_stages_of_its_own_that_take_over_what_they_do_not_say(tmp_path):
    base = varied(tmp_path, None, STAGED)
    assert varied(tmp_path, "alone", STAGED).stages == [base.stages[1]]
    assert varied(tmp_path, "dropped", STAGED).stages == []
    second, first = varied(tmp_path, "other", STAGED).stages
    assert second == base.stages[1].model_copy(update={"fit": {"patience": 1}})
    assert first.fit == {"learning_rate": 0.1, "max_epochs": 0}
    assert (first.losses, first.hands_on) == ({"cross_entropy": 0.0}, ["tf"])
    new = '\n[[variants.new.stages]]\nname = "new"\nlosses = { cross_entropy = 1.0 }\n'
    assert [stage.name for stage in varied(tmp_path, "new", GOOD + new).stages] == ["new"]


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('freezes = ["tf"]', 'freeze = ["tf"]', "stages.1.freeze"),
        ('freezes = ["tf"]', 'freezes = "tf"', "stages.1.freezes"),
        ("losses = { cross_entropy = 1.0 }", "losses = {}", "stages.0.losses"),
        ("losses = { cross_entropy = 1.0 }", "", "stages.0.losses"),
        ("cross_entropy = 1.0", "cross_entropy = -1.0", "stages.0.losses.cross_entropy"),
        ('name = "first"', 'name = "First one"', "stages.0.name"),
        ('name = "first"', 'name = "second"', "two stages named second"),
        ("max_epochs = 2", "max_epoch = 2", "stages.first.fit.max_epoch"),
        ("max_epochs = 2", "max_epochs = -1", "stages.first.fit.max_epochs"),
        ('hands_on = ["tf"]', "losses_end = { cross = 0.0 }", "first.losses_end.cross"),
        ("cross_entropy = 1.0", "cross_entropy = 0.0", "stage first in which all losses have"),
        ('hands_on = ["tf"]', "losses_end = { cross_entropy = 0.0 }", "stage first in which all"),
    ],
)
def test_a_wrong_key_of_a_stage_is_named(tmp_path, before, after, named):
    with pytest.raises(InvalidRecipe, match=re.escape(named)):
        varied(tmp_path, None, STAGED.replace(before, after, 1))


def test_stages_share_the_numbers_of_a_fit(tmp_path):
    stage = '[[stages]]\nname = "first"\nlosses = { cross_entropy = 1.0 }\n'
    path = tmp_path / "degree-toy.toml"
    path.write_text(toy.RECIPES["degree-toy"] + stage)
    with pytest.raises(InvalidRecipe, match=r"has stages, and no \[fit\]"):
        recipe.read(path)


@pytest.mark.parametrize("epoch", range(5))
def test_weights_of_losses_move_in_equal_steps(epoch):
    stage = recipe.Stage(
        name="both",
        losses={"one": 1.0, "other": 2.0, "more": 0.0},
        losses_end={"one": 0.0, "more": 4},
    )
    assert stage.weights(epoch, 5) == {"one": 1 - epoch / 4, "other": 2, "more": epoch}
    assert stage.weights(0, 1) == stage.losses
