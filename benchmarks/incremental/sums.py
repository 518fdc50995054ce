"""Attention sums of many sets of deletions, from those of the wildtype and what differs.

For a node t that is still itself, and shift_t as it was for the wildtype,

    top_t    = top_t(wildtype)    + sum_s [ exp(score_st - shift_t) value_s ]  new - old
    bottom_t = bottom_t(wildtype) + sum_s [ exp(score_st - shift_t)         ]  new - old

over the sources s that changed, and those that are gone have no new term. Every old term is stored.
Sums are made anew over all the edges of a node that changed itself, since then so did every score,
and where that takes no more terms or is better rounded: LOST and FAR. Structure, lists of edges and
of rows, is shared by all heads; tables have heads first, so that one head's is one stretch.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor
from torch.nn.functional import embedding_bag

from zoo.architectures.hetero_cell.removals import FAR, LOST

PIECE = 2**17  # numbers of one array that a CPU's nearest cache holds beside others


class Edges(NamedTuple):
    """Edges sorted by where they lead: node t's are `start[t]` up to `start[t] + degree[t]`.

    `sign` and `log` are of signed amounts, and 1 and 0 without: see HeteroCell's blocks.
    """

    source: Int64[Tensor, "edges"]
    target: Int64[Tensor, "edges"]
    start: Int64[Tensor, "nodes"]
    degree: Int64[Tensor, "nodes"]
    sign: Float[Tensor, "edges 1"] | None = None
    log: Float[Tensor, "edges 1"] | None = None

    @classmethod
    def of(
        cls,
        edges: Int64[Tensor, "2 edges"],
        nodes: int,
        coefficient: Float[Tensor, "edges"] | None = None,
    ) -> "Edges":
        """The same edges, [from, to], to so many nodes."""
        order = edges[1].argsort(stable=True)
        source, target = edges[:, order]
        degree = torch.bincount(target, minlength=nodes)
        start = degree.cumsum(0) - degree
        if coefficient is None:
            return cls(source, target, start, degree)
        amount = coefficient[order, None]
        return cls(source, target, start, degree, amount.sign(), amount.abs().log())


class Rows(NamedTuple):
    """The nodes of one kind that differ from the wildtype: row r of set i is i * nodes + r.

    Tables of these nodes have those of the wildtype first, then one row a `key`; `slot` is where
    each row of each set stands. `moved` are those that changed or are `gone`.
    """

    nodes: int
    key: Int64[Tensor, "keys"]
    slot: Int64[Tensor, "sets nodes"]
    gone: Bool[Tensor, "sets nodes"]
    moved: Bool[Tensor, "sets nodes"]

    @classmethod
    def of(cls, key: Int64[Tensor, "keys"], gone: Bool[Tensor, "sets nodes"]) -> "Rows":
        """Those of `key` have changed, and others are gone."""
        sets, nodes = gone.shape
        slot = torch.arange(nodes, device=gone.device).repeat(sets, 1)
        slot.view(-1)[key] = nodes + torch.arange(len(key), device=gone.device)
        moved = gone.clone()
        moved.view(-1)[key] = True
        return cls(nodes, key, slot, gone, moved)


class Terms(NamedTuple):
    """Values of sources, and the scores of edges from the slots of their two ends."""

    value: Float[Tensor, "heads slots part"]
    score: Callable[
        [Int64[Tensor, "some"], Int64[Tensor, "some"], Int64[Tensor, "some"]],
        Float[Tensor, "some heads"],
    ]


class Held(NamedTuple):
    """The wildtype's sums and all terms of theirs; `weight` is exp(score - shift)."""

    score: Float[Tensor, "edges heads"]
    weight: Float[Tensor, "edges heads"]
    shift: Float[Tensor, "nodes heads"]
    top: Float[Tensor, "heads nodes part"]
    bottom: Float[Tensor, "nodes heads"]

    @classmethod
    def of(cls, edges: Edges, terms: Terms) -> "Held":
        """All sums, made anew."""
        every = torch.arange(len(edges.source), device=edges.source.device)
        score = terms.score(every, edges.source, edges.target)
        return anew(score, terms.value, edges.source, edges.degree, edges.sign)

    def mean(self) -> Float[Tensor, "heads nodes part"]:
        """The weighted mean of the values; 0 where there are none."""
        return mean(self.top, self.bottom)


def mean(
    top: Float[Tensor, "heads nodes part"], bottom: Float[Tensor, "nodes heads"]
) -> Float[Tensor, "heads nodes part"]:
    """The weighted mean of the values; 0 where there are none."""
    return top / (bottom + (bottom == 0)).T[..., None]


def bags(
    value: Float[Tensor, "heads slots part"],
    slot: Int64[Tensor, "terms"],
    weight: Float[Tensor, "terms heads"],
    count: Int64[Tensor, "nodes"],
) -> Float[Tensor, "heads nodes part"]:
    """The weighted sum of the values of each node's terms, which stand one after another."""
    start = count.cumsum(0) - count
    return torch.stack(
        [
            embedding_bag(slot, table, start, mode="sum", per_sample_weights=column)
            for table, column in zip(value, weight.T.contiguous(), strict=True)
        ]
    )


def anew(
    score: Float[Tensor, "edges heads"],
    value: Float[Tensor, "heads slots part"],
    slot: Int64[Tensor, "edges"],
    count: Int64[Tensor, "nodes"],
    sign: Float[Tensor, "edges 1"] | None,
) -> Held:
    """The sums of nodes whose edges stand one after another, `count` of them."""
    node = torch.arange(len(count), device=count.device).repeat_interleave(count)
    # Of no edge at all the largest score is -inf, and the node is not looked up.
    shift = torch.segment_reduce(score, "max", lengths=count, unsafe=True)
    weight = (score - shift[node]).exp()
    bottom = torch.segment_reduce(weight, "sum", lengths=count, unsafe=True)
    top = bags(value, slot, weight if sign is None else weight * sign, count)
    return Held(score, weight, shift, top, bottom)


def changed_means(
    held: Held, edges: Edges, terms: Terms, sources: Rows, targets: Rows
) -> tuple[Int64[Tensor, "keys"], Float[Tensor, "heads keys part"]]:
    """The nodes whose sums, or whose scores, are not the wildtype's, and their new means."""
    number, edge = sources.moved.index_select(1, edges.source).nonzero().unbind(1)
    key = number * targets.nodes + edges.target[edge]
    itself = ~targets.moved.view(-1)[key]
    key, edge, number = key[itself], edge[itself], number[itself]
    count = torch.bincount(key, minlength=targets.moved.numel()).view_as(targets.moved)
    # A source that changed has two terms in a correction, and one in a sum made anew.
    afresh = (2 * count >= edges.degree) & (count > 0)
    afresh |= targets.moved & ~targets.gone & (edges.degree > 0)
    cheap = ~afresh.view(-1)[key]
    row, found, sound = _corrected(
        held, edges, terms, sources, key[cheap], edge[cheap], number[cheap]
    )
    afresh.view(-1)[row[~sound]] = True
    others = afresh.view(-1).nonzero()[:, 0]
    again = _recomputed(held, edges, terms, sources, targets, others)
    return torch.cat([row[sound], others]), torch.cat([found[:, sound], again], 1)


def _corrected(
    held: Held,
    edges: Edges,
    terms: Terms,
    sources: Rows,
    key: Int64[Tensor, "edges"],
    edge: Int64[Tensor, "edges"],
    number: Int64[Tensor, "edges"],
) -> tuple[Int64[Tensor, "keys"], Float[Tensor, "heads keys part"], Bool[Tensor, "keys"]]:
    """Old terms out, new terms in; and whether the sums are sound."""
    if not len(key):
        return key, held.top[:, :0], key.bool()
    row, count = torch.unique_consecutive(key, return_counts=True)
    target, source = edges.target[edge], edges.source[edge]
    # A source that is gone stands where it stood, and its new term does not count.
    slot = sources.slot[number, source]
    new = (terms.score(edge, slot, target) - held.shift[target]).exp()
    new = torch.where(sources.gone[number, source][:, None], 0.0, new)
    old = held.weight[edge]
    node = row % len(edges.degree)
    bottom = held.bottom[node]
    left = bottom + torch.segment_reduce(new - old, "sum", lengths=count, unsafe=True)
    both = torch.stack([new, -old], 1)
    if edges.sign is not None:
        both = both * edges.sign[edge, None]
    pair = torch.stack([slot, source], 1).flatten()
    top = held.top[:, node] + bags(terms.value, pair, both.flatten(0, 1), 2 * count)
    return row, mean(top, left), ((left > LOST * bottom) & (left < FAR)).all(1)


def _recomputed(
    held: Held,
    edges: Edges,
    terms: Terms,
    sources: Rows,
    targets: Rows,
    row: Int64[Tensor, "keys"],
) -> Float[Tensor, "heads keys part"]:
    """Sums over all edges that are left; a score between two that did not change is stored."""
    if not len(row):
        return held.top[:, :0]
    number, node = row.div(targets.nodes, rounding_mode="floor"), row % targets.nodes
    degree = edges.degree[node]
    place = torch.arange(len(row), device=row.device).repeat_interleave(degree)
    first = degree.cumsum(0) - degree
    edge = torch.arange(len(place), device=row.device) + (edges.start[node] - first)[place]
    left = ~sources.gone[number[place], edges.source[edge]]
    edge, place = edge[left], place[left]
    slot = sources.slot[number[place], edges.source[edge]]
    end = targets.slot.view(-1)[row][place]
    score = held.score[edge]
    other = ((slot >= sources.nodes) | (end >= targets.nodes)).nonzero()[:, 0]
    score[other] = terms.score(edge[other], slot[other], end[other])
    count = torch.bincount(place, minlength=len(row))
    sign = None if edges.sign is None else edges.sign[edge]
    return anew(score, terms.value, slot, count, sign).mean()


def joined(stored: Float[Tensor, "..."], new: Float[Tensor, "..."], dim: int = 0) -> Tensor:
    """One table after the other, copied only where there is something new."""
    return torch.cat([stored, new], dim) if new.shape[dim] else stored


def pieces(total: int, numbers: int, device: torch.device) -> Iterator[slice]:
    """Ranges of so many rows that a CPU's cache holds, where each takes so many numbers."""
    step = max(PIECE // numbers, 1) if device.type == "cpu" else max(total, 1)
    return (slice(start, start + step) for start in range(0, total, step))
