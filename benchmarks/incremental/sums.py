"""Attention sums of many sets of deletions, from those of the wildtype and what differs.

For a node t that is still itself, and shift_t as it was for the wildtype,

    top_t    = top_t(wildtype)    + sum_s [ exp(score_st - shift_t) value_s ]  new - old
    bottom_t = bottom_t(wildtype) + sum_s [ exp(score_st - shift_t)         ]  new - old

over the sources s that changed, and those that are gone have no new term. Every old term is stored.
Sums are made anew over all the edges of a node that changed itself, since then so did every score,
and where that takes no more terms or is better rounded: LOST and FAR.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor
from torch.nn.functional import embedding_bag

from zoo.architectures.hetero_cell.blocks import mean
from zoo.architectures.hetero_cell.removals import FAR, LOST

Some = Int64[Tensor, "some"]
Keys = Int64[Tensor, "keys"]
Means = Float[Tensor, "keys heads part"]


class Edges(NamedTuple):
    """Edges sorted by where they lead: node t's are `start[t]` up to `start[t] + degree[t]`.

    `sign` and `log` are of signed amounts, and 1 and 0 without: see HeteroCell's blocks.
    """

    source: Int64[Tensor, "edges"]
    target: Int64[Tensor, "edges"]
    start: Int64[Tensor, "nodes"]
    degree: Int64[Tensor, "nodes"]
    sign: Float[Tensor, "edges 1"]
    log: Float[Tensor, "edges 1"]

    @classmethod
    def of(
        cls, edges: Int64[Tensor, "2 edges"], nodes: int, amount: Tensor | None = None
    ) -> "Edges":
        """The same edges, [from, to], to so many nodes."""
        order = edges[1].argsort(stable=True)
        source, target = edges[:, order]
        degree = torch.bincount(target, minlength=nodes)
        amount = (
            torch.ones_like(order, dtype=torch.get_default_dtype()) if amount is None else amount
        )
        amount = amount[order, None]
        start = degree.cumsum(0) - degree
        return cls(source, target, start, degree, amount.sign(), amount.abs().log())


class Rows(NamedTuple):
    """The nodes of one kind that differ from the wildtype: row r of set i is i * nodes + r.

    Tables of these nodes have those of the wildtype first, then one row a `key`; `slot` is where
    each row of each set stands. `moved` are those that changed or are `gone`.
    """

    key: Keys
    slot: Int64[Tensor, "sets nodes"]
    gone: Bool[Tensor, "sets nodes"]
    moved: Bool[Tensor, "sets nodes"]

    @classmethod
    def of(cls, key: Keys, gone: Bool[Tensor, "sets nodes"]) -> "Rows":
        """Those of `key` have changed, and others are gone."""
        sets, nodes = gone.shape
        slot, moved = torch.arange(nodes, device=gone.device).repeat(sets, 1), gone.clone()
        slot.view(-1)[key] = nodes + torch.arange(len(key), device=gone.device)
        moved.view(-1)[key] = True
        return cls(key, slot, gone, moved)


class Terms(NamedTuple):
    """Values of sources, and the scores of edges from the slots of their two ends."""

    value: Float[Tensor, "slots heads part"]
    score: Callable[[Some, Some, Some], Float[Tensor, "some heads"]]


def bags(
    value: Float[Tensor, "slots heads part"],
    slot: Int64[Tensor, "terms"],
    weight: Float[Tensor, "terms heads"],
    count: Int64[Tensor, "nodes"],
) -> Float[Tensor, "nodes heads part"]:
    """The weighted sum of the values of each node's terms, which stand one after another."""
    heads = value.shape[1]
    head = torch.arange(heads, device=slot.device)[:, None]
    start = count.cumsum(0) - count + head * len(slot)
    index = slot * heads + head
    total = embedding_bag(
        index.flatten(),
        value.flatten(0, 1),
        start.flatten(),
        mode="sum",
        per_sample_weights=weight.T.flatten(),
    )
    return total.unflatten(0, (heads, -1)).transpose(0, 1)


class Sums:
    """The wildtype's sums over some edges, with all terms of theirs; and what changes of them."""

    def __init__(self, edges: Edges, terms: Terms):
        self.edges = edges
        every = torch.arange(len(edges.source), device=edges.source.device)
        self.score = terms.score(every, edges.source, edges.target)
        made = self._anew(self.score, terms.value, every, edges.source, edges.degree)
        self.weight, self.shift, self.top, self.bottom = made
        self.mean = mean(self.top, self.bottom)

    def change(self, terms: Terms, sources: Rows, targets: Rows) -> tuple[Keys, Means]:
        """The nodes whose sums, or whose scores, are not the wildtype's, and their new means."""
        edges = self.edges
        number, edge = sources.moved.index_select(1, edges.source).nonzero().unbind(1)
        key = number * targets.moved.shape[1] + edges.target[edge]
        itself = ~targets.moved.view(-1)[key]
        key, edge, number = key[itself], edge[itself], number[itself]
        count = torch.bincount(key, minlength=targets.moved.numel()).view_as(targets.moved)
        # A source that changed has two terms in a correction, and one in a sum made anew.
        afresh = (2 * count >= edges.degree) & (count > 0)
        afresh |= targets.moved & ~targets.gone & (edges.degree > 0)
        cheap = ~afresh.view(-1)[key]
        row, found, sound = self._corrected(terms, sources, key[cheap], edge[cheap], number[cheap])
        afresh.view(-1)[row[~sound]] = True
        others = afresh.view(-1).nonzero()[:, 0]
        again = self._recomputed(terms, sources, targets, others)
        return torch.cat([row[sound], others]), torch.cat([found[sound], again])

    def _anew(
        self,
        score: Float[Tensor, "edges heads"],
        value: Float[Tensor, "slots heads part"],
        edge: Some,
        slot: Some,
        count: Int64[Tensor, "nodes"],
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Weights, shifts and sums of nodes whose edges stand one after another."""
        node = torch.arange(len(count), device=count.device).repeat_interleave(count)
        # Of no edge at all the largest score is -inf, and the node is not looked up.
        shift = torch.segment_reduce(score, "max", lengths=count, unsafe=True)
        weight = (score - shift[node]).exp()
        bottom = torch.segment_reduce(weight, "sum", lengths=count, unsafe=True)
        return weight, shift, bags(value, slot, weight * self.edges.sign[edge], count), bottom

    def _corrected(
        self, terms: Terms, sources: Rows, key: Some, edge: Some, number: Some
    ) -> tuple[Keys, Means, Bool[Tensor, "keys"]]:
        """Old terms out, new terms in; and whether the sums are sound."""
        if not len(key):
            return key, self.top[:0], key.bool()
        row, count = torch.unique_consecutive(key, return_counts=True)
        target, source = self.edges.target[edge], self.edges.source[edge]
        # A source that is gone stands where it stood, and its new term does not count.
        slot = sources.slot[number, source]
        new = (terms.score(edge, slot, target) - self.shift[target]).exp()
        new = torch.where(sources.gone[number, source][:, None], 0.0, new)
        old, node = self.weight[edge], row % len(self.edges.degree)
        left = self.bottom[node] + torch.segment_reduce(
            new - old, "sum", lengths=count, unsafe=True
        )
        both = torch.stack([new, -old], 1) * self.edges.sign[edge, None]
        pair = torch.stack([slot, source], 1).flatten()
        top = self.top[node] + bags(terms.value, pair, both.flatten(0, 1), 2 * count)
        return row, mean(top, left), sound(left, self.bottom[node])

    def _recomputed(self, terms: Terms, sources: Rows, targets: Rows, row: Keys) -> Means:
        """Sums over all edges that are left; a score between two that did not change is stored."""
        if not len(row):
            return self.top[:0]
        edges, nodes = self.edges, targets.gone.shape[1]
        number, node = row.div(nodes, rounding_mode="floor"), row % nodes
        degree = edges.degree[node]
        place = torch.arange(len(row), device=row.device).repeat_interleave(degree)
        first = edges.start[node] - degree.cumsum(0) + degree
        edge = torch.arange(len(place), device=row.device) + first[place]
        left = ~sources.gone[number[place], edges.source[edge]]
        edge, place = edge[left], place[left]
        slot = sources.slot[number[place], edges.source[edge]]
        end = targets.slot.view(-1)[row][place]
        score = self.score[edge]
        other = ((slot >= sources.gone.shape[1]) | (end >= nodes)).nonzero()[:, 0]
        score[other] = terms.score(edge[other], slot[other], end[other])
        count = torch.bincount(place, minlength=len(row))
        return mean(*self._anew(score, terms.value, edge, slot, count)[2:])


def sound(
    left: Float[Tensor, "rows asked"], before: Float[Tensor, "rows asked"]
) -> Bool[Tensor, "rows"]:
    """Whether corrected sums of weights have kept their digits."""
    return ((left > LOST * before) & (left < FAR)).all(1)


def joined(stored: Float[Tensor, "stored ..."], new: Float[Tensor, "new ..."]) -> Tensor:
    """One table after the other, copied only where there is something new."""
    return torch.cat([stored, new]) if len(new) else stored
