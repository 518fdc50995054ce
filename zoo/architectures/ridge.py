"""Additive interactions: every deleted gene adds its own weight, fitted by ridge regression.

gene_interaction(S) = offset + sum of w_i over the absent members of S. Two sets of numbers: one for
epsilon (two absent members), one for tau (three and more). It knows which genes interact much, and
nothing of which with which.
"""

import torch
from pydantic import PositiveInt
from torch import nn

from contracts.sets.kinds import ABSENT
from zoo.architectures._pairs import Strict
from zoo.architectures._sets import (
    Answers,
    Members,
    Orders,
    counted,
    expectation,
    interacts,
    segment_sum,
)

TASK = "perturbation"
UNITS = ("epsilon", "tau")


class Config(Strict):
    """Number of genes of the vocabulary."""

    genes_total: PositiveInt


class Model(nn.Module):
    """Weights of every gene and an offset, in either unit, and single-mutant fitness."""

    def __init__(self, config: Config):
        super().__init__()
        self.register_buffer("weight", torch.zeros(len(UNITS), config.genes_total))
        self.register_buffer("offset", torch.zeros(len(UNITS)))
        self.register_buffer("single_fitness", torch.ones(config.genes_total))

    def forward(self, member: Members, kind: Members, segment: Members, order: Orders) -> Answers:
        """gene_interaction in the unit of each set, exactly 0 under two members; expectation."""
        absent = kind == ABSENT
        order = counted(absent, segment, order)
        unit = (order >= 3).long()
        weight = torch.where(absent, self.weight[unit[segment], member], 0.0)
        added = self.offset[unit] + segment_sum(weight, segment, order.shape[0])
        expected = expectation(self.single_fitness[member], kind, segment, order)
        return torch.where(interacts(order), added, 0.0), expected

    def graphs(self) -> dict[str, nn.Module]:
        """One graph, `head`."""
        return {"head": self}
