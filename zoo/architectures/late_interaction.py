"""Late interaction: several vectors an entity, and a pair's logit is a sum of best matches.

For each vector of the regulator the best-matching vector of the gene, summed (max-sim; ColBERT,
Khattab and Zaharia 2020, https://arxiv.org/abs/2004.12832, equation 3). The vectors have unit
length, so with one vector a side this is a two-tower. A gene's vectors can be computed once, yet
each regulator's vector may meet another one of them.
"""

import math
from collections.abc import Sequence
from typing import Annotated

import torch
from jaxtyping import Float, Int64
from pydantic import Field, PositiveFloat, PositiveInt
from torch import Tensor, nn

from zoo.architectures import _folded
from zoo.architectures._pairs import PairConfig, Pairs, PairScore, PairValues, both_sides

TASK = "pair_score"


class Config(PairConfig):
    """Both sides, how many vectors of `dim` numbers each entity has, and how they meet.

    `smoothing` is the temperature t of a smooth maximum, t * ln(sum exp(s / t)); 0 takes the
    maximum itself. `initial_scale` (1 / temperature of the logit) is what training starts from.
    """

    vectors: PositiveInt
    smoothing: Annotated[float, Field(ge=0)]
    initial_scale: PositiveFloat


class Model(PairScore):
    """Both encoders, the max-sim of their vectors, and popularity terms."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        wide = config.model_copy(update={"dim": config.vectors * config.dim})
        self.tf, self.gene, self.popularity = both_sides(wide)
        self.vectors, self.smoothing = config.vectors, config.smoothing
        self.log_scale = nn.Parameter(torch.tensor(math.log(config.initial_scale)))
        # A maximum of cosines is above 0 for unrelated entities, too; cross-entropy needs the 0.
        self.shift = nn.Parameter(torch.zeros(()))

    def encoded(
        self, side: str, index: Int64[Tensor, "entities"]
    ) -> Float[Tensor, "entities vectors dim"]:
        """The vectors of every entity asked for, each of unit length."""
        flat = getattr(self, side)(index)[0]
        return nn.functional.normalize(flat.unflatten(-1, (self.vectors, -1)), dim=-1)

    def pair_logit(self, tf: Pairs, gene: Pairs) -> PairValues:
        """The pair-specific logit before calibration: scale * max-sim + shift."""
        u, v = self.encoded("tf", tf), self.encoded("gene", gene)
        cosine = torch.einsum("pid,pjd->pij", u, v)
        return self.log_scale.exp() * best(cosine, self.smoothing).sum(-1) + self.shift


def best(
    cosine: Float[Tensor, "*pairs vectors vectors"], smoothing: float
) -> Float[Tensor, "*pairs vectors"]:
    """The (smooth) maximum over the gene's vectors, which are the last axis."""
    if smoothing == 0:
        return cosine.amax(-1)
    return smoothing * torch.logsumexp(cosine / smoothing, -1)


class FoldedConfig(_folded.FoldedConfig):
    """An ensemble, and how the vectors of its members meet."""

    vectors: PositiveInt
    smoothing: Annotated[float, Field(ge=0)]


class Folded(_folded.Folded):
    """An ensemble of late interactions: unit vectors of every member, its scale and its shift."""

    def __init__(self, config: FoldedConfig):
        super().__init__(config, config.vectors * config.dim)
        self.register_buffer("log_scale", torch.zeros(config.members))
        self.register_buffer("shift", torch.zeros(config.members))

    def fold(self, members: Sequence[Model]) -> None:
        """Take over vectors, scales and shifts."""
        super().fold(members)
        for name in ("log_scale", "shift"):
            values = [getattr(each, name).detach() for each in members]
            getattr(self, name).copy_(torch.stack(values))

    def units(
        self, side: str, index: Int64[Tensor, "entities"]
    ) -> Float[Tensor, "entities members vectors dim"]:
        """Unit vectors; 8 bits leave a length that is not quite 1."""
        vectors = self.of_members(side, index).unflatten(-1, (self.config.vectors, -1))
        return nn.functional.normalize(vectors, dim=-1)

    def member_logits(self, tf: Pairs, gene: Pairs) -> Float[Tensor, "pairs members"]:
        """Scale * max-sim + shift, member by member."""
        cosine = self.units("tf", tf) @ self.units("gene", gene).transpose(-1, -2)
        similar = best(cosine, self.config.smoothing).sum(-1)
        return self.log_scale.exp() * similar + self.shift
