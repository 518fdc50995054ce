"""What of the graph HeteroCell can see in a pair, and what its z_p has beyond single deletions.

Neither looks at a label.
"""

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from scipy.sparse import csr_array
from torch import Tensor, nn

from training.data.cell_graph import CellGraph
from training.data.perturbations import PerturbationData
from training.perturbations.questions import offered, part_of
from training.perturbations.split import SetSplit

AT_ONCE = 64
TAILS = (10, 50, 90)

Pairs = Int64[np.ndarray, "pairs 2"]


def headline_pairs(data: PerturbationData, split: SetSplit, part: str) -> Pairs:
    """The pairs of the headline source in a part of the split."""
    rows = split.rows(data, part)
    members = data.records.members[rows[data.records.source[rows] == data.headline_source]]
    members = members[(members >= 0).sum(axis=1) == 2]
    return members[members >= 0].reshape(-1, 2)


def coverage(
    cell: CellGraph, data: PerturbationData, split: SetSplit, genes: int
) -> dict[str, dict[str, float | int]]:
    """By protocol: the headline's test pairs, and the share of them that has each of `touched`."""
    found = {}
    for protocol in offered("test"):
        pairs = headline_pairs(data, split, part_of(protocol, "test"))
        if len(pairs):
            shares = {
                name: round(float(has.mean()), 6) for name, has in touched(cell, pairs, genes)
            }
            found[protocol] = {"pairs": len(pairs)} | shares
    return found


def touched(
    cell: CellGraph, pairs: Pairs, genes: int
) -> list[tuple[str, Bool[np.ndarray, "pairs"]]]:
    """What the graph of the first so many `genes` has of each pair.

    A gene of it stands in a reaction node; it loses a reaction that neither gene loses alone; a
    physical edge joins its genes; they have a physical neighbour in common; either of the two;
    one regulates the other; they regulate a gene in common.
    """
    physical = _matrix(cell.physical, genes)
    regulatory = _matrix(cell.regulatory, genes)
    edge = _among(physical, pairs)
    common = _among(physical @ physical.T, pairs)
    return [
        ("reaction", np.isin(pairs, cell.gene_reaction[0]).any(axis=1)),
        ("reaction_beyond_singles", _lost_together(cell, pairs)),
        ("physical_edge", edge),
        ("common_neighbour", common),
        ("edge_or_neighbour", edge | common),
        ("regulatory_edge", _among(regulatory + regulatory.T, pairs)),
        ("common_target", _among(regulatory @ regulatory.T, pairs)),
    ]


def _matrix(edges: Int64[np.ndarray, "2 edges"], genes: int) -> csr_array:
    """The adjacency [from, to] of the first so many genes, a 1 for each edge."""
    first, second = edges[:, (edges < genes).all(axis=0)]
    made = csr_array((np.ones(len(first)), (first, second)), shape=(genes, genes))
    made.data[:] = 1
    return made


def _among(matrix: csr_array, pairs: Pairs) -> Bool[np.ndarray, "pairs"]:
    """Whether a matrix has an entry at each pair."""
    return np.asarray(matrix[pairs[:, 0], pairs[:, 1]]).ravel() > 0


def _lost_together(cell: CellGraph, pairs: Pairs) -> Bool[np.ndarray, "pairs"]:
    """Whether a pair loses a reaction of the model that neither of its deletions loses.

    A reaction node dies with any of its genes, and a reaction with the last of its nodes.
    """
    ones, nodes = np.ones(cell.gene_reaction.shape[1]), len(cell.reaction_nodes)
    of_gene = csr_array((ones, tuple(cell.gene_reaction)), shape=(len(cell.genes), nodes))
    shape = nodes, len(cell.gem_reactions)
    of_node = csr_array((np.ones(nodes), (np.arange(nodes), cell.gem_reaction)), shape=shape)

    def lost(genes: csr_array) -> csr_array:
        dead = (genes > 0).astype(np.float64) @ of_node
        dead.data = dead.data == of_node.sum(axis=0)[dead.indices]
        return dead

    one, other = (of_gene[genes] for genes in pairs.T)
    alone = (lost(one) + lost(other)).astype(bool)
    return lost(one + other).sum(axis=1) > alone.sum(axis=1)


def beyond_sum(model: nn.Module, pairs: Pairs) -> Float[np.ndarray, "pairs"]:
    """|z_p(ab) - z_p(a) - z_p(b)| / |z_p(ab)| of every pair, 0 where z_p(ab) is 0."""
    served = model.graphs()["head"]
    gene, place = torch.from_numpy(pairs).unique(return_inverse=True)
    alone = _changes(served, gene[:, None])
    both = _changes(served, torch.from_numpy(pairs))
    beyond = (both - alone[place].sum(1)).norm(dim=1)
    length = both.norm(dim=1)
    return (beyond / (length + (length == 0))).numpy()


@torch.no_grad()
def _changes(served: nn.Module, sets: Int64[Tensor, "sets order"]) -> Float[Tensor, "sets dim"]:
    """z_p of sets of one order, some at a time."""
    order = sets.shape[1]
    parts = [
        served.change(some.flatten(), torch.arange(len(some)).repeat_interleave(order), len(some))
        for some in sets.split(AT_ONCE)
    ]
    return torch.cat(parts).double()


def summary(values: Float[np.ndarray, "pairs"]) -> dict[str, float | int]:
    """How many there are, their median, and what a tenth of them lies below and above."""
    if not len(values):
        return {"pairs": 0}
    low, median, high = np.percentile(values, TAILS).tolist()
    return {"pairs": len(values), "median": median, "low": low, "high": high}
