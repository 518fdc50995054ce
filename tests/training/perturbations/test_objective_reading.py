"""A recipe's [objective] is read once, by classes that each take their own keys."""

import pytest

from training import recipe
from training.perturbations.fits import read_objective
from training.perturbations.fits.hetero_cell import Encoding
from training.perturbations.objective import Objective
from training.recipe import InvalidRecipe


def with_objective(**changed):
    chosen = recipe.load("hetero_cell-yeast")
    return chosen.model_copy(update={"objective": chosen.objective | changed})


def test_each_class_takes_its_own_keys():
    chosen = with_objective(chunk=7)
    objective, encoding = read_objective(chosen)
    assert (type(objective), type(encoding)) == (Objective, Encoding)
    assert encoding.chunk == 7
    together = objective.model_dump() | encoding.model_dump()
    assert {key: together[key] for key in chosen.objective} == chosen.objective


def test_every_wrong_key_is_named_once():
    with pytest.raises(InvalidRecipe) as caught:
        read_objective(with_objective(graph="half", steps=0, chunks=3))
    text = str(caught.value)
    for key in ("objective.graph:", "objective.steps:", "objective.chunks:"):
        assert text.count(key) == 1
