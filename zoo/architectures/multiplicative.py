"""No network at all: genes that do not interact, each with the fitness of its single mutant.

expectation(S) = product of f_i over the absent members of S, the multiplicative model of fitness,
and the interaction is 0. It is the first rival of every model of perturbation sets.
"""

import torch
from pydantic import PositiveInt
from torch import nn

from zoo.architectures._pairs import Strict
from zoo.architectures._sets import Answers, Members, Orders, expectation

TASK = "perturbation"


class Config(Strict):
    """Number of genes of the vocabulary."""

    genes_total: PositiveInt


class Model(nn.Module):
    """A table of single-mutant fitness."""

    def __init__(self, config: Config):
        super().__init__()
        self.register_buffer("single_fitness", torch.ones(config.genes_total))

    def forward(self, member: Members, kind: Members, segment: Members, order: Orders) -> Answers:
        """gene_interaction, which is 0, and expectation."""
        expected = expectation(self.single_fitness[member], kind, segment, order)
        return torch.zeros_like(expected), expected

    def graphs(self) -> dict[str, nn.Module]:
        """One graph, `head`."""
        return {"head": self}
