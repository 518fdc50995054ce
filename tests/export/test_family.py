"""Families are found by the task, and decisions are told apart by float32's resolution."""

import numpy as np
import pytest

from contracts.tasks import everything
from export import family
from export.parity import TOP, swapped


@pytest.mark.parametrize("task", everything())
def test_every_task_has_a_family(task):
    found = family.of(task)
    assert isinstance(found, family.Family)
    assert found.samples.endswith(".safetensors")


def test_tasks_of_one_family_share_it():
    assert family.of("pair_score") is family.of("pair_embed")
    assert family.of("perturbation") is family.of("perturbation_encoded")
    assert family.of("perturbation") is family.of("perturbation_graph")
    assert family.of("pair_score") is not family.of("perturbation")


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e3])
def test_orders_are_compared_by_a_loop_over_queries(unit):
    rng = np.random.default_rng(3)
    truth = rng.normal(size=(60, 25)) * unit
    got = truth + rng.normal(size=truth.shape) * unit * 10.0 ** rng.uniform(-9, -1, (60, 1))
    expected = 0
    for one, other in zip(truth, got, strict=True):
        best, mine = (sorted(range(25), key=lambda i: -row[i])[:TOP] for row in (one, other))
        gaps = [abs(one[a] - one[b]) for a, b in zip(best, mine, strict=True)]
        expected += max(gaps) > 4 * 2.0**-23 * unit
    assert 0 < expected < 60
    assert swapped(truth, got, unit) == expected
