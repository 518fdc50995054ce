"""A recipe's [objective] is read by the numbers of its architecture."""

import pytest

from training import recipe
from training.perturbations.fits import read_objective
from training.perturbations.fits.hetero_cell import Numbers
from training.recipe import InvalidRecipe


def with_objective(entry="hetero_cell-yeast", **changed):
    chosen = recipe.load(entry)
    return chosen.model_copy(update={"objective": chosen.objective | changed})


def test_it_is_what_the_recipe_says():
    chosen = with_objective(chunk=7)
    numbers = read_objective(chosen)
    assert type(numbers) is Numbers
    assert numbers.chunk == 7
    assert {key: numbers.model_dump()[key] for key in chosen.objective} == chosen.objective


def test_every_wrong_key_is_named_once():
    with pytest.raises(InvalidRecipe) as caught:
        read_objective(with_objective(graph="half", steps=0, chunks=3))
    text = str(caught.value)
    for key in ("objective.graph:", "objective.steps:", "objective.chunks:"):
        assert text.count(key) == 1


@pytest.mark.parametrize(
    ("entry", "key"), [("ridge-yeast", "steps"), ("hetero_cell-yeast", "graph_weight")]
)
def test_a_number_that_the_architecture_does_not_take_is_refused(entry, key):
    with pytest.raises(InvalidRecipe, match=f"objective.{key}"):
        read_objective(with_objective(entry, **{key: 1}))
