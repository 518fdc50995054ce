"""Cross-encoder of regulator-gene pairs: one network sees both sides at once.

[e_t, e_g, x_t, x_g, e_t * e_g] -> MLP -> pair-specific logit, where e is the encoding of a side
(identity and expression) and x its expression profile; popularity terms are added beside it.
"""

import torch
from jaxtyping import Float, Int64
from pydantic import PositiveInt
from torch import Tensor, nn

from zoo.architectures._pairs import Entity, PairConfig, Pairs, PairScore, PairValues, both_sides

TASK = "pair_score"


class Config(PairConfig):
    """Both sides, and the width of the joint network."""

    joint_hidden: PositiveInt


class Part(nn.Module):
    """One side's share of the first joint layer, which is linear in everything but the product.

    W [e_t, e_g, x_t, x_g, e_t * e_g] = (A e_t + B x_t) + (C e_g + D x_g) + E (e_t * e_g): the first
    two terms belong to one side each and are the same in all of its pairs.
    """

    def __init__(self, model: "Model", side: str):
        super().__init__()
        self.encoder: Entity = getattr(model, side)
        self.popularity, self.first, self.side = model.popularity, model.joint[0], side
        dim, features = model.config.dim, model.config.features
        place = ("tf", "gene").index(side)
        self.encoded = slice(place * dim, (place + 1) * dim)
        self.profile = slice(2 * dim + place * features, 2 * dim + (place + 1) * features)

    def forward(
        self, index: Int64[Tensor, "entities"]
    ) -> tuple[
        Float[Tensor, "entities hidden"], Float[Tensor, "entities dim"], Float[Tensor, "entities"]
    ]:
        """Share of the hidden units (the regulators' with the bias), factor, popularity term."""
        e, x = self.encoder(index)
        weight = self.first.weight
        hidden = e @ weight[:, self.encoded].T + x @ weight[:, self.profile].T
        if self.side == "tf":
            return hidden + self.first.bias, e, self.popularity.of_tfs(index)
        return hidden, e, self.popularity.of_genes(index)


class Model(PairScore):
    """The cross-encoder with its popularity terms."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.tf, self.gene, self.popularity = both_sides(config)
        joint = 3 * config.dim + 2 * config.features
        self.joint = nn.Sequential(
            nn.Linear(joint, config.joint_hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.joint_hidden, 1),
        )

    def pair_logit(self, tf: Pairs, gene: Pairs) -> PairValues:
        """The pair-specific logit before calibration; what training sees."""
        e_t, x_t = self.tf(tf)
        e_g, x_g = self.gene(gene)
        return self.joint(torch.cat([e_t, e_g, x_t, x_g, e_t * e_g], -1)).squeeze(-1)

    def graphs(self) -> dict[str, nn.Module]:
        """`score`, and each side's part, by which all regulators meet all genes."""
        return {**super().graphs(), "tf_part": Part(self, "tf"), "gene_part": Part(self, "gene")}

    def part_state(self) -> dict[str, Tensor]:
        """What joins the parts: the product's weights, and the last layer after calibration."""
        weight = self.popularity.specific_weight
        return {
            "product_weight": self.joint[0].weight[:, -self.config.dim :].T,
            "output_weight": weight * self.joint[3].weight[0],
            "output_bias": weight * self.joint[3].bias,
        }
