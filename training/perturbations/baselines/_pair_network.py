"""The network of the rung `pair_mlp`: a vector for each gene, and what a set's vectors share."""

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

IDENTITY, HIDDEN, DIM, JOINT = 64, 256, 128, 128
DROPOUT, IDENTITY_DROPOUT = 0.3, 0.2


def _layer(width: int, hidden: int) -> list[nn.Module]:
    return [nn.Linear(width, hidden), nn.LayerNorm(hidden), nn.ReLU(), nn.Dropout(DROPOUT)]


class PairNetwork(nn.Module):
    """h = MLP([embedding, features]); MLP(sum, product, differences of h over a set's members).

    There is one output a source. In training a gene is at times one that nobody knows, so that
    the shared embedding in the last row is learned.
    """

    def __init__(self, features: Float[Tensor, "genes features"], sources: int):
        super().__init__()
        self.register_buffer("features", features, persistent=False)
        self.identity = nn.Embedding(len(features) + 1, IDENTITY)
        nn.init.normal_(self.identity.weight, std=0.1)
        width = IDENTITY + features.shape[1]
        self.gene = nn.Sequential(*_layer(width, HIDDEN), nn.Linear(HIDDEN, DIM))
        self.joint = nn.Sequential(
            *_layer(3 * DIM, HIDDEN),
            nn.Linear(HIDDEN, JOINT),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(JOINT, sources),
        )

    def genes(self) -> Float[Tensor, "genes dim"]:
        """The vector of every gene."""
        total = len(self.features)
        row = torch.arange(total)
        if self.training:
            row = torch.where(torch.rand(total) < IDENTITY_DROPOUT, total, row)
        return self.gene(torch.cat([self.identity(row), self.features], dim=1))

    def forward(
        self, genes: Float[Tensor, "genes dim"], members: Int64[Tensor, "sets 3"]
    ) -> Float[Tensor, "sets sources"]:
        """The outputs of each set; -1 stands for no member."""
        there = (members >= 0)[:, :, None]
        first, second, third = genes[members.clamp(min=0)].unbind(1)
        total = first + second + third * there[:, 2]
        product = first * second * torch.where(there[:, 2], third, 1.0)
        return self.joint(torch.cat([total, product, self._apart(first, second, third, there)], 1))

    def _apart(
        self,
        first: Float[Tensor, "sets dim"],
        second: Float[Tensor, "sets dim"],
        third: Float[Tensor, "sets dim"],
        there: Bool[Tensor, "sets 3 1"],
    ) -> Float[Tensor, "sets dim"]:
        """Absolute differences, summed over the pairs of members."""
        further = (first - third).abs() + (second - third).abs()
        return (first - second).abs() + further * there[:, 2]
