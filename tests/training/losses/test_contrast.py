"""Rank-N-Contrast in n^2 log n against its triple loop."""

import math
import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck

from training.losses.regression import supcr

NAN = float("nan")


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def naive(vectors: torch.Tensor, label: torch.Tensor, temperature: float) -> float:
    """Every pair, and everything that is as far from the first as the second is."""
    rows = [row for row, y in enumerate(label.tolist()) if not math.isnan(y)]
    y = label.tolist()

    def similarity(i: int, j: int) -> float:
        a, b = vectors[i], vectors[j]
        return (a @ b / (a.norm() * b.norm())).item()

    total = 0.0
    for i in rows:
        for j in rows:
            if j == i:
                continue
            below = 0.0
            for k in rows:
                if k != i and abs(y[i] - y[k]) >= abs(y[i] - y[j]):
                    below += math.exp(similarity(i, k) / temperature)
            total -= math.log(math.exp(similarity(i, j) / temperature) / below)
    return total / (len(rows) * (len(rows) - 1))


LABELS = {
    "different": [0.3, -1.2, 2.0, 0.1, -0.4, 1.1, 5.0],
    "with ties": [1.0, 0.0, 1.0, 2.0, 0.0, 1.0, 2.0],
    "evenly spaced, tied from both sides": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    "all the same": [2.0] * 7,
    "some missing": [0.3, NAN, 2.0, 0.1, NAN, 2.0, 5.0],
    "two": [NAN, NAN, 1.0, NAN, NAN, 3.0, NAN],
}


@pytest.mark.parametrize("temperature", [0.1, 1.0])
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_it_is_the_triple_loop(labels, temperature):
    vectors, label = drawn(7, 3), torch.tensor(labels, dtype=torch.float64)
    got = supcr(vectors, label, temperature).item()
    assert got == pytest.approx(naive(vectors, label, temperature), rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_its_gradient_is_that_of_finite_differences(labels):
    label = torch.tensor(labels, dtype=torch.float64)
    assert gradcheck(lambda v: supcr(v, label), drawn(7, 3).requires_grad_())


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=8), st.integers(0, 99))
def test_it_is_the_triple_loop_for_any_labels(labels, seed):
    vectors = drawn(len(labels), 2, seed=seed)
    label = torch.tensor(labels, dtype=torch.float64) / 4
    expected = naive(vectors, label, 0.5)
    assert supcr(vectors, label, 0.5).item() == pytest.approx(expected, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("labels", [[], [1.0], [NAN, 2.0, NAN]])
def test_fewer_than_two_labels_are_a_loss_of_0_with_a_gradient_of_0(labels):
    vectors = drawn(len(labels), 3).requires_grad_()
    value = supcr(vectors, torch.tensor(labels, dtype=torch.float64))
    value.backward()
    assert value.item() == 0
    assert (vectors.grad == 0).all()


def test_sets_without_a_label_and_the_order_of_sets_change_nothing():
    vectors, label = drawn(7, 3), torch.tensor(LABELS["with ties"], dtype=torch.float64)
    expected = supcr(vectors, label).item()
    more = torch.cat([torch.full((2, 3), math.inf, dtype=torch.float64), vectors])
    more.requires_grad_()
    value = supcr(more, torch.cat([torch.tensor([NAN, NAN]).double(), label]))
    value.backward()
    assert value.item() == expected
    assert (more.grad[:2] == 0).all()
    shuffled = torch.tensor([3, 1, 6, 0, 2, 5, 4])
    assert supcr(vectors[shuffled], label[shuffled]).item() == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("size", [1e-38, 1e-20, 1.0, 1e20, 1e38])
def test_only_directions_count_and_none_overflows_in_float32(size):
    vectors, label = drawn(7, 3).float(), torch.tensor(LABELS["different"])
    expected = supcr(vectors, label)
    scaled = (vectors * (size / vectors.abs().max())).requires_grad_()
    value = supcr(scaled, label)
    value.backward()
    torch.testing.assert_close(value, expected, rtol=1e-5, atol=1e-6)
    if size >= 1:
        assert scaled.grad.isfinite().all()


def test_it_is_finite_for_vectors_of_zero_opposite_vectors_and_a_low_temperature():
    vectors = torch.tensor([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]], requires_grad=True)
    value = supcr(vectors, torch.tensor([0.0, 1.0, 2.0, 1e30]), temperature=1e-3)
    value.backward()
    assert value.isfinite()
    assert value > 100
    assert vectors.grad.isfinite().all()


def test_rows_in_the_order_of_their_labels_are_better_than_shuffled_ones():
    angle = torch.linspace(0, 2, 30)
    vectors = torch.stack([angle.cos(), angle.sin()], 1)
    assert supcr(vectors, angle) < supcr(vectors[torch.randperm(30)], angle) - 0.1


def test_a_batch_of_a_thousand_takes_no_n_cubed_time_or_memory():
    vectors, label = drawn(1000, 16).float().requires_grad_(), drawn(1000, seed=1).float()
    started = time.perf_counter()
    supcr(vectors, label).backward()
    # n^3 would be a billion terms and 4 GB.
    assert time.perf_counter() - started < 10
