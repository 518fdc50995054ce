"""Contrastive loss for a regression: sets with close labels get close vectors."""

import torch
from jaxtyping import Float
from torch import Tensor


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
