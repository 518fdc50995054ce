"""Triplets over two species: a cell is nearer to its like of the other than to any other cell."""

import torch
from jaxtyping import Float, Int64
from pytorch_metric_learning.distances import CosineSimilarity
from pytorch_metric_learning.losses import TripletMarginLoss
from pytorch_metric_learning.miners import TripletMarginMiner
from torch import Tensor, nn

Indices = Int64[Tensor, "triplets"]


class CrossSpecies(nn.Module):
    """Semi-hard triplets of unit vectors, max(0, cos(a, n) - cos(a, p) + margin) on average.

    `group` says which cells are alike; anchor and positive are of different species where the
    group has cells of both, the negative of any. Semi-hard: the negative is farther than the
    positive, by less than the margin (Schroff et al. 2015). The mean is over triplets that cost
    something; 0 where there are none.
    """

    def __init__(self, margin: float):
        super().__init__()
        distance = CosineSimilarity()
        self.miner = TripletMarginMiner(margin, type_of_triplets="semihard", distance=distance)
        self.loss = TripletMarginLoss(margin, distance=distance)

    def triplets(
        self,
        vectors: Float[Tensor, "cells dim"],
        group: Int64[Tensor, "cells"],
        species: Int64[Tensor, "cells"],
    ) -> tuple[Indices, Indices, Indices]:
        """Anchor, positive and negative of every triplet that is looked at."""
        anchor, positive, negative = self.miner(vectors.detach(), group)
        sides = torch.stack(
            [
                torch.bincount(group[species == side], minlength=int(group.max()) + 1)
                for side in (0, 1)
            ]
        )
        both = (sides > 0).all(0)
        wanted = (species[anchor] != species[positive]) | ~both[group[anchor]]
        return anchor[wanted], positive[wanted], negative[wanted]

    def forward(
        self,
        vectors: Float[Tensor, "cells dim"],
        group: Int64[Tensor, "cells"],
        species: Int64[Tensor, "cells"],
    ) -> Float[Tensor, ""]:
        """The mean over the triplets that cost something."""
        mined = self.triplets(vectors, group, species)
        return self.loss(vectors, group, mined) if len(mined[0]) else vectors.sum() * 0
