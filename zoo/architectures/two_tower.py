"""Two towers: regulators and genes are encoded apart, and a pair's logit is their dot product.

Each tower maps [identity, profile] to a vector of unit length times the root of a learned scale
(1 / temperature), so that the plain dot product of two vectors is the pair-specific logit and the
vectors of all genes can be computed once.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from pydantic import PositiveFloat
from torch import Tensor, nn

from zoo.architectures import _folded
from zoo.architectures._folded import FoldedConfig
from zoo.architectures._pairs import Entity, PairConfig, Pairs, PairValues, both_sides

__all__ = ["TASK", "Config", "Folded", "FoldedConfig", "Model"]

TASK = "pair_embed"


class Config(PairConfig):
    """Both towers, and the scale (1 / temperature) that training starts from."""

    initial_scale: PositiveFloat


class Tower(nn.Module):
    """One side as the ONNX graph has it: vectors and popularity terms of the entities asked for."""

    def __init__(self, model: "Model", side: str):
        super().__init__()
        self.encoder: Entity = getattr(model, side)
        self.popularity = model.popularity
        self.log_scale = model.log_scale
        self.side = side

    def forward(
        self, index: Int64[Tensor, "entities"]
    ) -> tuple[Float[Tensor, "entities dim"], Float[Tensor, "entities"]]:
        """Vectors of length sqrt(calibrated scale), and popularity terms."""
        unit = nn.functional.normalize(self.encoder(index)[0], dim=-1)
        root = torch.sqrt(self.popularity.specific_weight * self.log_scale.exp())
        terms = self.popularity.of_tfs if self.side == "tf" else self.popularity.of_genes
        return root * unit, terms(index)


class Model(nn.Module):
    """Both towers with their popularity terms."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.tf, self.gene, self.popularity = both_sides(config)
        self.log_scale = nn.Parameter(torch.tensor(math.log(config.initial_scale)))

    def pair_logit(self, tf: Pairs, gene: Pairs) -> PairValues:
        """The scale times the cosine, before calibration; what training sees."""
        u = nn.functional.normalize(self.tf(tf)[0], dim=-1)
        v = nn.functional.normalize(self.gene(gene)[0], dim=-1)
        return self.log_scale.exp() * (u * v).sum(-1)

    def graphs(self) -> dict[str, nn.Module]:
        """Two graphs, `tf_tower` and `gene_tower`."""
        return {"tf_tower": Tower(self, "tf"), "gene_tower": Tower(self, "gene")}

    def encoded(self, side: str, index: Int64[Tensor, "entities"]) -> Float[Tensor, "entities dim"]:
        """Unit vectors of one side's entities."""
        return nn.functional.normalize(getattr(self, side)(index)[0], dim=-1)


class FoldedTower(nn.Module):
    """One side of an ensemble: the members' vectors side by side, and popularity terms."""

    def __init__(self, model: "Folded", side: str):
        super().__init__()
        self.model, self.side = model, side

    def forward(
        self, index: Int64[Tensor, "entities"]
    ) -> tuple[Float[Tensor, "entities width"], Float[Tensor, "entities"]]:
        """Vectors whose dot product is the mean of the members' calibrated logits."""
        model, popularity = self.model, self.model.popularity
        share = popularity.specific_weight * model.log_scale.exp() / model.config.members
        vectors = torch.sqrt(share)[:, None] * model.units(self.side, index)
        terms = popularity.of_tfs if self.side == "tf" else popularity.of_genes
        return vectors.flatten(1), terms(index)


class Folded(_folded.Folded):
    """An ensemble of two-towers: unit vectors of every member, and each one's scale."""

    def __init__(self, config: FoldedConfig):
        super().__init__(config, config.dim)
        self.register_buffer("log_scale", torch.zeros(config.members))

    def fold(self, members: Sequence[Model]) -> None:
        """Take over vectors and scales."""
        super().fold(members)
        self.log_scale.copy_(torch.stack([each.log_scale.detach() for each in members]))

    def units(
        self, side: str, index: Int64[Tensor, "entities"]
    ) -> Float[Tensor, "entities members dim"]:
        """Unit vectors; 8 bits leave a length that is not quite 1."""
        return nn.functional.normalize(self.of_members(side, index), dim=-1)

    def member_logits(self, tf: Pairs, gene: Pairs) -> Float[Tensor, "pairs members"]:
        """Scale times cosine, member by member."""
        return self.log_scale.exp() * (self.units("tf", tf) * self.units("gene", gene)).sum(-1)

    def graphs(self) -> dict[str, nn.Module]:
        """`tf_tower` and `gene_tower`, and `sign` where there are tables of signs."""
        return {f"{side}_tower": FoldedTower(self, side) for side in ("tf", "gene")} | self.extras()
