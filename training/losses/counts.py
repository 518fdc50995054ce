"""Losses of models of counts: zero-inflated negative binomials, and what keeps macrogenes few."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

Counts = Float[Tensor, "cells genes"]
SMALL = 1e-8
"""Means and dispersions below this count as this."""


def zinb(
    count: Counts, mean: Counts, dispersion: Float[Tensor, "genes"], dropout: Counts
) -> Float[Tensor, "cells"]:
    """Minus the log-likelihood of every cell's counts, summed over genes.

    A count is 0 with the probability sigmoid(dropout), and else negative binomial with this mean
    and the variance mean + mean^2 / dispersion (Risso et al. 2018, equations 1 and 2):

        P(0) = pi + (1 - pi) (theta / (theta + mu))^theta,    P(x) = (1 - pi) NB(x; mu, theta)

    Both are taken in logarithms, so that neither pi near 0 or 1 nor large counts overflow.
    """
    mean, theta = mean.clamp(min=SMALL), dispersion.clamp(min=SMALL)
    log_total = torch.log(theta + mean)
    log_zero = theta * (torch.log(theta) - log_total)
    log_binomial = (
        log_zero
        + count * (torch.log(mean) - log_total)
        + torch.lgamma(count + theta)
        - torch.lgamma(theta)
        - torch.lgamma(count + 1)
    )
    kept = functional.logsigmoid(-dropout)
    zero = torch.logaddexp(functional.logsigmoid(dropout), kept + log_zero)
    return -torch.where(count == 0, zero, kept + log_binomial).sum(-1)


def macrogene_size(log_weight: Float[Tensor, "genes macrogenes"]) -> Float[Tensor, ""]:
    """The L1 norm of macrogene weights, which are exponentials and therefore positive."""
    return log_weight.exp().sum()


def agreement(
    mapped: Float[Tensor, "pairs macrogenes"],
    other: Float[Tensor, "pairs macrogenes"],
    similarity: Float[Tensor, "pairs"],
) -> Float[Tensor, ""]:
    """Mean squared difference of two similarities of sampled pairs of genes.

    The first is the cosine of the genes' macrogene weights, the second, `similarity`, that of
    their vectors, such as protein embeddings (Rosen et al. 2024).
    """
    return (functional.cosine_similarity(mapped, other) - similarity).square().mean()


def divergence(
    mean: Float[Tensor, "cells dim"], log_variance: Float[Tensor, "cells dim"]
) -> Float[Tensor, "cells"]:
    """KL(N(mean, variance) || N(0, 1)) of every cell (Kingma and Welling 2014, appendix B)."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)
