"""Losses with missing labels against loops over single numbers, and their gradients."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance
from torch.autograd import gradcheck

from contracts.errors import EmptyInput
from training.losses.regression import DistLoss, LearnedNoise, labelled, log_cosh, masked_mse

NAN = float("nan")
BY_OUTPUT = {
    masked_mse: lambda difference: difference**2,
    log_cosh: lambda difference: math.log(math.cosh(difference)),
}


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def half_labelled(sets: int = 9) -> tuple[torch.Tensor, torch.Tensor]:
    """Predictions and labels of three outputs; the last output has no label at all."""
    prediction, label = drawn(sets, 3), drawn(sets, 3, seed=1)
    label[drawn(sets, 3, seed=2) > 0.3] = NAN
    label[:, 2] = NAN
    return prediction, label


def naive_mean(error, prediction: torch.Tensor, label: torch.Tensor) -> list[float]:
    means = []
    for output in range(prediction.shape[1]):
        pairs = zip(prediction[:, output].tolist(), label[:, output].tolist(), strict=True)
        errors = [error(p - y) for p, y in pairs if not math.isnan(y)]
        means.append(sum(errors) / len(errors) if errors else 0.0)
    return means


@pytest.mark.parametrize("loss", BY_OUTPUT)
def test_every_output_has_the_mean_over_its_labels(loss):
    prediction, label = half_labelled()
    expected = naive_mean(BY_OUTPUT[loss], prediction, label)
    assert expected[0] > 0.1
    np.testing.assert_allclose(loss(prediction, label), expected, rtol=1e-13)
    assert labelled(label).tolist() == [True, True, False]


@pytest.mark.parametrize("loss", BY_OUTPUT)
def test_gradients_of_every_output_are_finite_differences(loss):
    prediction, label = half_labelled()
    assert gradcheck(lambda p: loss(p, label), prediction.requires_grad_())


@pytest.mark.parametrize("loss", BY_OUTPUT)
def test_no_label_at_all_is_a_loss_of_0_with_a_gradient_of_0(loss):
    prediction = drawn(4, 2).requires_grad_()
    value = loss(prediction, torch.full_like(prediction, NAN))
    value.sum().backward()
    assert value.tolist() == [0, 0]
    assert (prediction.grad == 0).all()


@pytest.mark.parametrize("loss", BY_OUTPUT)
def test_sets_without_a_label_change_nothing_whatever_is_predicted_for_them(loss):
    prediction, label = half_labelled()
    rows = torch.full((3, 3), NAN, dtype=torch.float64)
    odd = torch.tensor([[0.0], [1e300], [math.inf]], dtype=torch.float64).expand(3, 3)
    longer = torch.cat([odd, prediction]).requires_grad_()
    got = loss(longer, torch.cat([rows, label]))
    got.sum().backward()
    torch.testing.assert_close(got, loss(prediction, label), rtol=1e-14, atol=0)
    assert (longer.grad[:3] == 0).all()
    assert longer.grad.isfinite().all()


@pytest.mark.parametrize("loss", BY_OUTPUT)
def test_the_order_of_sets_does_not_matter(loss):
    prediction, label = half_labelled()
    shuffled = torch.tensor([3, 1, 8, 0, 7, 2, 6, 5, 4])
    got = loss(prediction[shuffled], label[shuffled])
    torch.testing.assert_close(got, loss(prediction, label), rtol=1e-13, atol=0)


@pytest.mark.parametrize(
    ("difference", "expected"), [(1e30, 1e30), (-1e30, 1e30), (0.0, 0.0), (1e-5, 5e-11)]
)
def test_log_cosh_neither_overflows_nor_cancels_in_float32(difference, expected):
    prediction = torch.tensor([[difference]], requires_grad=True)
    value = log_cosh(prediction, torch.zeros(1, 1))
    value.sum().backward()
    assert value.item() == pytest.approx(expected, rel=2e-2, abs=0)
    assert prediction.grad.item() == pytest.approx(math.tanh(difference), rel=2e-2)


def test_the_distance_of_samples_of_one_size_is_wassersteins():
    labels, prediction = drawn(40), drawn(40, seed=1) * 2 + 1
    loss = DistLoss(labels)
    expected = wasserstein_distance(prediction.numpy(), labels.numpy())
    assert expected > 0.5
    assert loss(prediction, labels).item() == pytest.approx(expected, rel=1e-12)
    assert loss(labels.flip(0), labels).item() == 0


@pytest.mark.parametrize(("sets", "labels"), [(1, 5), (7, 40), (40, 7), (5, 1)])
def test_other_sizes_are_held_against_quantiles_at_the_same_ranks(sets, labels):
    known, prediction = drawn(labels), drawn(sets, seed=1)
    expected = 0.0
    for rank, value in enumerate(sorted(prediction.tolist())):
        quantile = np.quantile(known.numpy(), (rank + 0.5) / sets, method="hazen")
        expected += abs(value - quantile) / sets
    loss = DistLoss(known)
    assert loss(prediction, prediction).item() == pytest.approx(expected, rel=1e-12)
    assert gradcheck(lambda p: loss(p, prediction.detach()), prediction.requires_grad_())


def test_the_distance_leaves_out_what_has_no_label():
    known, prediction, label = drawn(30), drawn(12, seed=1), drawn(12, seed=2)
    label[::3] = NAN
    loss = DistLoss(torch.cat([known, torch.tensor([NAN], dtype=torch.float64)]))
    there = ~label.isnan()
    expected = DistLoss(known)(prediction[there], label[there])
    prediction[::3] = math.inf
    prediction.requires_grad_()
    loss(prediction, label).backward()
    assert loss(prediction, label).item() == pytest.approx(expected.item(), rel=1e-14)
    assert (prediction.grad[::3] == 0).all()


def test_the_distance_does_not_know_which_prediction_is_whose():
    known, prediction = drawn(30), drawn(12, seed=1)
    loss = DistLoss(known)
    got = loss(prediction[torch.randperm(12)], prediction)
    assert got.item() == pytest.approx(loss(prediction, prediction).item(), rel=1e-14)


def test_the_distance_without_labels_is_0_with_a_gradient_and_without_training_labels_an_error():
    prediction = drawn(4).requires_grad_()
    value = DistLoss(drawn(3))(prediction, torch.full((4,), NAN, dtype=torch.float64))
    value.backward()
    assert value.item() == 0
    assert (prediction.grad == 0).all()
    with pytest.raises(EmptyInput, match="labels of the training set is empty"):
        DistLoss(torch.full((4,), NAN))


def test_the_distance_is_finite_for_values_far_off():
    prediction = torch.tensor([1e30, -1e30, 0.0], requires_grad=True)
    value = DistLoss(torch.tensor([-1.0, 1.0]))(prediction, torch.zeros(3))
    value.backward()
    assert value.item() == pytest.approx(2e30 / 3, rel=1e-6)
    assert prediction.grad.isfinite().all()


def test_noise_weighs_every_output_by_its_formula():
    weights, raw, there = [4.0, 1.0, 0.5], drawn(3).square(), [True, False, True]
    noise = LearnedNoise(weights).double()
    noise.log_sigma.data = drawn(3, seed=1)
    expected = 0.0
    for weight, loss, log_sigma, has in zip(weights, raw, noise.log_sigma, there, strict=True):
        if has:
            sigma = math.exp(log_sigma.item())
            expected += weight / (2 * sigma**2) * loss.item() + math.log(sigma)
    assert noise(raw, torch.tensor(there)).item() == pytest.approx(expected, rel=1e-13)


def test_noise_has_the_gradients_of_finite_differences_and_none_without_labels():
    noise, there = LearnedNoise([4.0, 1.0, 0.5]).double(), torch.tensor([True, False, True])

    def total(raw: torch.Tensor, log_sigma: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(noise, {"log_sigma": log_sigma}, (raw, there))

    raw, log_sigma = drawn(3).square().requires_grad_(), drawn(3, seed=1).requires_grad_()
    assert gradcheck(total, (raw, log_sigma))
    missing = torch.tensor([1.0, NAN, 2.0], dtype=torch.float64)
    total(missing, log_sigma).backward()
    assert log_sigma.grad[1] == 0
    assert log_sigma.grad[[0, 2]].isfinite().all()


@given(st.floats(1e-6, 1e6), st.floats(0.01, 100))
def test_noise_settles_where_sigma_squared_is_the_weighted_loss(loss, weight):
    noise = LearnedNoise([weight]).double()
    noise.log_sigma.data = torch.tensor([0.5 * math.log(weight * loss)], dtype=torch.float64)
    noise(torch.tensor([loss], dtype=torch.float64), torch.tensor([True])).backward()
    assert noise.log_sigma.grad.item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("log_sigma", [-1e4, 1e4])
def test_noise_stays_finite(log_sigma):
    noise = LearnedNoise([1.0])
    noise.log_sigma.data.fill_(log_sigma)
    value = noise(torch.tensor([3.0]), torch.tensor([True]))
    value.backward()
    assert value.isfinite()
    assert noise.log_sigma.grad.isfinite().all()
