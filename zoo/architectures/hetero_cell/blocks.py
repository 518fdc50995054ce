"""Blocks of graph networks on a cell: its graph, what deletions leave of it, attention on edges.

States are [nodes, sets, dim], one column a set of deleted genes, over one list of edges; a column
alone where all sets still agree. Nodes come first, so that a node's states for all sets are one
stretch of memory to look up and to add. Every convolution is

    out_t = sum_e exp(score_e) value_e / sum_e exp(score_e)      over the kept edges e = (s, t)

and score_e depends on s, t and e alone: the two sums change by single terms where an edge is
removed or an end of it has changed. A node without edges has 0 there, and the bias is added.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from zoo.architectures._sets import Count, Members, segment_sum

Edges = Int64[Tensor, "2 edges"]
EdgesKept = Bool[Tensor, "edges sets"] | None

SLOPE = 0.2
CACHED = 2**21  # numbers: more than that at a time and a CPU waits for its memory


class Graph(NamedTuple):
    """The cell by positions of nodes: edges as [from, to], entries, and signed amounts.

    `gene_reaction` has the gene and the reaction node of every entry; a reaction node needs all its
    genes. `stoichiometry` has the metabolite and the reaction node, `coefficient` the molecules
    made (positive) or used (negative), never 0. `features` is for models that have some. Where not
    all genes of the model are in the graph, `present` has which.
    """

    physical: Int64[Tensor, "2 physical"]
    regulatory: Int64[Tensor, "2 regulatory"]
    gene_reaction: Int64[Tensor, "2 entries"]
    stoichiometry: Int64[Tensor, "2 terms"]
    coefficient: Float[Tensor, "terms"]
    features: Float[Tensor, "genes features"] | None = None
    present: Int64[Tensor, "genes"] | None = None


class Kept(NamedTuple):
    """What every set leaves, see `living` and `kept`; None is all of it."""

    genes: Bool[Tensor, "genes sets"] | None = None
    physical: Bool[Tensor, "physical sets"] | None = None
    regulatory: Bool[Tensor, "regulatory sets"] | None = None
    reactions: Bool[Tensor, "reactions sets"] | None = None
    gene_reaction: Bool[Tensor, "entries sets"] | None = None
    stoichiometry: Bool[Tensor, "terms sets"] | None = None


def living(
    graph: Graph, member: Members, segment: Members, sets: Count, sizes: tuple[int, int]
) -> tuple[Bool[Tensor, "genes sets"], Bool[Tensor, "reactions sets"]]:
    """The genes that are no members, and the reaction nodes that have all their genes."""
    genes = torch.ones(sizes[0], sets, dtype=torch.bool, device=member.device)
    genes[member, segment] = False
    gene, node = graph.gene_reaction
    return genes, segment_sum((~genes[gene]).float(), node, sizes[1]) == 0


def kept(
    graph: Graph, member: Members, segment: Members, sets: Count, sizes: tuple[int, int]
) -> Kept:
    """What is left without the members of every set; `sizes` counts genes and reaction nodes."""
    genes, reactions = living(graph, member, segment, sets, sizes)
    node = graph.gene_reaction[1]
    return Kept(
        genes=genes,
        physical=genes[graph.physical[0]] & genes[graph.physical[1]],
        regulatory=genes[graph.regulatory[0]] & genes[graph.regulatory[1]],
        reactions=reactions,
        gene_reaction=reactions[node],
        stoichiometry=reactions[graph.stoichiometry[1]],
    )


def mean(
    top: Float[Tensor, "nodes *sets heads part"], bottom: Float[Tensor, "nodes *sets heads"]
) -> Float[Tensor, "nodes *sets heads part"]:
    """The weighted mean of the values; 0 where there are none."""
    return top / (bottom + (bottom == 0))[..., None]


def pieces(edges: Edges, numbers: Count) -> tuple[Int64[Tensor, "2 some"], ...]:
    """The edges in parts that a CPU's cache holds, where each edge takes so many numbers."""
    if edges.device.type != "cpu" or torch.compiler.is_exporting():
        return (edges,)
    return edges.split(max(CACHED // max(numbers, 1), 1), 1)


def attend(
    score: Float[Tensor, "edges #sets heads"],
    value: Float[Tensor, "sources #sets heads part"],
    edges: Edges,
    nodes: Count,
    keep: EdgesKept = None,
    sign: Float[Tensor, "edges"] | None = None,
) -> Float[Tensor, "nodes some_sets heads part"]:
    """Means over the kept edges [from, to] of each of so many nodes; `sign` multiplies values."""
    if keep is not None:
        score = torch.where(keep[..., None], score, -math.inf)
    width = torch.broadcast_shapes(score.shape[1:], value.shape[1:3])
    score = score.expand(-1, *width)
    to = edges[1]
    with torch.no_grad():  # it cancels, and so do its gradients
        empty = score.new_full((nodes, *width), -math.inf)
        largest = empty.scatter_reduce(0, to[:, None, None].expand_as(score), score, "amax")
        shift = torch.where(largest.isinf(), 0.0, largest)
    weight = (score - shift[to]).exp()
    signed = weight if sign is None else weight * sign[:, None, None]
    top = value.new_zeros(nodes, *width, value.shape[-1])
    parts = pieces(edges, math.prod(top.shape[1:]))
    for (source, target), part in zip(parts, signed.split(parts[0].shape[1] or 1), strict=True):
        top = top.index_add_(0, target, part[..., None] * value[source])
    return mean(top, segment_sum(weight, to, nodes))


class GATv2(nn.Module):
    """Attention of a node to those that point at it (Brody 2021, https://arxiv.org/abs/2105.14491).

    score_st = a . LeakyReLU(W_l x_s + W_r x_t), value = W_l x_s, the mean over heads, and a bias:
    GATv2Conv(dim, dim, heads, concat=False, add_self_loops=False) of torch-geometric, by its names.
    Parameters: 2 heads (dim^2 + dim) + heads dim + dim = 16,832 for dim = 64 and two heads.
    """

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.lin_l, self.lin_r = nn.Linear(dim, heads * dim), nn.Linear(dim, heads * dim)
        self.att = nn.Parameter(torch.empty(1, heads, dim))
        self.bias = nn.Parameter(torch.zeros(dim))
        for weight in (self.lin_l.weight, self.lin_r.weight, self.att):
            nn.init.xavier_uniform_(weight)

    def scores(
        self,
        left: Float[Tensor, "nodes *sets heads dim"],
        right: Float[Tensor, "nodes *sets heads dim"],
        edges: Edges,
    ) -> Float[Tensor, "edges *sets heads"]:
        """The score of every edge, from W_l x and W_r x."""
        score = [
            (leaky_relu(left[source] + right[target], SLOPE) * self.att).sum(-1)
            for source, target in pieces(edges, math.prod(left.shape[1:]))
        ]
        return torch.cat(score)

    def forward(
        self, x: Float[Tensor, "nodes #sets dim"], edges: Edges, keep: EdgesKept = None
    ) -> Float[Tensor, "nodes some_sets dim"]:
        """What every node hears."""
        left, right = (lin(x).unflatten(-1, (self.heads, -1)) for lin in (self.lin_l, self.lin_r))
        score = self.scores(left, right, edges)
        return attend(score, left, edges, x.shape[0], keep).mean(2) + self.bias


class Incidence(nn.Module):
    """Scores between nodes and the hyperedges that they belong to, as in HypergraphConv.

    score_st = LeakyReLU(a . [W x_s | W x_t]) with one W for both sides (Bai 2019,
    https://arxiv.org/abs/1901.08150); a term of an equation counts by its molecules besides:
    + ln |coefficient|.
    """

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.lin = nn.Linear(dim, heads * dim, bias=False)
        self.att = nn.Parameter(torch.empty(1, heads, 2 * dim))
        nn.init.xavier_uniform_(self.lin.weight)
        nn.init.xavier_uniform_(self.att)

    def split(self, x: Float[Tensor, "nodes *sets dim"]) -> Float[Tensor, "nodes *sets heads part"]:
        """W x, head by head."""
        return self.lin(x).unflatten(-1, (self.heads, -1))

    def forward(
        self,
        source: Float[Tensor, "sources #sets heads part"],
        target: Float[Tensor, "targets #sets heads part"],
        edges: Edges,
        coefficient: Float[Tensor, "edges"] | None = None,
    ) -> Float[Tensor, "edges some_sets heads"]:
        """The score of every edge, from what `split` gave."""
        to_source, to_target = self.att.chunk(2, -1)
        score = (source * to_source).sum(-1)[edges[0]] + (target * to_target).sum(-1)[edges[1]]
        score = leaky_relu(score, SLOPE)
        return score if coefficient is None else score + coefficient.abs().log()[:, None, None]


class Bipartite(nn.Module):
    """One side of an incidence to the other: the half of an attentive HypergraphConv.

    out_t = concat over heads of sum_s alpha_st sign_st W x_s, and a bias; alpha is the softmax of
    the scores over the members of t, so that HypergraphConv's further division by their number is
    left out. sign_st is that of the coefficient, 1 without one.
    Parameters: heads (dim^2 + 2 dim + dim) = 8,576 for dim = 64 and two heads.
    """

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.incidence = Incidence(dim, heads)
        self.bias = nn.Parameter(torch.zeros(heads * dim))

    def forward(
        self,
        source: Float[Tensor, "sources #sets dim"],
        target: Float[Tensor, "targets #sets dim"],
        edges: Edges,
        keep: EdgesKept = None,
        coefficient: Float[Tensor, "edges"] | None = None,
    ) -> Float[Tensor, "targets some_sets width"]:
        """What every target hears from its sources."""
        value, other = self.incidence.split(source), self.incidence.split(target)
        score = self.incidence(value, other, edges, coefficient)
        sign = None if coefficient is None else coefficient.sign()
        return attend(score, value, edges, target.shape[0], keep, sign).flatten(2) + self.bias


class Stoichiometry(nn.Module):
    """Metabolites to metabolites through the reactions that they share, with signed amounts.

    With v_mr the coefficient and e_mr the score with + ln |v_mr|, one for both ways:

        u_r   = sum_m softmax_m(e_mr) sign(v_mr) g_m W x_m      g_m = sigmoid(w . W x_m + b)
        out_m = sum_r softmax_r(e_mr) sign(v_mr) u_r            concatenated over heads

    What a reaction makes counts against what it uses in u, weighted by molecules, and each of its
    metabolites is told u from its own side; the softmax keeps a biomass reaction's amounts bounded.
    Parameters: heads (dim^2 + 2 dim) + heads dim + 1 = 8,577 for dim = 64 and two heads.
    """

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.incidence, self.gate = Incidence(dim, heads), nn.Linear(heads * dim, 1)

    def forward(
        self,
        metabolites: Float[Tensor, "metabolites #sets dim"],
        reactions: Float[Tensor, "reactions #sets dim"],
        terms: Int64[Tensor, "2 terms"],
        coefficient: Float[Tensor, "terms"],
        keep: Bool[Tensor, "terms sets"] | None = None,
    ) -> Float[Tensor, "metabolites some_sets width"]:
        """What every metabolite hears from those that it reacts with, itself included."""
        own, node = self.incidence.split(metabolites), self.incidence.split(reactions)
        score, sign = self.incidence(own, node, terms, coefficient), coefficient.sign()
        gated = torch.sigmoid(self.gate(own.flatten(2)))[..., None] * own
        change = attend(score, gated, terms, reactions.shape[0], keep, sign)
        heard = attend(score, change, terms.flip(0), metabolites.shape[0], keep, sign)
        return heard.flatten(2)
