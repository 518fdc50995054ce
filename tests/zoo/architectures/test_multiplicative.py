"""The multiplicative model against a product, set by set."""

import math

import pytest
import torch
from pydantic import ValidationError

from contracts import tasks
from tests.zoo.architectures.sets import GENES, ORDERS, ragged
from zoo.architectures import multiplicative


def model() -> multiplicative.Model:
    """In float64 and with fitness of its own for every gene."""
    made = multiplicative.Model(multiplicative.Config(genes_total=GENES)).double()
    made.single_fitness.copy_(torch.linspace(0, 1.2, GENES))
    return made


@pytest.mark.parametrize("orders", ORDERS)
def test_nothing_interacts_and_fitness_multiplies(orders):
    made, (member, kind, segment, order) = model(), ragged(orders)
    interaction, expected = made.graphs()["head"](member, kind, segment, order)
    assert torch.equal(interaction, torch.zeros(len(orders), dtype=torch.float64))
    for row, got in enumerate(expected.tolist()):
        absent = member[(segment == row) & (kind == 0)]
        assert got == pytest.approx(math.prod(made.single_fitness[absent].tolist()), rel=1e-14)


def test_a_gene_nobody_measured_changes_nothing():
    fresh = multiplicative.Model(multiplicative.Config(genes_total=GENES))
    assert (fresh(*ragged((1, 2, 3)))[1] == 1).all()


def test_it_has_the_graphs_of_its_task_and_nothing_to_learn():
    assert list(model().graphs()) == list(tasks.get(multiplicative.TASK).graphs)
    assert list(model().parameters()) == []


@pytest.mark.parametrize("wrong", [{}, {"genes_total": 0}, {"genes_total": 3, "genes": 3}])
def test_a_configuration_takes_nothing_wrong(wrong):
    with pytest.raises(ValidationError):
        multiplicative.Config(**wrong)
