"""Cross-encoder of regulator-gene pairs: one network sees both sides at once.

[e_t, e_g, x_t, x_g, e_t * e_g] -> MLP -> pair-specific logit, where e is the encoding of a side
(identity and expression) and x its expression profile; popularity terms are added beside it.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from pydantic import PositiveInt
from torch import Tensor, nn

from zoo.architectures import _folded
from zoo.architectures._pairs import Entity, PairConfig, Pairs, PairScore, PairValues, both_sides

TASK = "pair_score"


class Config(PairConfig):
    """Both sides, and the width of the joint network; without `sees_profile` it has only e."""

    joint_hidden: PositiveInt
    sees_profile: bool = True


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
        joint = 3 * config.dim + 2 * config.features * config.sees_profile
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
        profiles = [x_t, x_g] if self.config.sees_profile else []
        return self.joint(torch.cat([e_t, e_g, *profiles, e_t * e_g], -1)).squeeze(-1)

    def encoded(self, side: str, index: Int64[Tensor, "entities"]) -> Float[Tensor, "entities dim"]:
        """Encodings of one side's entities."""
        return getattr(self, side)(index)[0]

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


class FoldedConfig(_folded.FoldedConfig):
    """An ensemble, and the width of the joint network of each member."""

    joint_hidden: PositiveInt


class FoldedPart(nn.Module):
    """One side's share of the first joint layers of all members, side by side."""

    def __init__(self, model: "Folded", side: str):
        super().__init__()
        self.model, self.side = model, side

    def forward(
        self, index: Int64[Tensor, "entities"]
    ) -> tuple[
        Float[Tensor, "entities hidden"], Float[Tensor, "entities dim"], Float[Tensor, "entities"]
    ]:
        """Share of the hidden units (the regulators' with the bias), factor, popularity term."""
        model, dim = self.model, self.model.config.dim
        e, place = model.of_members(self.side, index), ("tf", "gene").index(self.side) * dim
        hidden = torch.einsum("pmd,mhd->pmh", e, model.first[..., place : place + dim])
        terms = model.popularity.of_genes
        if self.side == "tf":
            hidden, terms = hidden + model.bias, model.popularity.of_tfs
        return hidden.flatten(1), e.flatten(1), terms(index)


class Folded(_folded.Folded):
    """An ensemble of cross-encoders: encodings, and the joint networks, which see only these."""

    def __init__(self, config: FoldedConfig):
        super().__init__(config, config.dim)
        members, hidden = config.members, config.joint_hidden
        self.register_buffer("first", torch.zeros(members, hidden, 3 * config.dim))
        self.register_buffer("bias", torch.zeros(members, hidden))
        self.register_buffer("last", torch.zeros(members, hidden))
        self.register_buffer("last_bias", torch.zeros(members))

    def fold(self, members: Sequence[Model]) -> None:
        """Take over encodings and joint networks."""
        super().fold(members)
        layers = {
            "first": [each.joint[0].weight for each in members],
            "bias": [each.joint[0].bias for each in members],
            "last": [each.joint[3].weight[0] for each in members],
            "last_bias": [each.joint[3].bias[0] for each in members],
        }
        for name, values in layers.items():
            getattr(self, name).copy_(torch.stack([each.detach() for each in values]))

    def member_logits(self, tf: Pairs, gene: Pairs) -> Float[Tensor, "pairs members"]:
        """Each member's joint network on its own encodings."""
        e_t, e_g = self.of_members("tf", tf), self.of_members("gene", gene)
        joint = torch.cat([e_t, e_g, e_t * e_g], -1)
        units = torch.relu(torch.einsum("pmd,mhd->pmh", joint, self.first) + self.bias)
        return torch.einsum("pmh,mh->pm", units, self.last) + self.last_bias

    def graphs(self) -> dict[str, nn.Module]:
        """`score`, each side's part, by which all regulators meet all genes, and perhaps `sign`."""
        parts = {f"{side}_part": FoldedPart(self, side) for side in ("tf", "gene")}
        return super().graphs() | parts

    def part_state(self) -> dict[str, Tensor]:
        """What joins the parts: every member's product weights, and the last layers as one.

        `product_weight` has the members' matrices one below the other.
        """
        share = self.popularity.specific_weight / self.config.members
        product = self.first[..., -self.config.dim :].transpose(1, 2)
        return {
            "product_weight": product.flatten(0, 1),
            "output_weight": (share * self.last).flatten(),
            "output_bias": share * self.last_bias.sum(0, keepdim=True),
        }
