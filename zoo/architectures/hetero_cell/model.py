"""HeteroCell: a graph network on genes, reactions and metabolites, of the wildtype and of mutants.

The wildtype is encoded once and pooled to z_w; every set of deleted genes takes its genes, edges
and reactions out of the graph, which is encoded again and pooled to z_i:

    genes, reactions, metabolites -> layers, each the sum over the relations that lead to a node
    z = pool of the genes that are left      z_p = z_w - z_i      outputs = MLP(z_p)

An empty set has z_p = 0 exactly. With `metabolism_to_genes` off, as in the design that this
follows, nothing leads from reactions back to genes, so that metabolism cannot reach the outputs.
"""

import math
from collections.abc import Sequence
from typing import Annotated, NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator
from torch import Tensor, nn
from torch.nn.functional import pdist, scaled_dot_product_attention

from zoo.architectures._pairs import Share, Strict
from zoo.architectures._sets import Count, Members, NotFrozen, segment_sum
from zoo.architectures.hetero_cell.blocks import Bipartite, GATv2, Graph, Kept, Stoichiometry, kept
from zoo.architectures.hetero_cell.explain import Explain
from zoo.architectures.hetero_cell.served import Served

TASK = "perturbation_graph"

SMALL = 0.1


class Sizes(Strict):
    """How many edges a graph has of each kind."""

    physical: NonNegativeInt
    regulatory: NonNegativeInt
    gene_reaction: NonNegativeInt
    stoichiometry: NonNegativeInt


class Config(Strict):
    """Sizes, relations and outputs; the defaults are those of the published design.

    `metabolism_to_genes` adds reaction to gene and, both ways, metabolite to reaction. `residual`
    adds a node's former state to what it hears. `features` names what is known of each gene, given
    with the graph. `pool` is how genes become a cell; `inducing` and `pool_heads` are for
    "set_transformer".

    The head is told z_p times `gain`, since one gene of thousands moves a mean by little. With
    `members` it is also told what each deletion of a set moves alone: the products of those vectors
    over pairs, and their spread. It is `hidden` wide, as wide as `dim` without it.

    Dropout between layers makes a difference of two encodings noise: `head_dropout` is for the head
    alone, `node_dropout` for what goes into the first layer, of wildtype and mutants alike if the
    model is `compact`. `identity_dropout` hides learned vectors of genes, of both as well, so that
    features are learned to stand for them; `identity_dim` is how long the learned vectors of nodes
    are before a Linear, if that is shorter than `dim`.

    A `frozen` model has the graph inside, of so many `edges`, and can be served: sets name genes of
    the `vocabulary`, its first so many. It has an output for each source and last one for single
    fitness. Its graph gives the interaction of
    `epsilon_source` for two genes and that of `tau_source` for more.
    """

    genes_total: PositiveInt
    reactions_total: PositiveInt
    metabolites_total: PositiveInt
    outputs: Annotated[tuple[str, ...], Field(min_length=1)] = ("fitness", "gene_interaction")
    epsilon_source: str | None = None
    tau_source: str | None = None
    features: tuple[str, ...] = ()
    dim: PositiveInt = 64
    layers: PositiveInt = 3
    heads: PositiveInt = 2
    pool: Annotated[str, Field(pattern="^(set_transformer|attention)$")] = "set_transformer"
    inducing: PositiveInt = 128
    pool_heads: PositiveInt = 1
    dropout: Share = 0.0
    identity_dim: PositiveInt | None = None
    identity_dropout: Share = 0.0
    node_dropout: Share | None = None
    head_dropout: Share | None = None
    physical: bool = True
    regulatory: bool = True
    metabolism: bool = True
    metabolism_to_genes: bool = False
    residual: bool = False
    gain: PositiveFloat = 1.0
    members: bool = False
    frozen: bool = False
    edges: Sizes | None = None
    vocabulary: PositiveInt | None = None
    hidden: PositiveInt | None = None

    @property
    def compact(self) -> bool:
        """Whether a change can be told from the neighbours of what is gone: see removals."""
        return self.layers == 1 and self.pool == "attention"

    @model_validator(mode="after")
    def _consistent(self) -> "Config":
        if self.dim % self.pool_heads:
            raise ValueError(
                f"dim is {self.dim}; type a number that pool_heads = {self.pool_heads} divides"
            )
        if self.metabolism_to_genes and not self.metabolism:
            raise ValueError("metabolism_to_genes is true; type metabolism = true as well")
        if not (self.physical or self.regulatory or self.metabolism_to_genes):
            raise ValueError(
                "no relation leads to genes; type physical = true, or another that does"
            )
        for field in ("epsilon_source", "tau_source"):
            if getattr(self, field) not in (None, *self.outputs):
                told = f"{field} is {getattr(self, field)!r}"
                raise ValueError(f"{told}; type {' or '.join(self.outputs)}")
        for field in ("outputs", "features"):
            names = getattr(self, field)
            if len(set(names)) < len(names):
                raise ValueError(f"{field} is {', '.join(names)}; type every name once")
        return self


class States(NamedTuple):
    """Every node at one depth; no rows for reactions and metabolites that a model does without."""

    genes: Float[Tensor, "genes _ dim"]
    reactions: Float[Tensor, "reactions _ dim"]
    metabolites: Float[Tensor, "metabolites _ dim"]


class Wildtype(NamedTuple):
    """The states that go into every layer, those that come out of the last one, and z_w [dim]."""

    states: tuple[States, ...]
    z: Float[Tensor, "dim"]


class Nodes(nn.Module):
    """Learned vectors of all nodes; a gene's also has its features, and goes through an MLP.

    The MLP is Linear, LayerNorm, ReLU, Dropout, twice, and both times with the same LayerNorm. A
    frozen model has what comes of it for every gene, `start`.

    Parameters: 64 for each of 14,022 nodes, 897,408, and 2 x 4,160 + 128 = 8,448.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.dim, dim = config.dim, config.dim
        self.hidden = config.identity_dropout
        length = config.identity_dim or dim
        counts = {} if config.frozen else {"genes": config.genes_total}
        if config.metabolism:
            counts["reactions"] = config.reactions_total
            counts["metabolites"] = config.metabolites_total
        self.lift = nn.ModuleDict()
        for kind, count in counts.items():
            self.add_module(kind, nn.Embedding(count, length))
            nn.init.normal_(getattr(self, kind).weight, std=SMALL)
            self.lift[kind] = nn.Linear(length, dim) if length < dim else nn.Identity()
        self.metabolism = config.metabolism
        start = torch.zeros(config.genes_total, dim, dtype=torch.float16)
        self.register_buffer("start", start if config.frozen else None)
        if config.frozen:
            return
        self.features = nn.Linear(len(config.features), dim) if config.features else None
        dropout = config.dropout if config.node_dropout is None else config.node_dropout
        drop, norm = nn.Dropout(dropout), nn.LayerNorm(dim)
        first, second = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.mlp = nn.Sequential(first, norm, nn.ReLU(), drop, second, norm, nn.ReLU(), drop)

    def forward(
        self, graph: Graph, reactions: Int64[Tensor, "reactions"] | slice = slice(None)
    ) -> States:
        """The states of the graph's genes, of these reaction nodes, and of every metabolite."""
        genes = self.of_genes(graph)
        none = genes.new_zeros(0, 1, self.dim)
        if not self.metabolism:
            return States(genes[:, None], none, none)
        others = (
            self.lift["reactions"](self.reactions.weight[reactions]),
            self.lift["metabolites"](self.metabolites.weight),
        )
        return States(genes[:, None], *(each[:, None] for each in others))

    def of_genes(self, graph: Graph) -> Float[Tensor, "genes dim"]:
        """The states of the graph's genes alone."""
        if self.start is not None:
            start = self.start if graph.present is None else self.start[graph.present]
            return start.to(graph.coefficient.dtype)
        x = self.genes.weight if graph.present is None else self.genes.weight[graph.present]
        if self.training and self.hidden > 0:
            x = x * (torch.rand(x.shape[0], 1, device=x.device) >= self.hidden)
        x = self.lift["genes"](x)
        if self.features is not None:
            x = x + self.features(graph.features)
        return self.mlp(x)


class After(nn.Sequential):
    """What follows a convolution: Linear if it is wider, LayerNorm, ReLU, Dropout."""

    def __init__(self, width: int, config: Config):
        dim = config.dim
        narrow = [nn.Linear(width, dim)] if width > dim else []
        super().__init__(*narrow, nn.LayerNorm(dim), nn.ReLU(), nn.Dropout(config.dropout))


class Layer(nn.Module):
    """What a node hears over each relation, added up; one that nothing leads to stays as it is.

    Parameters of the published design: 16,832 of the GATv2 that both gene relations share, 16,832
    of gene to reaction and 16,833 of metabolite to metabolite, both with their Linear, and 4 x 128
    of the norms: 51,009.
    """

    def __init__(self, config: Config):
        super().__init__()
        dim, heads, self.config = config.dim, config.heads, config
        self.after = nn.ModuleDict()
        if config.physical or config.regulatory:
            self.neighbours = GATv2(dim, heads)
        for name in ("physical", "regulatory"):
            if getattr(config, name):
                self.after[name] = After(dim, config)
        self.hyper = nn.ModuleDict()
        if config.metabolism:
            self.hyper["gpr"] = Bipartite(dim, heads)
            self.hyper["metabolism"] = Stoichiometry(dim, heads)
        if config.metabolism_to_genes:
            for name in ("catalysed", "consumed", "produced"):
                self.hyper[name] = Bipartite(dim, heads)
        self.after.update({name: After(heads * dim, config) for name in self.hyper})

    def total(self, heard: list[Tensor], former: Tensor) -> Tensor:
        """All that is heard, and what a node was before if the model has residuals."""
        return sum(heard, former) if self.config.residual else sum(heard[1:], heard[0])

    def forward(self, x: States, graph: Graph, keep: Kept) -> States:
        """Every node's next state, by kind: genes, reactions, metabolites."""
        config, after, hyper = self.config, self.after, self.hyper
        heard = [
            after[name](self.neighbours(x.genes, getattr(graph, name), getattr(keep, name)))
            for name in ("physical", "regulatory")
            if name in after
        ]
        entries, left = graph.gene_reaction, keep.gene_reaction
        if config.metabolism_to_genes:
            found = hyper["catalysed"](x.reactions, x.genes, entries.flip(0), left)
            heard.append(after["catalysed"](found))
        genes = self.total(heard, x.genes)
        if not config.metabolism:
            return x._replace(genes=genes)
        heard = [after["gpr"](hyper["gpr"](x.genes, x.reactions, entries, left))]
        terms, left, amount = graph.stoichiometry, keep.stoichiometry, graph.coefficient
        if config.metabolism_to_genes:
            found = hyper["consumed"](x.metabolites, x.reactions, terms, left, amount)
            heard.append(after["consumed"](found))
        reactions = self.total(heard, x.reactions)
        found = hyper["metabolism"](x.metabolites, x.reactions, terms, amount, left)
        heard = [after["metabolism"](found)]
        if config.metabolism_to_genes:
            found = hyper["produced"](x.reactions, x.metabolites, terms.flip(0), left, amount)
            heard.append(after["produced"](found))
        return States(genes, reactions, self.total(heard, x.metabolites))


class AttentionBlock(nn.Module):
    """MAB of the Set Transformer without norms: h = x + attention(x, y, y), then h + ReLU(W h).

    Lee 2019, https://arxiv.org/abs/1810.00825. Parameters: 4 x 4,160 of the attention and 4,160.
    """

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(dim, dim) for _ in range(4))
        self.feed = nn.Linear(dim, dim)

    def forward(
        self,
        x: Float[Tensor, "#sets queries dim"],
        y: Float[Tensor, "sets keys dim"],
        keep: Bool[Tensor, "sets keys"] | None = None,
    ) -> Float[Tensor, "sets queries dim"]:
        """x, after it has seen what is kept of y."""
        parts = (self.query(x).expand(y.shape[0], -1, -1), self.key(y), self.value(y))
        query, key, value = (p.unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in parts)
        mask = None if keep is None else keep[:, None, None]
        seen = scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = x + self.out(seen.transpose(1, 2).flatten(2))
        return x + self.feed(x).relu()


class SetTransformer(nn.Module):
    """ISAB over inducing points, PMA with one seed, SAB: a set of genes becomes one vector.

    With a single seed the SAB sees itself alone: its query and its key have no say.
    Parameters: 2 x 20,800 + 128 x 64, then 4,160 + 64 + 20,800, then 20,800: 95,616.
    """

    def __init__(self, config: Config):
        super().__init__()
        dim, heads = config.dim, config.pool_heads
        self.inducing = nn.Parameter(torch.empty(1, config.inducing, dim))
        self.seed = nn.Parameter(torch.empty(1, 1, dim))
        nn.init.xavier_uniform_(self.inducing)
        nn.init.xavier_uniform_(self.seed)
        self.gather, self.spread, self.pool, self.decode = (
            AttentionBlock(dim, heads) for _ in range(4)
        )
        self.lin = nn.Linear(dim, dim)

    def forward(
        self, x: Float[Tensor, "genes sets dim"], keep: Bool[Tensor, "genes sets"] | None = None
    ) -> Float[Tensor, "sets dim"]:
        """One vector a set, of the genes that are kept."""
        x, keep = x.transpose(0, 1), None if keep is None else keep.T
        x = self.spread(x, self.gather(self.inducing, x, keep))
        z = self.pool(self.seed, self.lin(x).relu(), keep)
        return self.decode(z, z)[:, 0]


class GatedAttention(nn.Module):
    """Mean of the genes, weighted by the softmax over genes of a small network's gate.

    Li 2015, https://arxiv.org/abs/1511.05493. Parameters: dim^2 + 2 dim + 1.
    """

    def __init__(self, config: Config):
        super().__init__()
        dim = config.dim
        self.gate = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 1))

    def forward(
        self, x: Float[Tensor, "genes sets dim"], keep: Bool[Tensor, "genes sets"] | None = None
    ) -> Float[Tensor, "sets dim"]:
        """One vector a set, of the genes that are kept."""
        gate = self.gate(x)
        if keep is not None:
            gate = torch.where(keep[..., None], gate, -math.inf)
        return (gate.softmax(0) * x).sum(0)


POOLS = {"set_transformer": SetTransformer, "attention": GatedAttention}


class Head(nn.Sequential):
    """Linear, LayerNorm, ReLU, Dropout, three times, and a Linear: 12,994 for two outputs."""

    def __init__(self, config: Config):
        width, blocks = config.dim * (3 if config.members else 1), []
        hidden = config.hidden or config.dim
        dropout = config.dropout if config.head_dropout is None else config.head_dropout
        for _ in range(3):
            blocks += [nn.Linear(width, hidden), nn.LayerNorm(hidden), nn.ReLU()]
            blocks.append(nn.Dropout(dropout))
            width = hidden
        super().__init__(*blocks, nn.Linear(hidden, len(config.outputs)))


class Model(nn.Module):
    """z-scores of any set of deletions, from how the cell's encoding moves.

    With 6,607 genes, 4,881 reaction nodes, 2,534 metabolites and the defaults it has
    905,856 (nodes) + 3 x 51,009 + 95,616 + 12,994 = 1,167,493 parameters, those published.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.nodes = Nodes(config)
        self.layers = nn.ModuleList([Layer(config) for _ in range(config.layers)])
        self.pool = POOLS[config.pool](config)
        self.head = Head(config)
        self.register_buffer("source_scale", torch.tensor([[0.0, 1.0]] * len(config.outputs)))
        self.register_buffer("fitness_scale", torch.tensor([0.0, 1.0]))
        if config.frozen:
            assert config.edges is not None
            for name, count in config.edges.model_dump().items():
                self.register_buffer(name, torch.zeros(2, count, dtype=torch.int32))
            self.register_buffer("coefficient", torch.ones(config.edges.stoichiometry))
            assert config.vocabulary is not None
            self.register_buffer("single_fitness", torch.ones(config.vocabulary))

    @property
    def cell(self) -> Graph:
        """The graph that a frozen model has inside. Raises NotFrozen where it has none."""
        if not self.config.frozen:
            raise NotFrozen(
                "The model has no graph inside. Type: model.freeze(graph, single_fitness)"
            )
        lists = self.physical, self.regulatory, self.gene_reaction, self.stoichiometry
        return Graph(*(each.long() for each in lists), self.coefficient)

    @torch.no_grad()
    def freeze(self, graph: Graph, single_fitness: Float[Tensor, "vocabulary"]) -> "Model":
        """A copy in evaluation with the graph and the fitness of single mutants inside.

        The genes that have a `single_fitness` are the first ones, and those that sets can name.
        Where it is NaN it is the last output's estimate. What goes into the first layer of genes is
        kept in 16 bits, in place of their vectors and features.
        """
        lists = {n: getattr(graph, n) for n in Sizes.model_fields}
        edges = Sizes(**{name: each.shape[1] for name, each in lists.items()})
        told = {"frozen": True, "edges": edges, "vocabulary": len(single_fitness)}
        frozen = Model(self.config.model_copy(update=told)).eval()
        inside = lists | {"coefficient": graph.coefficient, "single_fitness": single_fitness}
        training = self.training
        inside["nodes.start"] = self.eval().nodes.of_genes(graph)
        self.train(training)
        names = frozen.state_dict().keys()
        frozen.load_state_dict({n: x for n, x in self.state_dict().items() if n in names} | inside)
        unknown = single_fitness.isnan().nonzero()[:, 0]
        alone = Served(frozen, frozen.cell).alone(unknown)
        each = torch.arange(len(unknown))
        z = frozen.head(frozen.told(alone, alone if self.config.members else None, each))[:, -1]
        mean, deviation = frozen.fitness_scale
        frozen.single_fitness[unknown] = (mean + deviation * z).relu()
        return frozen

    def graphs(self) -> dict[str, nn.Module]:
        """The graphs `head` and `explain`. Raises NotFrozen without a graph of the cell inside."""
        return {"head": Served(self, self.cell), "explain": Explain(self)}

    def naive(self) -> nn.Module:
        """The graph `head` with every cell encoded anew, to hold it against."""
        return Served(self, self.cell, compact=False)

    def sizes(self, graph: Graph) -> tuple[int, int]:
        """How many genes and reaction nodes a graph has."""
        genes = self.config.genes_total if graph.present is None else graph.present.shape[0]
        return genes, self.config.reactions_total

    def encode(self, start: States, graph: Graph, keep: Kept) -> list[States]:
        """The states before the first layer and after every one."""
        states = [start]
        for layer in self.layers:
            states.append(layer(states[-1], graph, keep))
        return states

    def wildtype(self, graph: Graph) -> Wildtype:
        """The cell without any deletion, with all that its layers saw."""
        states = self.encode(self.nodes(graph), graph, Kept())
        return Wildtype(tuple(states), self.pool(states[-1].genes)[0])

    def change(
        self, wildtype: Wildtype, graph: Graph, member: Members, segment: Members, sets: Count
    ) -> Float[Tensor, "sets dim"]:
        """z_p of many sets over the one graph, with masks; 0 for a set without members."""
        sizes = self.sizes(graph)
        keep = kept(graph, member, segment, sets, sizes)
        states = self.encode(self.nodes(graph), graph, keep)
        z = self.pool(states[-1].genes, keep.genes)
        # Two sums over the same genes may differ in their last digit, and then 0 would not be 0.
        changed = torch.zeros(sets, 1, dtype=torch.bool, device=z.device)
        changed[segment] = True
        return torch.where(changed, wildtype.z - z, 0.0)

    def told(
        self,
        z: Float[Tensor, "sets dim"],
        alone: Float[Tensor, "members dim"] | None,
        segment: Members,
    ) -> Float[Tensor, "sets width"]:
        """What the head sees of each set, from its z_p and from that of every member `alone`."""
        z = z * self.config.gain
        if alone is None:
            return z
        sets, alone = z.shape[0], alone * self.config.gain
        total, square = (segment_sum(each, segment, sets) for each in (alone, alone.square()))
        count = segment_sum(alone.new_ones(alone.shape[0], 1), segment, sets)
        return torch.cat([z, 0.5 * (total.square() - square), count * square - total.square()], -1)

    def forward(
        self, graph: Graph, member: Members, segment: Members, sets: Count
    ) -> Float[Tensor, "sets outputs"]:
        """Every output of every set, as z-scores.

        Sets are numbered by `segment`. Memory grows with `sets`: give some dozens at a time.
        """
        wildtype = self.wildtype(graph)
        z, alone = self.change(wildtype, graph, member, segment, sets), None
        if self.config.members:
            each = torch.arange(member.shape[0], device=member.device)
            alone = self.change(wildtype, graph, member, each, member.shape[0])
        return self.head(self.told(z, alone, segment))


@torch.no_grad()
def oversmoothing(states: Sequence[States]) -> dict[str, Float[Tensor, "depth"]]:
    """Mean distance between two different nodes of one kind, at every depth of one cell.

    It falls towards 0 where layers make all nodes alike. Kinds of fewer than two nodes are left
    out.
    """
    return {
        kind: torch.stack([pdist(getattr(state, kind)[:, 0]).mean() for state in states])
        for kind in States._fields
        if len(getattr(states[0], kind)) > 1
    }
