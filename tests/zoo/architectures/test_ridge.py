"""Additive interactions against their sum, set by set."""

import math

import pytest
import torch
from pydantic import ValidationError

from contracts import tasks
from contracts.sets.kinds import KINDS
from tests.zoo.architectures.sets import GENES, ORDERS, ragged
from zoo.architectures import ridge

EPSILON, TAU = (ridge.UNITS.index(unit) for unit in ("epsilon", "tau"))


def model() -> ridge.Model:
    """In float64 and with every number another."""
    generator = torch.Generator().manual_seed(5)
    made = ridge.Model(ridge.Config(genes_total=GENES)).double()
    for tensor in made.state_dict().values():
        drawn = torch.rand(tensor.shape, generator=generator, dtype=torch.float64)
        tensor.copy_(drawn + 0.01)
    return made


@pytest.mark.parametrize("orders", ORDERS)
def test_deleted_genes_add_their_weights_in_the_unit_of_their_number(orders):
    made, (member, kind, segment, order) = model(), ragged(orders)
    interaction, expected = made.graphs()["head"](member, kind, segment, order)
    for row, size in enumerate(orders):
        absent = member[(segment == row) & (kind == 0)].tolist()
        size = len(absent)
        unit = TAU if size >= 3 else EPSILON
        added = made.offset[unit] + sum(made.weight[unit, gene] for gene in absent)
        assert interaction[row].item() == pytest.approx(added.item() if size >= 2 else 0, rel=1e-13)
        product = math.prod(made.single_fitness[absent].tolist())
        assert expected[row].item() == pytest.approx(product, rel=1e-14)


def test_nothing_interacts_with_nothing():
    made = model().float()
    member, _, segment, order = ragged((0, 1, 1, 2, 0))
    interaction, _ = made(member, torch.zeros_like(member), segment, order)
    assert (interaction == 0).tolist() == [True, True, True, False, True]


def test_kinds_other_than_absent_add_nothing():
    member, segment, order = torch.tensor([4, 7]), torch.tensor([0, 0]), torch.tensor([2])
    made = model()
    for other in range(1, len(KINDS)):
        interaction, _ = made(member, torch.tensor([0, other]), segment, order)
        assert interaction.item() == 0


def test_a_pair_with_another_member_that_is_not_absent_is_a_pair():
    member, segment, order = torch.tensor([4, 7, 2]), torch.zeros(3).long(), torch.tensor([3])
    made = model()
    pair = made.offset[EPSILON] + made.weight[EPSILON, [4, 7]].sum()
    for other in range(1, len(KINDS)):
        interaction, _ = made(member, torch.tensor([0, 0, other]), segment, order)
        assert interaction.item() == pytest.approx(pair.item(), rel=1e-14)


def test_it_has_the_graphs_of_its_task_and_nothing_to_learn_by_gradient():
    assert list(model().graphs()) == list(tasks.get(ridge.TASK).graphs)
    assert list(model().parameters()) == []
    assert {name: list(t.shape) for name, t in model().state_dict().items()} == {
        "weight": [2, GENES],
        "offset": [2],
        "single_fitness": [GENES],
    }


@pytest.mark.parametrize("wrong", [{}, {"genes_total": 0}, {"genes_total": 3, "genes": 3}])
def test_a_configuration_takes_nothing_wrong(wrong):
    with pytest.raises(ValidationError):
        ridge.Config(**wrong)
