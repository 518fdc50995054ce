"""What the architectures of perturbation sets share, against loops over the sets one by one."""

import math

import numpy as np
import pytest
import torch

from contracts.sets.kinds import ABSENT, KINDS
from tests.zoo.architectures.sets import ORDERS, ragged
from zoo.architectures._sets import counted, expectation, interacts, segment_sum


def by_set(order: np.ndarray, values: np.ndarray) -> list[np.ndarray]:
    """The rows of each set."""
    return np.split(values, np.cumsum(order)[:-1])


@pytest.mark.parametrize("orders", ORDERS)
@pytest.mark.parametrize("width", [(), (1,), (3,), (2, 4)])
def test_a_segment_sum_is_the_sum_of_each_sets_rows(orders, width):
    _, _, segment, order = ragged(orders)
    values = np.random.default_rng(1).normal(size=(len(segment), *width))
    got = segment_sum(torch.from_numpy(values), segment, len(order))
    expected = [rows.sum(axis=0) for rows in by_set(order.numpy(), values)]
    assert got.shape == (len(orders), *width)
    np.testing.assert_allclose(got, np.reshape(expected, got.shape), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("orders", ORDERS)
def test_the_expectation_is_the_product_over_absent_members(orders):
    _, kind, segment, order = ragged(orders)
    fitness = np.random.default_rng(2).uniform(0, 1.3, len(segment))
    got = expectation(torch.from_numpy(fitness), kind, segment, order)
    for row, (values, kinds) in enumerate(
        zip(by_set(order.numpy(), fitness), by_set(order.numpy(), kind.numpy()), strict=True)
    ):
        expected = math.prod(
            f for f, k in zip(values.tolist(), kinds.tolist(), strict=True) if k == 0
        )
        assert got[row].item() == pytest.approx(expected, rel=1e-14)


def test_the_expectation_is_exact_where_nothing_is_to_be_multiplied():
    fitness = torch.tensor([0.1, 0.7, 0.0, 0.9], dtype=torch.float32)
    kind = torch.tensor([ABSENT, KINDS.index("overexpressed"), ABSENT, ABSENT])
    segment, order = torch.tensor([1, 2, 3, 3]), torch.tensor([0, 1, 1, 2, 0])
    got = expectation(fitness, kind, segment, order)
    assert torch.equal(got, torch.tensor([1.0, 0.1, 1.0, 0.0, 1.0]))


def test_the_expectation_has_a_gradient_at_every_fitness():
    fitness = torch.tensor([0.3, 0.0, 0.8, 0.5], dtype=torch.float64, requires_grad=True)
    kind, segment = torch.zeros(4, dtype=torch.int64), torch.tensor([0, 0, 0, 1])
    order = torch.tensor([3, 1])
    assert torch.autograd.gradcheck(lambda f: expectation(f, kind, segment, order), fitness)


def test_no_set_of_one_interacts():
    order = torch.arange(5)
    assert interacts(order).tolist() == [False, False, True, True, True]


@pytest.mark.parametrize("orders", ORDERS)
def test_members_that_count_are_counted(orders):
    _, kind, segment, order = ragged(orders)
    got = counted(kind == ABSENT, segment, order)
    expected = [int((kinds == ABSENT).sum()) for kinds in by_set(order.numpy(), kind.numpy())]
    assert got.tolist() == (expected if orders else [])
    assert got.dtype == torch.int64
