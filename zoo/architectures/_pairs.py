"""Blocks that the architectures of regulator-gene pairs share."""

from typing import Annotated

import torch
from jaxtyping import Float, Int64
from pydantic import Field, PositiveInt
from torch import Tensor, nn

from contracts.manifest import Strict

Share = Annotated[float, Field(ge=0, lt=1)]
Pairs = Int64[Tensor, "pairs"]
PairValues = Float[Tensor, "pairs"]


class PairConfig(Strict):
    """What both sides of a pair model share: how many there are, and the widths of their encoder.

    `tfs_known` and `genes_known` count the entities with training edges; only they have an identity
    row of their own. `features` is the width of the profile; `partner_dim` is how many numbers the
    encoder gets of what an entity's training partners are like (0: none).
    """

    tfs_total: PositiveInt
    genes_total: PositiveInt
    tfs_known: PositiveInt
    genes_known: PositiveInt
    features: PositiveInt
    identity_dim: PositiveInt
    hidden: PositiveInt
    dim: PositiveInt
    dropout: Share
    identity_dropout: Share
    partner_dim: Annotated[int, Field(ge=0)] = 0


class Coded(nn.Module):
    """Numbers of every entity, kept as 8-bit codes: code * scale + offset."""

    def __init__(self, total: int, width: int):
        super().__init__()
        self.register_buffer("codes", torch.zeros(total, width, dtype=torch.uint8))
        self.register_buffer("scale", torch.ones(width))
        self.register_buffer("offset", torch.zeros(width))

    def forward(self, index: Int64[Tensor, "entities"]) -> Float[Tensor, "entities width"]:
        """The numbers of every entity asked for."""
        return self.codes[index].to(self.scale.dtype) * self.scale + self.offset

    def write(self, values: Float[Tensor, "total width"]) -> None:
        """Code these numbers, each column from its lowest to its highest value."""
        low, high = values.min(0).values, values.max(0).values
        step = torch.where(high > low, (high - low) / 255, 1.0)
        self.codes.copy_(((values - low) / step).round())
        self.scale.copy_(step)
        self.offset.copy_(low)


class Identity(nn.Module):
    """A learned vector for an entity with training edges, and one shared row for all others.

    The shared row is learned by identity dropout: in training an entity is sometimes treated as
    unknown, so that one without edges is scored from its expression.
    """

    def __init__(self, total: int, known: int, dim: int, dropout: float):
        super().__init__()
        self.unknown, self.dropout = known, dropout
        self.register_buffer("row", torch.full((total,), known, dtype=torch.int32))
        self.vectors = nn.Embedding(known + 1, dim)
        nn.init.normal_(self.vectors.weight, std=0.1)

    def rows(self, index: Int64[Tensor, "entities"]) -> Int64[Tensor, "entities"]:
        """The row of every entity asked for; in training some are taken for unknown."""
        row = self.row[index].long()
        if self.training and self.dropout > 0:
            dropped = torch.rand(row.shape, device=row.device) < self.dropout
            row = torch.where(dropped, self.unknown, row)
        return row


class Partners(nn.Module):
    """What the partners of an entity in the training edges are like, in components of profiles.

    The sum of the partners' components over the root of (their number + 3): of an entity without
    edges zeros. In training the edges of a batch are left out of it, for a held-out edge is not
    among them either.
    """

    def __init__(self, total: int, others: int, dim: int):
        super().__init__()
        self.register_buffer("sums", torch.zeros(total, dim))
        self.register_buffer("counts", torch.zeros(total))
        self.register_buffer("components", torch.zeros(others, dim))
        self.left_out: tuple[Pairs, Pairs] | None = None

    def write(self, components: Float[Tensor, "others dim"], own: Pairs, other: Pairs) -> None:
        """Take in the training edges, as positions on this side and on the other one."""
        self.components.copy_(components)
        self.sums.index_add_(0, own, components[other])
        self.counts.index_add_(0, own, torch.ones(len(own)))

    def forward(self, index: Int64[Tensor, "entities"]) -> Float[Tensor, "entities dim"]:
        """What the partners of every entity asked for are like."""
        sums, counts = self.sums, self.counts
        if self.training and self.left_out is not None:
            own, other = self.left_out
            sums = sums.index_add(0, own, self.components[other], alpha=-1)
            counts = counts.index_add(0, own, torch.ones_like(own, dtype=counts.dtype), alpha=-1)
        return sums[index] / torch.sqrt(counts[index] + 3)[:, None]


class Entity(nn.Module):
    """Encoder of one side: [identity, profile, partners] -> Linear, ReLU, Dropout, Linear -> dim.

    An entity that is taken for unknown has no partners either.
    """

    def __init__(self, total: int, others: int, known: int, config: PairConfig):
        super().__init__()
        self.profile = Coded(total, config.features)
        self.identity = Identity(total, known, config.identity_dim, config.identity_dropout)
        if config.partner_dim:
            self.partners = Partners(total, others, config.partner_dim)
        width = config.identity_dim + config.features + config.partner_dim
        self.net = nn.Sequential(
            nn.Linear(width, config.hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, config.dim),
        )

    def forward(
        self, index: Int64[Tensor, "entities"]
    ) -> tuple[Float[Tensor, "entities dim"], Float[Tensor, "entities features"]]:
        """Encoding and profile of every entity asked for.

        In training an entity that stands several times in a batch is encoded once.
        """
        if self.training:
            index, place = index.unique(return_inverse=True)
        profile, row = self.profile(index), self.identity.rows(index)
        parts = [self.identity.vectors(row), profile]
        if hasattr(self, "partners"):
            unknown = (row == self.identity.unknown)[:, None]
            parts.append(torch.where(unknown, 0.0, self.partners(index)))
        encoding = self.net(torch.cat(parts, -1))
        return (encoding[place], profile[place]) if self.training else (encoding, profile)


class Popularity(nn.Module):
    """How often either side stands in the training edges, and the weights of the score.

    The calibrated logit is specific_weight * pair logit + b_tf + c_gene with
    b_tf = tf_weight * ln(out-degree + 1/2) + intercept / 2, and c_gene likewise from the in-degree.
    All four numbers come from a logistic regression on validation pairs.
    """

    def __init__(self, tfs_total: int, genes_total: int):
        super().__init__()
        self.register_buffer("tf_log_degree", torch.zeros(tfs_total))
        self.register_buffer("gene_log_degree", torch.zeros(genes_total))
        self.register_buffer("specific_weight", torch.ones(()))
        self.register_buffer("tf_weight", torch.ones(()))
        self.register_buffer("gene_weight", torch.ones(()))
        self.register_buffer("intercept", torch.zeros(()))

    def of_tfs(self, tf: Int64[Tensor, "tfs"]) -> Float[Tensor, "tfs"]:
        """The regulators' term b_tf."""
        return self.tf_weight * self.tf_log_degree[tf] + 0.5 * self.intercept

    def of_genes(self, gene: Int64[Tensor, "genes"]) -> Float[Tensor, "genes"]:
        """The genes' term c_gene."""
        return self.gene_weight * self.gene_log_degree[gene] + 0.5 * self.intercept


def both_sides(config: PairConfig) -> tuple[Entity, Entity, Popularity]:
    """The encoders of regulators and of genes, and the popularity terms."""
    tfs, genes = config.tfs_total, config.genes_total
    return (
        Entity(tfs, genes, config.tfs_known, config),
        Entity(genes, tfs, config.genes_known, config),
        Popularity(config.tfs_total, config.genes_total),
    )


class PairScore(nn.Module):
    """A network that says a logit of pairs, calibrated and with its terms in the graph `score`.

    A subclass has `popularity` and `pair_logit`.
    """

    popularity: Popularity

    def pair_logit(self, tf: Pairs, gene: Pairs) -> PairValues:
        """The pair-specific logit before calibration; what training sees."""
        raise NotImplementedError

    def forward(
        self, tf: Pairs, gene: Pairs
    ) -> tuple[PairValues, PairValues, PairValues, PairValues]:
        """probability, pair_specific, tf_popularity, gene_popularity."""
        specific = self.popularity.specific_weight * self.pair_logit(tf, gene)
        b_tf, c_gene = self.popularity.of_tfs(tf), self.popularity.of_genes(gene)
        return torch.sigmoid(specific + b_tf + c_gene), specific, b_tf, c_gene

    def graphs(self) -> dict[str, nn.Module]:
        """One graph, `score`."""
        return {"score": self}
