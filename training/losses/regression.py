"""Losses of regression with missing labels; NaN is a label that was not measured."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from contracts.errors import EmptyInput


def labelled(label: Float[Tensor, "sets outputs"]) -> Bool[Tensor, "outputs"]:
    """Which outputs have any label in this batch."""
    return ~label.isnan().all(0)


def masked_mse(
    prediction: Float[Tensor, "sets outputs"], label: Float[Tensor, "sets outputs"]
) -> Float[Tensor, "outputs"]:
    """Mean squared error of every output over the sets that have its label.

    It is 0 for an output without labels, and still part of the gradient's graph.
    """
    return _mean(_difference(prediction, label).square(), label)


def log_cosh(
    prediction: Float[Tensor, "sets outputs"], label: Float[Tensor, "sets outputs"]
) -> Float[Tensor, "outputs"]:
    """Mean log(cosh(prediction - label)), as `masked_mse` treats missing labels.

    Near 0 it is half the square, far away the absolute difference less log 2. It is written as
    |d| + log(1 + (exp(-2 |d|) - 1) / 2), in which nothing overflows and nothing cancels.
    """
    size = _difference(prediction, label).abs()
    return _mean(size + torch.log1p(torch.expm1(-2 * size) / 2), label)


def weighted(
    losses: Float[Tensor, "outputs"],
    label: Float[Tensor, "sets outputs"],
    weights: Float[Tensor, "outputs"],
) -> Float[Tensor, ""]:
    """Mean over records of their outputs' losses, each at its output's weight."""
    share = (~label.isnan()).sum(0) * weights
    return (losses * share).sum() / share.sum().clamp(min=1e-9)


def _difference(prediction: Tensor, label: Tensor) -> Tensor:
    return torch.where(label.isnan(), 0.0, prediction - label)


def _mean(error: Tensor, label: Tensor) -> Tensor:
    return error.sum(0) / (~label.isnan()).sum(0).clamp(min=1)


class DistLoss(nn.Module):
    """How far the distribution of a batch's predictions is from that of the training labels.

    mean_r |p_(r) - Q((r + 1/2) / n)|, r = 0 .. n - 1, where p_(r) are the predictions in ascending
    order and Q is the labels' quantile function, linear between neighbours. Between samples of the
    same size this is the 1-D Wasserstein distance itself. The loss is that of Nie 2024
    (https://arxiv.org/abs/2411.15216) with exact sorting and quantiles, which that paper smooths.
    """

    def __init__(self, labels: Float[Tensor, "labels"]):
        """Labels of the training set; NaN is left out. Raises EmptyInput where none is left."""
        super().__init__()
        known = labels[~labels.isnan()]
        if not len(known):
            raise EmptyInput("labels of the training set")
        self.register_buffer("ascending", known.sort().values, persistent=False)

    def quantiles(self, count: int) -> Float[Tensor, "sets"]:
        """The training labels' quantiles at the ranks of so many predictions."""
        labels = len(self.ascending)
        rank = torch.arange(count, dtype=torch.float64, device=self.ascending.device)
        # (rank + 1/2) / count * labels - 1/2, written so that it is exact for equal sizes.
        place = (((2 * rank + 1) * labels - count) / (2 * count)).clamp(0, labels - 1)
        below = place.long()
        above = (below + 1).clamp(max=labels - 1)
        share = (place - below).to(self.ascending.dtype)
        return self.ascending[below].lerp(self.ascending[above], share)

    def forward(
        self, prediction: Float[Tensor, "sets"], label: Float[Tensor, "sets"]
    ) -> Float[Tensor, ""]:
        """The distance, over the sets that have a label; 0 where none has."""
        ascending = prediction[~label.isnan()].sort().values
        if not len(ascending):
            return ascending.sum()
        return (ascending - self.quantiles(len(ascending))).abs().mean()


class LearnedNoise(nn.Module):
    """Outputs weighted by a noise that is learned: sum_t w_t / (2 sigma_t^2) L_t + log sigma_t.

    Kendall, Gal and Cipolla 2018, https://arxiv.org/abs/1705.07115, with a weight for each output.
    sigma_t^2 = w_t L_t is the minimum. There is none at L_t = 0, so log sigma_t counts as at most
    10 in either direction.
    """

    LIMIT = 10.0

    def __init__(self, weights: Sequence[float]):
        super().__init__()
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32))
        self.log_sigma = nn.Parameter(torch.zeros(len(weights)))

    def forward(
        self, losses: Float[Tensor, "outputs"], labelled: Bool[Tensor, "outputs"]
    ) -> Float[Tensor, ""]:
        """The sum over the outputs that are `labelled`; the others move nothing, not even sigma."""
        log_sigma = self.log_sigma.clamp(-self.LIMIT, self.LIMIT)
        # Before the product: 0 times a loss that is no number would reach sigma's gradient.
        losses = torch.where(labelled, losses, 0.0)
        terms = 0.5 * self.weights * losses * torch.exp(-2 * log_sigma) + log_sigma
        return torch.where(labelled, terms, 0.0).sum()


def supcr(
    vectors: Float[Tensor, "sets dim"], label: Float[Tensor, "sets"], temperature: float = 0.1
) -> Float[Tensor, ""]:
    """Rank-N-Contrast (Zha 2023, https://arxiv.org/abs/2210.01189, there first called SupCR).

    The mean over pairs i != j of

        -log( exp(s_ij / t) / sum_k exp(s_ik / t) ),  k != i with |y_i - y_k| >= |y_i - y_j|,

    with the cosine of two vectors as s. The pair itself is in the sum, and so is everything as far
    from i as j. Sets with a NaN label are left out, and with fewer than two labels it is 0.

    The denominators of i are sums from a rank onward once its pairs are sorted by distance:
    n^2 log n steps in place of n^3, and n^2 numbers of memory.
    """
    known = ~label.isnan()
    x, y = vectors[known], label[known]
    count = len(y)
    if count < 2:
        return vectors[:0].sum()
    others = ~torch.eye(count, dtype=torch.bool, device=y.device)
    unit = _unit(x)
    similarity = (unit @ unit.T / temperature)[others].view(count, count - 1)
    distance = (y[:, None] - y).abs()[others].view(count, count - 1)
    distance, rank = distance.sort(1)
    similarity = similarity.gather(1, rank)
    from_here_on = similarity.flip(1).logcumsumexp(1).flip(1)
    # The first of those as far from i: a tie is in each other's sum.
    first = torch.searchsorted(distance, distance)
    return (from_here_on.gather(1, first) - similarity).mean()


def _unit(x: Float[Tensor, "sets dim"]) -> Float[Tensor, "sets dim"]:
    """Vectors of length 1; a vector of 0 stays as it is, with a finite gradient.

    They are scaled by their largest number first, so that squares neither overflow nor vanish. The
    direction does not depend on that, nor does its gradient.
    """
    largest = x.detach().abs().amax(1, keepdim=True)
    x = x / torch.where(largest > 0, largest, 1.0)
    length = x.norm(dim=1, keepdim=True)
    return x / torch.where(length > 0, length, 1.0)
