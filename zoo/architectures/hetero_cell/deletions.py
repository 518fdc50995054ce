"""Which edges and nodes of a cell deletions concern: found by whole lists, without loops over sets.

All of it can be exported with any number of sets.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Int, Int32, Int64
from torch import Tensor

from zoo.architectures._sets import Count
from zoo.architectures.hetero_cell.blocks import Edges, Graph

Some = Int64[Tensor, "some"]


class Lists(NamedTuple):
    """For each of some nodes the edges that it has, one after another: `start`, `count`, `edge`."""

    start: Int32[Tensor, "nodes"]
    count: Int32[Tensor, "nodes"]
    edge: Int32[Tensor, "edges"]

    @classmethod
    def of(cls, end: Int64[Tensor, "edges"], nodes: int) -> "Lists":
        """Edges by the node that each has at one end."""
        count = torch.bincount(end, minlength=nodes)
        start = count.cumsum(0) - count
        return cls(start.int(), count.int(), end.argsort(stable=True).int())

    def listed(self, node: Some) -> tuple[Int64[Tensor, "listed"], Int64[Tensor, "listed"]]:
        """All edges of some nodes: the position of the node in the input, and the edge."""
        count = self.count[node].long()
        end = count.cumsum(0)
        # An owner is the number of those that end before: repeat_interleave exports to what fails
        # where nothing is repeated.
        ends = count.new_zeros(count.sum().item() + 1).index_add(0, end, torch.ones_like(end))
        owner = ends[:-1].cumsum(0)
        place = (
            torch.arange(owner.shape[0], device=node.device)
            + (self.start[node] - end + count)[owner]
        )
        return owner, self.edge[place].long()


class Relation(NamedTuple):
    """A relation to genes: its edges, and how to find them from either end."""

    source: Int32[Tensor, "edges"]
    target: Int32[Tensor, "edges"]
    out: Lists
    into: Lists

    @classmethod
    def of(cls, edges: Edges, sources: int, genes: int) -> "Relation":
        """The edges [from, to] between so many nodes."""
        source, target = edges.int()
        return cls(source, target, Lists.of(edges[0], sources), Lists.of(edges[1], genes))


class Structure(NamedTuple):
    """What does not change with the weights: relations by name, and the reactions of each gene."""

    genes: int
    reactions: int
    relations: dict[str, Relation]
    catalyses: Lists | None
    node: Int64[Tensor, "entries"]

    @classmethod
    def of(cls, graph: Graph, config: object) -> "Structure":
        """Of the relations that the model has."""
        genes, reactions = config.genes_total, config.reactions_total
        relations = {
            name: Relation.of(getattr(graph, name), genes, genes)
            for name in ("physical", "regulatory")
            if getattr(config, name)
        }
        gene, node = graph.gene_reaction
        if not config.metabolism_to_genes:
            return cls(genes, reactions, relations, None, node)
        relations["catalysed"] = Relation.of(graph.gene_reaction.flip(0), reactions, genes)
        return cls(genes, reactions, relations, Lists.of(gene, genes), node)

    def to(self, device: torch.device) -> "Structure":
        """The same on a device."""
        return mapped(self, lambda tensor: tensor.to(device))


def mapped(part: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """The same nested tuples and dicts with every tensor changed."""
    if isinstance(part, Tensor):
        return change(part)
    if isinstance(part, dict):
        return {name: mapped(each, change) for name, each in part.items()}
    if isinstance(part, tuple):
        parts = [mapped(each, change) for each in part]
        return type(part)(*parts) if hasattr(part, "_fields") else tuple(parts)
    return part


def flagged(number: Some, node: Some, sets: Count, nodes: int) -> Bool[Tensor, "sets_times_nodes"]:
    """Flags of all nodes of all sets, one set after another, that are true at these."""
    flags = torch.zeros(sets * nodes, dtype=torch.bool, device=node.device)
    return flags.index_fill(0, number * nodes + node, True)


class Distinct(NamedTuple):
    """Pairs of a set and a node, each once and in order, and where each of the former stands."""

    set: Int64[Tensor, "rows"]
    node: Int64[Tensor, "rows"]
    place: Some

    @classmethod
    def of(cls, number: Some, node: Some, sets: Count, nodes: int) -> "Distinct":
        """Of these pairs."""
        key = number * nodes + node
        if not torch.compiler.is_exporting():
            row, place = torch.unique(key, return_inverse=True)
            return cls(row // nodes, row % nodes, place)
        # onnxruntime's Unique takes far longer than a look through all flags, and its division of
        # whole numbers goes through float32.
        flags = flagged(number, node, sets, nodes)
        pairs = flags.view(sets, nodes).nonzero()
        return cls(pairs[:, 0], pairs[:, 1], (flags.long().cumsum(0) - 1)[key])


class Dead(NamedTuple):
    """Nodes of one kind that sets lose: which set, which node, and as flags [sets * nodes]."""

    set: Int64[Tensor, "dead"]
    node: Int64[Tensor, "dead"]
    gone: Bool[Tensor, "flags"]
    nodes: int

    @classmethod
    def of(cls, number: Some, node: Some, sets: Count, nodes: int) -> "Dead":
        """These, each once."""
        one = Distinct.of(number, node, sets, nodes)
        return cls(one.set, one.node, flagged(one.set, one.node, sets, nodes), nodes)

    def has(self, number: Some, node: Int[Tensor, "some"]) -> Bool[Tensor, "some"]:
        """Whether sets have lost these nodes."""
        return self.gone[number * self.nodes + node]
