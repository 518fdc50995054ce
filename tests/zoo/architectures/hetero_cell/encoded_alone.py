"""One set of deletions alone: its genes, edges and reactions are taken out of the cell's graph."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from zoo.architectures.hetero_cell.blocks import Graph, Kept, kept
from zoo.architectures.hetero_cell.model import Model


def full(model: Model, graph: Graph, member: Int64[Tensor, "members"]) -> Float[Tensor, "dim"]:
    """z_i of the set: what is left of the graph, encoded by itself."""
    sizes = model.sizes(graph)
    smaller, reactions = remaining(graph, kept(graph, member, torch.zeros_like(member), 1, sizes))
    start = model.nodes(smaller, reactions)
    return model.pool(model.encode(start, smaller, Kept())[-1].genes)[0]


def remaining(graph: Graph, keep: Kept) -> tuple[Graph, Int64[Tensor, "alive"]]:
    """A smaller graph of what the only set of `keep` leaves, and its reaction nodes."""
    genes, physical, regulatory, reactions, entries, terms = (
        mask[:, 0] for mask in keep if mask is not None
    )
    gene, node = genes.cumsum(0) - 1, reactions.cumsum(0) - 1
    entry, term = graph.gene_reaction[:, entries], graph.stoichiometry[:, terms]
    smaller = Graph(
        physical=gene[graph.physical[:, physical]],
        regulatory=gene[graph.regulatory[:, regulatory]],
        gene_reaction=torch.stack([gene[entry[0]], node[entry[1]]]),
        stoichiometry=torch.stack([term[0], node[term[1]]]),
        coefficient=graph.coefficient[terms],
        features=None if graph.features is None else graph.features[genes],
        present=genes.nonzero()[:, 0] if graph.present is None else graph.present[genes],
    )
    return smaller, reactions.nonzero()[:, 0]
