"""Blocks that the architectures of perturbation sets share: flat members and the set of each.

A batch of sets has no padding: `member`, `kind` and `segment` [members] tell the gene, what was
done to it and its set, for the members of all sets one after another; `order` [sets] counts them.
"""

import torch
from jaxtyping import Bool, Float, Int64
from torch import SymInt, Tensor

from contracts.errors import ZooError
from contracts.sets.kinds import ABSENT

Count = int | SymInt
Members = Int64[Tensor, "members"]
Orders = Int64[Tensor, "sets"]
Scores = Float[Tensor, "sets sources"]
Answers = tuple[Float[Tensor, "sets"], Float[Tensor, "sets"]]
"""gene_interaction and expectation of every set."""


class NotFrozen(ZooError, ValueError):
    """Graphs were asked of a model that still computes what a frozen one carries."""


def segment_sum(
    values: Float[Tensor, "members *width"], segment: Members, sets: Count
) -> Float[Tensor, "sets *width"]:
    """Sum of the values of each set's members; 0 for a set without any.

    `index_add` becomes ScatterND; `scatter_add` would become ScatterElements, which onnxruntime
    runs 6 to 17 times slower on rows of numbers.
    """
    return values.new_zeros(sets, *values.shape[1:]).index_add(0, segment, values)


def expectation(
    fitness: Float[Tensor, "members"], kind: Members, segment: Members, order: Orders
) -> Float[Tensor, "sets"]:
    """Fitness of each set if its genes did not interact: the product over its absent members.

    `fitness` is the single-mutant fitness of every member. Other kinds count as 1, and so does the
    empty set. The product is multiplied out, not a sum of logarithms, so that it is exact for one
    member and right at a fitness of 0.
    """
    factor = torch.where(kind == ABSENT, fitness, 1.0)
    return fitness.new_ones(order.shape[0]).scatter_reduce(0, segment, factor, "prod")


def counted(counts: Bool[Tensor, "members"], segment: Members, order: Orders) -> Orders:
    """How many members of each set count, of the `order` that it has."""
    return segment_sum(counts.float(), segment, order.shape[0]).long()


def interacts(order: Orders) -> Bool[Tensor, "sets"]:
    """Whether a set can have an interaction at all: it takes two members."""
    return order >= 2


def interaction(
    z: Scores, scale: Float[Tensor, "sources 2"], order: Orders, sources: tuple[int, int]
) -> Float[Tensor, "sets"]:
    """gene_interaction in natural units: of the first source for two members, else of the second.

    `z` are z-scores by the mean and the deviation of each source in `scale`.
    """
    units = z * scale[:, 1] + scale[:, 0]
    epsilon, tau = sources
    found = torch.where(order > 2, units[:, tau], units[:, epsilon])
    return torch.where(interacts(order), found, 0.0)
