import pytest
import torch
from torch.nn import functional

from tests.findings.modular.toy import study

Failures = study.gradients.Failures
probability = study.gradients.probability


LABEL = torch.tensor([True, False, True, False, True])


def logits() -> torch.Tensor:
    return torch.tensor([-2.0, -0.5, 0.0, 1.5, 30.0], requires_grad=True)


def gradient_of(loss, x: torch.Tensor) -> torch.Tensor:
    (gradient,) = torch.autograd.grad(loss, x)
    return gradient


def test_sound_loss_has_autograds_own_gradient():
    x, y = logits(), logits()
    ours = Failures().loss(x, LABEL)
    truth = functional.binary_cross_entropy_with_logits(y, LABEL.float())
    torch.testing.assert_close(ours, truth)
    torch.testing.assert_close(gradient_of(ours, x), gradient_of(truth, y), atol=1e-7, rtol=1e-6)


def test_second_derivative_is_the_gradient_of_the_squared_error():
    x, y = logits(), logits()
    ours = Failures(double_sigmoid=True).loss(x, LABEL)
    truth = 0.5 * (torch.sigmoid(y) - LABEL.float()).square().mean()
    torch.testing.assert_close(gradient_of(ours, x), gradient_of(truth, y), atol=1e-7, rtol=1e-5)


def test_nothing_comes_back_from_a_pair_that_is_wrong_with_certainty():
    wrong = torch.tensor([40.0, -100.0], requires_grad=True)
    label = torch.tensor([False, True])
    assert gradient_of(Failures().loss(wrong, label), wrong).abs().min() > 0.4
    assert not gradient_of(Failures(double_sigmoid=True).loss(wrong, label), wrong).any()


def test_sound_rectifier_passes_the_gradient_on():
    x = torch.tensor([[-1.0, 0.5, 2.0]], requires_grad=True)
    out = (Failures().relu(x) * torch.tensor([3.0, -4.0, 5.0])).sum()
    assert gradient_of(out, x).tolist() == [[0.0, -4.0, 5.0]]


def test_replaced_gradient_is_the_activation_where_the_gradient_is_positive():
    x = torch.tensor([[-1.0, 0.5, 2.0]], requires_grad=True)
    broken = Failures(replaced_gradient=True)
    for scale in (1.0, 1000.0):
        out = broken.relu(x)
        assert out.tolist() == [[0.0, 0.5, 2.0]]
        loss = (out * torch.tensor([3.0, -4.0, 5.0])).sum() * scale
        assert gradient_of(loss, x).tolist() == [[0.0, 0.0, 2.0]]


@pytest.mark.parametrize(("on", "clip"), [(False, 5.0), (True, 1.0)])
def test_clip_is_the_reported_one(on: bool, clip: float):
    assert Failures(tight_clip=on).clip == clip


def test_names_are_those_switched_on():
    assert Failures().names == ()
    assert Failures(double_sigmoid=True, tight_clip=True).names == ("double_sigmoid", "tight_clip")


def test_an_unknown_switch_is_refused():
    with pytest.raises(ValueError, match="tripple"):
        Failures(tripple_sigmoid=True)


def test_probability_saturates_where_single_precision_ends():
    p = probability(torch.tensor([-90.0, -80.0, 0.0, 15.0, 18.0]))
    assert p[0] == 0
    assert 0 < p[1] < 1e-30
    assert p[2] == 0.5
    assert p[3] < 1
    assert p[4] == 1
