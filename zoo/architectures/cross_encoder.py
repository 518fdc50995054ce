"""Cross-encoder of regulator-gene pairs: one network sees both sides at once.

[e_t, e_g, x_t, x_g, e_t * e_g] -> MLP -> pair-specific logit, where e is the encoding of a side
(identity and expression) and x its expression profile; popularity terms are added beside it.
"""

import torch
from jaxtyping import Float, Int64
from pydantic import PositiveInt
from torch import Tensor, nn

from zoo.architectures._pairs import PairConfig, both_sides

TASK = "pair_score"


class Config(PairConfig):
    """Both sides, and the width of the joint network."""

    joint_hidden: PositiveInt


class Model(nn.Module):
    """The cross-encoder with its popularity terms."""

    def __init__(self, config: Config):
        super().__init__()
        self.tf, self.gene, self.popularity = both_sides(config)
        joint = 3 * config.dim + 2 * config.features
        self.joint = nn.Sequential(
            nn.Linear(joint, config.joint_hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.joint_hidden, 1),
        )

    def pair_logit(
        self, tf: Int64[Tensor, "pairs"], gene: Int64[Tensor, "pairs"]
    ) -> Float[Tensor, "pairs"]:
        """The pair-specific logit before calibration; what training sees."""
        e_t, x_t = self.tf(tf)
        e_g, x_g = self.gene(gene)
        return self.joint(torch.cat([e_t, e_g, x_t, x_g, e_t * e_g], -1)).squeeze(-1)

    def forward(
        self, tf: Int64[Tensor, "pairs"], gene: Int64[Tensor, "pairs"]
    ) -> tuple[
        Float[Tensor, "pairs"],
        Float[Tensor, "pairs"],
        Float[Tensor, "pairs"],
        Float[Tensor, "pairs"],
    ]:
        """probability, pair_specific, tf_popularity, gene_popularity."""
        specific = self.popularity.specific_weight * self.pair_logit(tf, gene)
        b_tf, c_gene = self.popularity.of_tfs(tf), self.popularity.of_genes(gene)
        return torch.sigmoid(specific + b_tf + c_gene), specific, b_tf, c_gene

    def graphs(self) -> dict[str, nn.Module]:
        """One graph, `score`."""
        return {"score": self}
