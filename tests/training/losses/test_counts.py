"""Losses of counts against scipy, loops over single numbers, and their gradients."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom
from torch.autograd import gradcheck
from torch.distributions import Normal, kl_divergence

from training.losses.counts import agreement, divergence, macrogene_size, zinb

NUMBERS = st.floats(0.01, 100)


def drawn(cells: int = 4, genes: int = 3) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    count = torch.randint(0, 9, (cells, genes), generator=generator).double()
    count[:, 0] = 0
    mean, dropout = torch.randn((2, cells, genes), generator=generator, dtype=torch.float64)
    dispersion = torch.rand(genes, generator=generator, dtype=torch.float64) + 0.1
    return count, mean.exp(), dispersion, dropout


def naive(count: float, mean: float, theta: float, logit: float) -> float:
    """One count, by scipy's negative binomial."""
    share = 1 / (1 + math.exp(-logit))
    likelihood = (1 - share) * nbinom.pmf(count, theta, theta / (theta + mean))
    return -math.log(likelihood + share * (count == 0))


def test_it_is_the_sum_over_genes():
    count, mean, dispersion, dropout = drawn()
    got = zinb(count, mean, dispersion, dropout)
    expected = [
        sum(
            naive(float(count[c, g]), float(mean[c, g]), float(dispersion[g]), float(dropout[c, g]))
            for g in range(count.shape[1])
        )
        for c in range(count.shape[0])
    ]
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-6)


@given(count=st.integers(0, 500), mean=NUMBERS, theta=NUMBERS)
def test_without_dropout_it_is_scipys_negative_binomial(count: int, mean: float, theta: float):
    one = torch.tensor([[float(count)]], dtype=torch.float64)
    got = zinb(one, one.new_tensor([[mean]]), one.new_tensor([theta]), one.new_tensor([[-60.0]]))
    expected = -nbinom.logpmf(count, theta, theta / (theta + mean))
    assert float(got) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("logit", [-200.0, 0.0, 200.0])
def test_it_is_finite_at_the_ends_and_so_is_its_gradient(dtype: torch.dtype, logit: float):
    count = torch.tensor([[0.0, 1e5]], dtype=dtype)
    inputs = [
        torch.tensor([[0.0, 1e-12]], dtype=dtype, requires_grad=True),
        torch.tensor([1e-12, 1e6], dtype=dtype, requires_grad=True),
        torch.full((1, 2), logit, dtype=dtype, requires_grad=True),
    ]
    loss = zinb(count, *inputs)
    loss.sum().backward()
    assert loss.isfinite().all()
    assert all(one.grad is not None and one.grad.isfinite().all() for one in inputs)


def test_its_gradient_is_that_of_finite_differences():
    count, *inputs = drawn()
    inputs = [one.requires_grad_() for one in inputs]
    assert gradcheck(lambda *each: zinb(count, *each), inputs)


def test_the_size_of_macrogenes_is_the_sum_of_their_weights():
    log_weight = drawn()[3]
    expected = sum(math.exp(one) for row in log_weight.tolist() for one in row)
    assert float(macrogene_size(log_weight)) == pytest.approx(expected)


def test_agreement_is_0_where_the_cosines_are_equal_and_grows_with_their_difference():
    one, other = drawn()[1], drawn()[1].flip(0)
    cosine = [
        np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
        for a, b in zip(one.numpy(), other.numpy(), strict=True)
    ]
    same = torch.tensor(cosine)
    assert float(agreement(one, other, same)) == pytest.approx(0, abs=1e-15)
    assert float(agreement(one, other, same + 0.5)) == pytest.approx(0.25)


def test_divergence_is_that_of_torch_distributions():
    mean, log_variance = drawn()[3], drawn()[1].log()
    noise = Normal(mean, (log_variance / 2).exp())
    expected = kl_divergence(noise, Normal(torch.zeros_like(mean), 1.0)).sum(1)
    torch.testing.assert_close(divergence(mean, log_variance), expected)
    assert not divergence(torch.zeros(2, 3), torch.zeros(2, 3)).any()
