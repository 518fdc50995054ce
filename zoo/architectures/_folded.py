"""The shipped form of an ensemble of pair networks: tables of what its members make of entities."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated

import numpy as np
import torch
from jaxtyping import Float, Int64
from pydantic import Field, PositiveInt
from torch import Tensor, nn

from contracts.manifest import Strict
from zoo.architectures._pairs import Coded, Pairs, PairScore, PairValues, Popularity


class FoldedConfig(Strict):
    """What the folded form of every architecture has: an ensemble of so many `members`.

    `dim` is the width of a member's encoding, `sign_dim` that of the tables of signs (0: none).
    """

    tfs_total: PositiveInt
    genes_total: PositiveInt
    members: PositiveInt
    dim: PositiveInt
    sign_dim: Annotated[int, Field(ge=0)] = 0


class Sign(nn.Module):
    """Whether a regulator activates a target, if it regulates it: sigmoid of a dot product."""

    def __init__(self, config: FoldedConfig):
        super().__init__()
        self.tf = Coded(config.tfs_total, config.sign_dim)
        self.gene = Coded(config.genes_total, config.sign_dim)

    def write(self, tf: np.ndarray, gene: np.ndarray) -> None:
        """Code these numbers of regulators and of genes."""
        self.tf.write(torch.from_numpy(tf))
        self.gene.write(torch.from_numpy(gene))

    def forward(self, tf: Pairs, gene: Pairs) -> PairValues:
        """activates, the probability of activation."""
        return torch.sigmoid((self.tf(tf) * self.gene(gene)).sum(-1))


class Folded(PairScore):
    """An ensemble of trained networks as tables: the encodings of all entities by all members.

    What a network makes of one entity does not depend on the other, so it is computed once, after
    training, and kept in 8 bits; the network's encoder and its inputs need not be shipped. The
    logit of a pair is the mean over the members.
    """

    def __init__(self, config: FoldedConfig, width: int):
        super().__init__()
        self.config = config
        self.tf = Coded(config.tfs_total, config.members * width)
        self.gene = Coded(config.genes_total, config.members * width)
        self.popularity = Popularity(config.tfs_total, config.genes_total)
        if config.sign_dim:
            self.sign = Sign(config)

    @torch.no_grad()
    def fold(self, members: Sequence[nn.Module]) -> None:
        """Take over the encodings and the popularity tables of trained networks."""
        for side in ("tf", "gene"):
            total = len(getattr(self, side).codes)
            encodings = [each.eval().encoded(side, torch.arange(total)) for each in members]
            getattr(self, side).write(torch.cat([each.flatten(1) for each in encodings], 1))
        self.popularity.load_state_dict(members[0].popularity.state_dict())

    def of_members(
        self, side: str, index: Int64[Tensor, "entities"]
    ) -> Float[Tensor, "entities members width"]:
        """The encodings of every entity asked for, member by member."""
        return getattr(self, side)(index).unflatten(-1, (self.config.members, -1))

    @abstractmethod
    def member_logits(self, tf: Pairs, gene: Pairs) -> Float[Tensor, "pairs members"]:
        """The pair-specific logit of every member before calibration."""

    def pair_logit(self, tf: Pairs, gene: Pairs) -> PairValues:
        """The mean of the members' logits, before calibration."""
        return self.member_logits(tf, gene).mean(-1)

    def forward(self, tf: Pairs, gene: Pairs) -> tuple[PairValues, ...]:
        """What a network says, and the standard deviation of the members' logits."""
        members = self.popularity.specific_weight * self.member_logits(tf, gene)
        specific = members.mean(-1)
        spread = (members - specific[:, None]).square().mean(-1).sqrt()
        b_tf, c_gene = self.popularity.of_tfs(tf), self.popularity.of_genes(gene)
        return torch.sigmoid(specific + b_tf + c_gene), specific, b_tf, c_gene, spread

    def graphs(self) -> dict[str, nn.Module]:
        """The graph `score`, and `sign` where there are tables of signs."""
        return super().graphs() | self.extras()

    def extras(self) -> dict[str, nn.Module]:
        """The graph of signs, if there is one."""
        return {"sign": self.sign} if self.config.sign_dim else {}
