"""The study's two networks, 5.58 million weights each.

    two towers      per side [embedding 512, expression 11] -> 512 -> ReLU -> 512;
                    logit = dot product / 0.05
    cross-encoder   [e_t, e_g, x_t, x_g, e_t * e_g] (1,558) -> 512 -> ReLU -> 512 -> ReLU -> 1

Weights start evenly within +-sqrt(2 / inputs), biases at zero, embeddings normal with the
deviation that the study's code had: 0.01 for the towers, 0.1 for the cross-encoder.
"""

import math

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from gradients import Failures
from prior import CELL_TYPES

WIDTH = 512
TEMPERATURE = 0.05
SPREADS = {"two_tower": 0.01, "cross_encoder": 0.1}

Index = Int64[Tensor, "pairs"]
Logits = Float[Tensor, "pairs"]


class Side(nn.Module):
    """One side's entities: a learned embedding and a fixed expression profile."""

    def __init__(self, entities: int, width: int, spread: float):
        super().__init__()
        self.embedding = nn.Embedding(entities, width)
        nn.init.normal_(self.embedding.weight, std=spread)
        self.register_buffer("expression", torch.zeros(entities, CELL_TYPES))

    def forward(
        self, index: Index
    ) -> tuple[Float[Tensor, "pairs width"], Float[Tensor, "pairs celltypes"]]:
        """Embedding and expression of the entities asked for."""
        return self.embedding(index), self.expression[index]


def linear(inputs: int, outputs: int) -> nn.Linear:
    """A layer that starts as the study's did."""
    layer = nn.Linear(inputs, outputs)
    bound = math.sqrt(2 / inputs)
    nn.init.uniform_(layer.weight, -bound, bound)
    nn.init.zeros_(layer.bias)
    return layer


class Tower(nn.Module):
    """Two layers over [embedding, expression]."""

    def __init__(self, entities: int, width: int, failures: Failures):
        super().__init__()
        self.side = Side(entities, width, SPREADS["two_tower"])
        self.hidden = linear(width + CELL_TYPES, width)
        self.out = linear(width, width)
        self.failures = failures

    def forward(self, index: Index) -> Float[Tensor, "pairs width"]:
        """The vectors of the entities asked for; they are not brought to unit length."""
        x = torch.cat(self.side(index), -1)
        return self.out(self.failures.relu(self.hidden(x)))


class TwoTower(nn.Module):
    """Both sides apart; a pair's logit is the dot product over the temperature."""

    def __init__(self, tfs: int, genes: int, failures: Failures, width: int = WIDTH):
        super().__init__()
        self.tf = Tower(tfs, width, failures)
        self.gene = Tower(genes, width, failures)

    def forward(self, tf: Index, gene: Index) -> Logits:
        """The logit of each pair."""
        return (self.tf(tf) * self.gene(gene)).sum(-1) / TEMPERATURE


class CrossEncoder(nn.Module):
    """Both sides and their product through one network."""

    def __init__(self, tfs: int, genes: int, failures: Failures, width: int = WIDTH):
        super().__init__()
        self.tf = Side(tfs, width, SPREADS["cross_encoder"])
        self.gene = Side(genes, width, SPREADS["cross_encoder"])
        self.first = linear(3 * width + 2 * CELL_TYPES, width)
        self.second = linear(width, width)
        self.out = linear(width, 1)
        self.failures = failures

    def forward(self, tf: Index, gene: Index) -> Logits:
        """The logit of each pair."""
        (e_t, x_t), (e_g, x_g) = self.tf(tf), self.gene(gene)
        hidden = self.failures.relu(self.first(torch.cat([e_t, e_g, x_t, x_g, e_t * e_g], -1)))
        return self.out(self.failures.relu(self.second(hidden)))[:, 0]


ARCHITECTURES = {"two_tower": TwoTower, "cross_encoder": CrossEncoder}
