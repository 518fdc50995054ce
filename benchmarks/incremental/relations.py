"""The convolutions of HeteroCell over nodes that differ from the wildtype's.

Each is made of its module and the wildtype's states, holds their sums and what was `heard`, and
tells who hears anything else once some nodes have changed, and what.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import leaky_relu_

from incremental.sums import (
    Edges,
    Held,
    Rows,
    Terms,
    changed_means,
    joined,
    pieces,
)
from zoo.architectures.hetero_cell.blocks import SLOPE

ENDS = {
    "physical": ("genes", "genes"),
    "regulatory": ("genes", "genes"),
    "catalysed": ("reactions", "genes"),
    "gpr": ("genes", "reactions"),
    "consumed": ("metabolites", "reactions"),
    "metabolism": ("metabolites", "metabolites"),
    "produced": ("reactions", "metabolites"),
}
"""From where each relation leads, and to where; metabolism leads through the reactions besides."""

Found = dict[str, tuple[Int64[Tensor, "keys"], Float[Tensor, "keys dim"]]]


class Changed(NamedTuple):
    """The nodes of one kind that differ from the wildtype, and the new states of `rows.key`."""

    rows: Rows
    x: Float[Tensor, "keys dim"]


def split(lin: nn.Linear, x: Float[Tensor, "nodes dim"], heads: int) -> Tensor:
    """W x, heads first."""
    return lin(x).unflatten(-1, (heads, -1)).transpose(0, 1).contiguous()


class Neighbours:
    """GATv2 of one layer, over the relations that share it."""

    def __init__(
        self,
        conv: nn.Module,
        after: dict[str, nn.Module],
        edges: dict[str, Edges],
        x: Float[Tensor, "nodes dim"],
    ):
        self.conv, self.after, self.edges = conv, after, edges
        self.left, self.right = self._sides(x)
        terms = self._terms(self.left, self.right)
        self.held = {name: Held.of(edges[name], terms) for name in after}
        self.heard = {name: self._heard(name, held.mean()) for name, held in self.held.items()}

    def change(self, states: dict[str, Changed]) -> Found:
        """What is heard by those whom the changes concern."""
        genes, found = states["genes"], {}
        left, right = self._sides(genes.x)
        terms = self._terms(joined(self.left, left, 1), joined(self.right, right, 1))
        for name, held in self.held.items():
            key, mean = changed_means(held, self.edges[name], terms, genes.rows, genes.rows)
            found[name] = key, self._heard(name, mean)
        return found

    def _sides(self, x: Float[Tensor, "nodes dim"]) -> tuple[Tensor, Tensor]:
        conv = self.conv
        return split(conv.lin_l, x, conv.heads), split(conv.lin_r, x, conv.heads)

    def _terms(
        self, left: Float[Tensor, "heads slots dim"], right: Float[Tensor, "heads slots dim"]
    ) -> Terms:
        def score(edge: Tensor, source: Tensor, target: Tensor) -> Tensor:
            out = left.new_empty(len(edge), len(left))
            for part in pieces(len(edge), left.shape[-1], left.device):
                for head, att in enumerate(self.conv.att[0]):
                    both = left[head].index_select(0, source[part])
                    both += right[head].index_select(0, target[part])
                    out[part, head] = leaky_relu_(both, SLOPE) @ att
            return out

        return Terms(left, score)

    def _heard(self, name: str, mean: Float[Tensor, "heads nodes dim"]) -> Tensor:
        return self.after[name](mean.mean(0) + self.conv.bias)


class Ends(NamedTuple):
    """One side of an incidence: W x, and what it adds to a score as a source and as a target."""

    own: Float[Tensor, "heads nodes part"]
    source: Float[Tensor, "nodes heads"]
    target: Float[Tensor, "nodes heads"]

    @classmethod
    def of(cls, incidence: nn.Module, x: Float[Tensor, "nodes dim"]) -> "Ends":
        """Both, of these states."""
        own = split(incidence.lin, x, incidence.heads)
        parts = incidence.att[0].chunk(2, -1)
        return cls(own, *((own @ part[..., None])[..., 0].T.contiguous() for part in parts))

    def with_those(self, others: "Ends") -> "Ends":
        """One table after the other."""
        own = joined(self.own, others.own, 1)
        return Ends(own, *(joined(*pair) for pair in zip(self[1:], others[1:], strict=True)))


def scores(
    edges: Edges,
    value: Float[Tensor, "heads slots part"],
    source: Float[Tensor, "slots heads"],
    target: Float[Tensor, "others heads"],
) -> Terms:
    """LeakyReLU of what both ends add, and the logarithm of the amount."""

    def score(edge: Tensor, start: Tensor, end: Tensor) -> Tensor:
        both = leaky_relu_(source[start] + target[end], SLOPE)
        return both if edges.log is None else both + edges.log[edge]

    return Terms(value, score)


class Half:
    """A Bipartite convolution of one layer."""

    def __init__(
        self,
        name: str,
        conv: nn.Module,
        after: nn.Module,
        edges: Edges,
        states: dict[str, Tensor],
    ):
        self.name, self.conv, self.after, self.edges = name, conv, after, edges
        self.source, self.target = (Ends.of(conv.incidence, states[kind]) for kind in ENDS[name])
        self.held = Held.of(edges, self._terms(self.source, self.target))
        self.heard = {name: self._heard(self.held.mean())}

    def change(self, states: dict[str, Changed]) -> Found:
        """What is heard by those whom the changes concern."""
        sources, targets = (states[kind] for kind in ENDS[self.name])
        source, target = (
            stored.with_those(Ends.of(self.conv.incidence, new.x))
            for stored, new in ((self.source, sources), (self.target, targets))
        )
        terms = self._terms(source, target)
        key, mean = changed_means(self.held, self.edges, terms, sources.rows, targets.rows)
        return {self.name: (key, self._heard(mean))}

    def _terms(self, source: Ends, target: Ends) -> Terms:
        return scores(self.edges, source.own, source.source, target.target)

    def _heard(self, mean: Float[Tensor, "heads nodes part"]) -> Tensor:
        return self.after(mean.transpose(0, 1).flatten(1) + self.conv.bias)


class Exchange:
    """Stoichiometry of one layer: sums at reactions, and then at metabolites, of what those are."""

    def __init__(
        self,
        name: str,
        conv: nn.Module,
        after: nn.Module,
        edges: tuple[Edges, Edges],
        states: dict[str, Tensor],
    ):
        self.name, self.conv, self.after, self.edges = name, conv, after, edges
        self.metabolites, self.reactions = (
            Ends.of(conv.incidence, states[kind]) for kind in ("metabolites", "reactions")
        )
        self.gated = self._gated(self.metabolites.own)
        self.at_reactions = Held.of(
            edges[0], self._to_reactions(self.gated, self.metabolites, self.reactions)
        )
        self.change_there = self.at_reactions.mean()
        self.at_metabolites = Held.of(
            edges[1], self._back(self.change_there, self.reactions.target, self.metabolites)
        )
        self.heard = {name: self._heard(self.at_metabolites.mean())}

    def change(self, states: dict[str, Changed]) -> Found:
        """What is heard by those whom the changes concern."""
        metabolites, reactions = states["metabolites"], states["reactions"]
        new = Ends.of(self.conv.incidence, metabolites.x)
        own = self.metabolites.with_those(new)
        node = self.reactions.with_those(Ends.of(self.conv.incidence, reactions.x))
        gated = joined(self.gated, self._gated(new.own), 1)
        key, net = changed_means(
            self.at_reactions,
            self.edges[0],
            self._to_reactions(gated, own, node),
            metabolites.rows,
            reactions.rows,
        )
        rows = Rows.of(key, reactions.rows.gone)
        net = joined(self.change_there, net, 1)
        target = joined(self.reactions.target, node.target[reactions.rows.slot.view(-1)[key]])
        key, mean = changed_means(
            self.at_metabolites,
            self.edges[1],
            self._back(net, target, own),
            rows,
            metabolites.rows,
        )
        return {self.name: (key, self._heard(mean))}

    def _gated(self, own: Float[Tensor, "heads nodes part"]) -> Tensor:
        return torch.sigmoid(self.conv.gate(own.transpose(0, 1).flatten(1))) * own

    def _to_reactions(self, gated: Tensor, own: Ends, node: Ends) -> Terms:
        return scores(self.edges[0], gated, own.source, node.target)

    def _back(self, net: Tensor, target: Float[Tensor, "slots heads"], own: Ends) -> Terms:
        return scores(self.edges[1], net, target, own.source)

    def _heard(self, mean: Float[Tensor, "heads nodes part"]) -> Tensor:
        return self.after(mean.transpose(0, 1).flatten(1))
