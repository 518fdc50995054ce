"""DANGO: gene embeddings from several networks, and self-attention over the deleted genes.

Zhang, Ma and Ma 2020, https://doi.org/10.1101/2020.11.26.400739; the head is Hyper-SAGNN (Zhang,
Zou and Ma 2020, https://arxiv.org/abs/1911.02613). Each network has a two-layer GNN over the same
gene embeddings, pre-trained to reconstruct rows of its adjacency; a gene's embeddings are averaged
with learned weights. A set's score is how far its members move once they see one another. Only
absent genes are modelled: a member of any other kind is left out of its set.
"""

import math
import warnings
from collections.abc import Mapping
from typing import Annotated

import torch
from jaxtyping import Bool, Float, Int64
from pydantic import Field, PositiveInt, StringConstraints, model_validator
from torch import Tensor, nn

from contracts.sets.kinds import ABSENT
from zoo.architectures._pairs import Share, Strict
from zoo.architectures._sets import Answers, Members, NotFrozen, Orders, expectation, interaction

TASK = "perturbation"
Genes = Float[Tensor, "genes dim"]
FAR_BELOW = -1e30  # under every logit, and finite: softmax over nothing else is then no NaN

Name = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]*$")]


class Config(Strict):
    """Sizes, the names of the networks, and the sources of labels.

    Each source has an output of its own, a z-score with `source_scale` (mean and deviation); the
    graph gives that of `epsilon_source` for two genes and that of `tau_source` for more. A `frozen`
    model has the genes' static embeddings as a table, and no networks.
    """

    genes_total: PositiveInt
    networks: Annotated[tuple[Name, ...], Field(min_length=1)]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    epsilon_source: str
    tau_source: str
    dim: PositiveInt = 64
    layers: PositiveInt = 2
    heads: PositiveInt = 4
    dropout: Share = 0.0
    frozen: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> "Config":
        if self.dim % 2 or self.dim % self.heads:
            raise ValueError(
                f"dim is {self.dim}; type an even number that heads = {self.heads} divides"
            )
        for field in ("networks", "sources"):
            names = getattr(self, field)
            if len(set(names)) < len(names):
                raise ValueError(f"{field} is {', '.join(names)}; type every name once")
        for field in ("epsilon_source", "tau_source"):
            if getattr(self, field) not in self.sources:
                told = f"{field} is {getattr(self, field)!r}"
                raise ValueError(f"{told}; type {' or '.join(self.sources)}")
        return self


def sage(dim: int) -> nn.Module:
    """A layer W_1 mean{x_j} + W_2 x_i + b of torch-geometric (GraphSAGE, Hamilton 2017)."""
    with warnings.catch_warnings():
        # torch-geometric scripts a class while it is imported, which torch deprecates.
        warnings.filterwarnings("ignore", ".torch.jit.script. is deprecated", DeprecationWarning)
        # Here and not above: a frozen model has no networks and does without the package.
        from torch_geometric.nn import SAGEConv
    return SAGEConv(dim, dim)


class Network(nn.Module):
    """One network's GNN, and the decoder of its adjacency rows.

    Parameters: two layers of 2 dim^2 + dim, 16,512 in all, and dim N + N = 429,455 of the decoder
    for dim = 64 and N = 6,607 genes.
    """

    def __init__(self, genes_total: int, dim: int):
        super().__init__()
        self.first, self.second = sage(dim), sage(dim)
        self.decoder = nn.Linear(dim, genes_total)

    def forward(self, genes: Genes, edges: Tensor) -> Genes:
        """Every gene as this network sees it.

        `edges` is an int64 tensor [2, edges], from and to; or, faster on a CPU, a sparse CSR
        tensor [genes, genes] whose row i holds whom gene i hears.
        """
        return self.second(self.first(genes, edges).relu(), edges).relu()


class MetaEmbedding(nn.Module):
    """A gene's embeddings averaged over networks, with weights told from the embeddings.

    Parameters: dim^2 / 2 + dim / 2 and dim / 2 + 1, 2,113 in all for dim = 64.
    """

    def __init__(self, dim: int):
        super().__init__()
        self.weigh = nn.Sequential(nn.Linear(dim, dim // 2), nn.ReLU(), nn.Linear(dim // 2, 1))

    def forward(self, seen: Float[Tensor, "genes networks dim"]) -> Genes:
        """The average; a gene's weights sum to 1."""
        return (self.weigh(seen).softmax(1) * seen).sum(1)


class Cell(nn.Module):
    """All genes before any perturbation: shared embeddings, a GNN a network, their average."""

    def __init__(self, config: Config):
        super().__init__()
        self.genes = nn.Embedding(config.genes_total, config.dim)
        nn.init.normal_(self.genes.weight, std=0.1)
        self.networks = nn.ModuleDict(
            {name: Network(config.genes_total, config.dim) for name in config.networks}
        )
        self.meta = MetaEmbedding(config.dim)

    def forward(self, edges: Mapping[str, Tensor]) -> Genes:
        """The static embedding of every gene."""
        genes = self.genes.weight
        return self.meta(torch.stack([net(genes, edges[n]) for n, net in self.networks.items()], 1))


class OthersAttention(nn.Module):
    """x + beta W_o attention(x), in which a member sees the others of its set and not itself.

    beta is 0 at the start (ReZero, Bachlechner 2020, https://arxiv.org/abs/2003.04887).
    Parameters: 4 (dim^2 + dim) + 1 = 16,641 for dim = 64.
    """

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads, self.scale = heads, 1 / math.sqrt(dim // heads)
        self.query, self.key, self.value, self.out = (nn.Linear(dim, dim) for _ in range(4))
        self.beta = nn.Parameter(torch.zeros(()))

    def split(self, x: Float[Tensor, "sets width dim"]) -> Float[Tensor, "sets heads width part"]:
        """The heads apart."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(
        self, x: Float[Tensor, "sets width dim"], others: Bool[Tensor, "sets 1 width width"]
    ) -> Float[Tensor, "sets width dim"]:
        """Every member once it has seen those that `others` shows it; 0 is seen of nobody."""
        logits = self.split(self.query(x) * self.scale) @ self.split(self.key(x)).transpose(2, 3)
        weight = torch.where(others, logits, FAR_BELOW).softmax(-1) * others
        mixed = (weight @ self.split(self.value(x))).transpose(1, 2).flatten(2)
        return x + self.beta * self.out(mixed)


class HyperSAGNN(nn.Module):
    """z-scores linear in the mean of (dynamic - static)^2 over the members of a set.

    Parameters: 4,160 of the static layer, two times 16,641 of the attention and 65 of the last
    layer, 37,507 in all for dim = 64 and one source.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.static = nn.Linear(config.dim, config.dim)
        self.attention = nn.ModuleList(
            [OthersAttention(config.dim, config.heads) for _ in range(config.layers)]
        )
        self.dropout = nn.Dropout(config.dropout)
        self.last = nn.Linear(config.dim, len(config.sources))

    def forward(
        self, x: Float[Tensor, "sets width dim"], present: Bool[Tensor, "sets width"]
    ) -> Float[Tensor, "sets sources"]:
        """The z-score of every set for every source; the last layer's bias for an empty set."""
        slot = torch.arange(x.shape[1], device=x.device)
        others = present[:, None, None, :] & (slot[:, None] != slot)
        dynamic = x
        for layer in self.attention:
            dynamic = layer(dynamic, others)
        moved = (dynamic - self.static(x).relu()).square() * present[..., None]
        mean = moved.sum(1) / present.sum(1).clamp(min=1)[:, None]
        return self.last(self.dropout(mean))


def lay_out(
    member: Members, kind: Members, order: Orders
) -> tuple[Int64[Tensor, "sets width"], Bool[Tensor, "sets width"]]:
    """A row of genes a set, as wide as the largest one, and which of its places are deletions.

    Members of a set stand together and sets in order, so that rows are looked up, not scattered.
    """
    # The 1 keeps a column where every set is empty.
    width = torch.cat([order, order.new_ones(1)]).max().item()
    torch._check(width >= 1)
    slot = torch.arange(width, device=order.device)
    inside = slot < order[:, None]
    # A place past a set's end leads to one more member, which is there even if no other is.
    place = torch.where(inside, (order.cumsum(0) - order)[:, None] + slot, member.shape[0])
    member, kind = (torch.cat([flat, flat.new_zeros(1)]) for flat in (member, kind))
    return member[place], inside & (kind[place] == ABSENT)


class Model(nn.Module):
    """DANGO, or with `frozen` what is left of it once the static embeddings are known.

    With N = 6,607 genes, six networks, dim 64, two attention layers and one source it has
    422,848 (embeddings) + 6 x (16,512 + 429,455) + 2,113 + 37,507 = 3,138,270 parameters.
    Buffers: `source_scale` [sources, 2] (mean and deviation of each source's label),
    `single_fitness` [genes], and of a frozen model `static` [genes, dim].
    """

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.sagnn = HyperSAGNN(config)
        self.register_buffer("source_scale", torch.tensor([[0.0, 1.0]] * len(config.sources)))
        self.register_buffer("single_fitness", torch.ones(config.genes_total))
        if config.frozen:
            self.register_buffer("static", torch.zeros(config.genes_total, config.dim))
        else:
            self.cell = Cell(config)

    def encode(self, edges: Mapping[str, Tensor]) -> Genes:
        """The static embedding of every gene, from the edges of every network."""
        return self.cell(edges)

    def reconstruction(
        self, network: str, edges: Tensor, rows: Int64[Tensor, "rows"]
    ) -> Float[Tensor, "rows genes"]:
        """The adjacency rows of some genes as the network's decoder has them; pre-training."""
        net = self.cell.networks[network]
        return net.decoder(net(self.cell.genes.weight, edges)[rows])

    def score(
        self, static: Genes, member: Members, kind: Members, segment: Members, order: Orders
    ) -> Float[Tensor, "sets sources"]:
        """The z-score of every set for every source; what training sees."""
        gene, present = lay_out(member, kind, order)
        return self.sagnn(static[gene], present)

    @torch.no_grad()
    def freeze(self, edges: Mapping[str, Tensor]) -> "Model":
        """A frozen copy, in evaluation, with the static embeddings as they are now."""
        static = self.encode(edges)
        kept = {n: t for n, t in self.state_dict().items() if not n.startswith("cell.")}
        frozen = Model(self.config.model_copy(update={"frozen": True})).to(static)
        frozen.load_state_dict(kept | {"static": static})
        return frozen.eval()

    def graphs(self) -> dict[str, nn.Module]:
        """One graph, `head`. Raises NotFrozen where the networks are still in the model."""
        if not self.config.frozen:
            raise NotFrozen(
                "The model computes its static embeddings from networks, and a graph has them as "
                "a table. Type: model.freeze(edges).graphs()"
            )
        return {"head": Head(self)}


class Head(nn.Module):
    """The graph `head` of a frozen model: nothing of its networks is left."""

    def __init__(self, model: Model):
        super().__init__()
        self.sagnn, config = model.sagnn, model.config
        for name in ("static", "single_fitness", "source_scale"):
            self.register_buffer(name, getattr(model, name))
        names = (config.epsilon_source, config.tau_source)
        self.sources = tuple(config.sources.index(name) for name in names)

    def forward(self, member: Members, kind: Members, segment: Members, order: Orders) -> Answers:
        """gene_interaction, by the number of deletions in a set, and expectation."""
        gene, present = lay_out(member, kind, order)
        z, deletions = self.sagnn(self.static[gene], present), present.sum(1)
        expected = expectation(self.single_fitness[member], kind, segment, order)
        return interaction(z, self.source_scale, deletions, self.sources), expected
