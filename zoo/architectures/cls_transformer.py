"""CLS-transformer with a perturbation head: encode the wildtype once, then score any gene set.

Tokens are the cell (CLS) and its genes, without positions. The head is given what a perturbation
changes, delta_i = phi(h_i, kind_i) - phi(h_i, present), and never encodes the cell again:

    q_S = mean of delta_i W_q over S      s_i = q_S . k_i / sqrt(key_dim)      beta = softmax(s)
    z_S = sum_i beta_i phi(h_i, present) + sum_{i in S} beta_i delta_i
    y   = MLP([h_CLS | z_S | sum delta | pairwise products of delta | spread of delta])

which is sum_i beta_i phi(h_i, kind_i) over all genes (`Naive` below), at the cost of one product
with a table that is computed once. A kind that training has not seen has delta 0: it leaves the
wildtype as it is.
"""

import math
from typing import Annotated

import torch
from jaxtyping import Bool, Float, Int64
from pydantic import Field, PositiveInt
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from contracts.sets.kinds import ABSENT, KINDS, PRESENT
from zoo.architectures._pairs import Share, Strict
from zoo.architectures._sets import (
    Answers,
    Members,
    Orders,
    counted,
    expectation,
    interaction,
    segment_sum,
)

TASK = "perturbation_encoded"

SMALL = 0.05
Place = tuple[int, int]
Hidden = Float[Tensor, "genes dim"]
Delta = Float[Tensor, "members change_dim"]
State = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
"""hidden [genes, dim], key [genes, key_dim], value [genes, value_dim], single_fitness [genes] and
cell [dim]: the encoded wildtype."""


class Config(Strict):
    """Sizes, the names of the gene features, the sources of labels, and the regularised heads.

    The first two features are the single-mutant fitness and whether it was measured, standardised
    by `fitness_scale` (mean and deviation of both). Each source has an output of its own, a z-score
    with `source_scale` (mean and deviation); the graph gives that of `epsilon_source` for two genes
    and that of `tau_source` for more. `regularised` has a network's (layer, head).
    """

    genes_total: PositiveInt
    features: Annotated[tuple[str, ...], Field(min_length=2)]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    epsilon_source: str
    tau_source: str
    regularised: dict[str, Place] = Field(default_factory=dict)
    identity_dim: PositiveInt = 64
    token_hidden: PositiveInt = 256
    dim: PositiveInt = 64
    layers: PositiveInt = 2
    heads: PositiveInt = 4
    key_dim: PositiveInt = 16
    value_dim: PositiveInt = 32
    change_dim: PositiveInt = 128
    hidden: PositiveInt = 256
    dropout: Share = 0.3
    identity_dropout: Share = 0.2


class Tokens(nn.Module):
    """A gene's token: a learned row and its features -> Linear, LayerNorm, ReLU, Linear.

    The last row stands for any gene that training has not seen, and is learned by identity dropout.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.unknown, self.dropout = config.genes_total, config.identity_dropout
        self.identity = nn.Embedding(config.genes_total + 1, config.identity_dim)
        nn.init.normal_(self.identity.weight, std=0.1)
        self.net = nn.Sequential(
            nn.Linear(config.identity_dim + len(config.features), config.token_hidden),
            nn.LayerNorm(config.token_hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.token_hidden, config.dim),
        )

    def forward(
        self, token: Int64[Tensor, "genes"], features: Float[Tensor, "genes features"]
    ) -> Hidden:
        """Tokens of genes, in any number."""
        if self.training and self.dropout > 0:
            dropped = torch.rand(token.shape, device=token.device) < self.dropout
            token = torch.where(dropped, self.unknown, token)
        return self.net(torch.cat([self.identity(token), features], -1))


class Layer(nn.Module):
    """Pre-norm transformer layer: x + a * attention(LN x), then x + b * feed-forward(LN x).

    a and b are learned for every unit and start small (LayerScale, Touvron 2021,
    https://arxiv.org/abs/2103.17239), so that a gene is first of all itself.
    """

    def __init__(self, dim: int, heads: int, dropout: float):
        super().__init__()
        self.heads = heads
        self.norm, self.norm_out = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.qkv, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.scale = nn.Parameter(torch.full((2, dim), SMALL))
        self.feed = nn.Sequential(
            nn.Linear(dim, 2 * dim), nn.ReLU(), nn.Dropout(dropout), nn.Linear(2 * dim, dim)
        )

    def split(self, x: Float[Tensor, "tokens dim"]) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each [heads, tokens, dim / heads]."""
        joined = self.qkv(self.norm(x)).unflatten(-1, (3, self.heads, -1))
        query, key, value = joined.permute(1, 2, 0, 3).unbind(0)
        return query, key, value

    def logits(
        self, x: Float[Tensor, "tokens dim"], rows: Int64[Tensor, "rows"], head: int
    ) -> Float[Tensor, "rows tokens"]:
        """What softmax makes one head's attention of, for some rows only."""
        query, key, _ = self.split(x)
        return query[head, rows] @ key[head].T / math.sqrt(query.shape[-1])

    def forward(self, x: Float[Tensor, "tokens dim"]) -> Float[Tensor, "tokens dim"]:
        """All tokens after they have seen one another."""
        query, key, value = (part[None] for part in self.split(x))
        mixed = scaled_dot_product_attention(query, key, value)[0]
        x = x + self.scale[0] * self.out(mixed.transpose(0, 1).flatten(1))
        return x + self.scale[1] * self.feed(self.norm_out(x))


class Encoder(nn.Module):
    """CLS and gene tokens through the layers; the last norm's output is H."""

    def __init__(self, config: Config):
        super().__init__()
        self.tokens = Tokens(config)
        self.cls = nn.Parameter(torch.randn(1, config.dim) * 0.1)
        self.layers = nn.ModuleList(
            [Layer(config.dim, config.heads, config.dropout) for _ in range(config.layers)]
        )
        self.norm = nn.LayerNorm(config.dim)

    def inputs(
        self, token: Int64[Tensor, "genes"], features: Float[Tensor, "genes features"]
    ) -> list[Float[Tensor, "tokens dim"]]:
        """What goes into each layer, and last what comes out of the last one; row 0 is CLS."""
        states = [torch.cat([self.cls, self.tokens(token, features)])]
        for layer in self.layers:
            states.append(layer(states[-1]))
        return states


class Phi(nn.Module):
    """phi(h, kind) = dose(kind) * W h: what a gene adds to the cell, by how much of it there is.

    The dose is 1 in every unit for a gene that is present, and learned for the others.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.weight = nn.Linear(config.dim, config.change_dim)
        # Only deletions are in the data: the other kinds stay where they are, at no change.
        self.change_of_dose = nn.Parameter(torch.zeros(len(KINDS), config.change_dim))
        nn.init.constant_(self.change_of_dose[ABSENT].data, -1.0)

    def forward(self, h: Hidden) -> Float[Tensor, "genes change_dim"]:
        """What genes add while they are present."""
        return self.weight(h)

    def changes(self, kind: Members) -> Bool[Tensor, "members"]:
        """Whether a member of this kind changes anything at all."""
        return ((self.change_of_dose != 0).any(1))[kind] & (kind != PRESENT)

    def change(self, h: Float[Tensor, "members dim"], kind: Members) -> Delta:
        """What changes: phi(h, kind) - phi(h, present)."""
        dose = torch.where((kind == PRESENT)[:, None], 0.0, self.change_of_dose[kind])
        return dose * self.weight(h)


class Head(nn.Module):
    """The perturbation head over an encoded cell: z-scores of sets, one a source."""

    def __init__(self, config: Config):
        super().__init__()
        self.phi = Phi(config)
        self.key = nn.Linear(config.dim, config.key_dim, bias=False)
        self.query = nn.Linear(config.change_dim, config.key_dim, bias=False)
        self.value_dim = config.value_dim
        self.mlp = nn.Sequential(
            nn.Linear(config.dim + 3 * config.change_dim + config.value_dim, config.hidden),
            nn.LayerNorm(config.hidden),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, config.hidden // 2),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden // 2, len(config.sources)),
        )

    def read(self, h: Hidden) -> tuple[Tensor, Tensor]:
        """Keys, and phi of every gene that is present: what is computed once a cell."""
        return self.key(h) / math.sqrt(self.key.out_features), self.phi(h)[:, : self.value_dim]

    def summary(
        self, state: State, delta: Delta, segment: Members, order: Orders
    ) -> Float[Tensor, "sets width"]:
        """[h_CLS | z_S | first and second order of delta]."""
        cell, sets = state[4], order.shape[0]
        total = segment_sum(delta, segment, sets)
        square = segment_sum(delta.square(), segment, sets)
        count = order.clamp(min=1)[:, None]
        products = 0.5 * (total.square() - square)
        spread = count * square - total.square()
        return torch.cat([cell.expand(sets, -1), total, products, spread], -1)

    def weights(
        self, state: State, total: Float[Tensor, "sets change_dim"], order: Orders
    ) -> Float[Tensor, "sets genes"]:
        """beta: how much each gene of the cell counts for a set."""
        query = self.query(total) / order.clamp(min=1)[:, None]
        return (query @ state[1].T).softmax(-1)

    def vectors(
        self, state: State, member: Members, kind: Members, segment: Members, order: Orders
    ) -> Float[Tensor, "sets width"]:
        """What the last network sees of every set."""
        delta = self.phi.change(state[0][member], kind)
        rest = self.summary(state, delta, segment, order)
        start = state[4].shape[0]
        beta = self.weights(state, rest[:, start : start + delta.shape[1]], order)
        own = beta[segment, member][:, None] * delta[:, : self.value_dim]
        z = beta @ state[2] + segment_sum(own, segment, order.shape[0])
        return torch.cat([rest, z], -1)

    def forward(
        self, state: State, member: Members, kind: Members, segment: Members, order: Orders
    ) -> Float[Tensor, "sets sources"]:
        """The z-score of every set for every source."""
        return self.mlp(self.vectors(state, member, kind, segment, order))


class Model(nn.Module):
    """Encoder and perturbation head, with what takes their outputs to natural units.

    Buffers: `source_scale` [sources, 2] (mean and deviation of each source's label),
    `fitness_scale` [2] (those of the single-mutant fitness), and `fitness`, a linear layer that
    estimates the fitness of a gene whose single mutant was never measured.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.encoder, self.head = Encoder(config), Head(config)
        self.fitness = nn.Linear(config.dim, 1)
        self.register_buffer("source_scale", torch.tensor([[0.0, 1.0]] * len(config.sources)))
        self.register_buffer("fitness_scale", torch.tensor([0.0, 1.0]))

    def encode(
        self, token: Int64[Tensor, "genes"], features: Float[Tensor, "genes features"]
    ) -> tuple[State, list[Tensor]]:
        """The encoded cell, and the input of every layer for its attention logits."""
        inputs = self.encoder.inputs(token, features)
        states = self.encoder.norm(inputs[-1])
        cell, h = states[0], states[1:]
        key, value = self.head.read(h)
        return (h, key, value, self.single_fitness(h, features), cell), inputs

    def estimate(self, h: Hidden) -> Float[Tensor, "genes"]:
        """Single-mutant fitness as a z-score, told from all else; trained on genes that hide it."""
        return self.fitness(h)[:, 0]

    def single_fitness(
        self, h: Hidden, features: Float[Tensor, "genes features"]
    ) -> Float[Tensor, "genes"]:
        """The measured fitness of a single mutant where there is one, else the estimate."""
        z = torch.where(features[:, 1] > 0, features[:, 0], self.estimate(h))
        return torch.relu(self.fitness_scale[0] + self.fitness_scale[1] * z)

    def graphs(self) -> dict[str, nn.Module]:
        """`encode`, run once a cell, and `head`, run for every batch of sets."""
        return {"encode": Encode(self), "head": HeadGraph(self, self.head)}

    def naive(self) -> nn.Module:
        """The graph `head` without the algebra, to hold it against."""
        return HeadGraph(self, Naive(self.head))


class Encode(nn.Module):
    """The graph `encode`."""

    def __init__(self, model: Model):
        super().__init__()
        self.model = model

    def forward(
        self, token: Int64[Tensor, "genes"], features: Float[Tensor, "genes features"]
    ) -> State:
        """hidden, key, value, single_fitness, cell."""
        return self.model.encode(token, features)[0]


class Naive(nn.Module):
    """z_S as it is defined: phi of every gene of the cell, set by set, weighted and summed."""

    def __init__(self, head: Head):
        super().__init__()
        self.head = head

    @property
    def phi(self) -> Phi:
        """What the kinds of members change."""
        return self.head.phi

    def forward(
        self, state: State, member: Members, kind: Members, segment: Members, order: Orders
    ) -> Float[Tensor, "sets sources"]:
        """The z-score of every set for every source."""
        head, (h, _, _, _, cell) = self.head, state
        delta = head.phi.change(h[member], kind)
        rest = head.summary(state, delta, segment, order)
        total = rest[:, len(cell) : len(cell) + delta.shape[1]]
        beta = head.weights(state, total, order)
        z = []
        for number in range(len(order)):
            kinds = torch.full_like(h[:, 0], PRESENT, dtype=torch.int64)
            kinds[member[segment == number]] = kind[segment == number]
            phi = head.phi(h) + head.phi.change(h, kinds)
            z.append(beta[number] @ phi[:, : head.value_dim])
        return head.mlp(torch.cat([rest, torch.stack(z)], -1))


class HeadGraph(nn.Module):
    """The graph `head`: an encoded cell and sets to interaction and expectation.

    A set counts as large as what changes in it: a member that is present, or of a kind that
    training has not seen, makes no pair of a single and no triple of a pair.
    """

    def __init__(self, model: Model, head: nn.Module):
        super().__init__()
        config = model.config
        self.head = head
        self.register_buffer("scale", model.source_scale)
        names = (config.epsilon_source, config.tau_source)
        self.sources = tuple(config.sources.index(name) for name in names)

    def forward(
        self,
        member: Members,
        kind: Members,
        set: Members,  # noqa: A002
        order: Orders,
        hidden: Hidden,
        key: Float[Tensor, "genes key_dim"],
        value: Float[Tensor, "genes value_dim"],
        single_fitness: Float[Tensor, "genes"],
        cell: Float[Tensor, "dim"],
    ) -> Answers:
        """gene_interaction and expectation."""
        state = (hidden, key, value, single_fitness, cell)
        order = counted(self.head.phi.changes(kind), set, order)
        z = self.head(state, member, kind, set, order)
        expected = expectation(single_fitness[member], kind, set, order)
        return interaction(z, self.scale, order, self.sources), expected
