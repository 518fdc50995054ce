"""HeteroCell's other graph: how far every node of the cell moves when one set of genes is deleted.

The cell is encoded as it is and without the set, side by side. What a deletion cannot have reached
has not moved, exactly: two sums over the same terms may differ in their last digit.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from zoo.architectures._sets import Members, segment_sum
from zoo.architectures.hetero_cell.blocks import Edges, Graph, Kept, kept

WILDTYPE, MUTANT = 0, 1


class Reached(NamedTuple):
    """Which nodes a set of deletions can have changed, those that are gone included."""

    genes: Bool[Tensor, "genes"]
    reactions: Bool[Tensor, "reactions"]
    metabolites: Bool[Tensor, "metabolites"]

    def further(self, graph: Graph, config: Any) -> "Reached":
        """One layer on: over every relation that the model has, in its direction."""
        genes, reactions, metabolites = self
        for name in ("physical", "regulatory"):
            if getattr(config, name):
                genes = genes | hit(self.genes, getattr(graph, name), genes)
        if config.metabolism:
            entries, terms = graph.gene_reaction, graph.stoichiometry
            told = self.reactions | hit(self.metabolites, terms, reactions)
            metabolites = metabolites | hit(told, terms.flip(0), metabolites)
            reactions = reactions | hit(self.genes, entries, reactions)
            if config.metabolism_to_genes:
                genes = genes | hit(self.reactions, entries.flip(0), genes)
                reactions = reactions | told
        return Reached(genes, reactions, metabolites)


def hit(
    sources: Bool[Tensor, "sources"], edges: Edges, targets: Bool[Tensor, "targets"]
) -> Bool[Tensor, "targets"]:
    """Which of so many targets an edge [from, to] of a marked source leads to."""
    return segment_sum(sources[edges[0]].float(), edges[1], targets.shape[0]) > 0


def distance(
    state: Float[Tensor, "nodes two dim"],
    gone: Bool[Tensor, "nodes"],
    reached: Bool[Tensor, "nodes"],
) -> Float[Tensor, "nodes"]:
    """Euclidean, between both states of each node; of one that is gone, from its state to 0."""
    left = torch.where(gone[:, None], 0.0, state[:, MUTANT])
    moved = (left - state[:, WILDTYPE]).square().sum(-1).sqrt()
    return torch.where(reached, moved, 0.0)


class Explain(nn.Module):
    """The graph `explain` of a frozen model, over the whole cell at every call.

    Its time and its memory grow with the edges of the cell, not with the members of the set.
    """

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(
        self, member: Members
    ) -> tuple[
        Float[Tensor, "genes"],
        Float[Tensor, "genes"],
        Float[Tensor, "reactions"],
        Int64[Tensor, "reactions"],
        Float[Tensor, "metabolites"],
    ]:
        """gene_moved, gene_share, reaction_moved, reaction_lost and metabolite_moved of one set.

        Genes are those of the vocabulary; the others of the cell's have no name to ask for.
        Where a model does without metabolism, its nodes have not moved. With another pool than
        "attention" z is no sum over genes, and their shares are 0.
        """
        config = self.model.config
        keep, states, reached = self.encoded(member)
        gone = ~keep.genes[:, MUTANT]
        lost = ~keep.reactions[:, MUTANT]
        genes = distance(states.genes, gone, reached.genes)
        share = torch.zeros_like(genes)
        if config.pool == "attention":
            share = self.parts(keep, states, reached).square().sum(-1).sqrt()
        if config.metabolism:
            reactions = distance(states.reactions, lost, reached.reactions)
            none = torch.zeros_like(reached.metabolites)
            metabolites = distance(states.metabolites, none, reached.metabolites)
        else:
            reactions = genes.new_zeros(config.reactions_total)
            metabolites = genes.new_zeros(config.metabolites_total)
        named = config.vocabulary
        return genes[:named], share[:named], reactions, lost.long(), metabolites

    def encoded(self, member: Members) -> tuple[Kept, tuple, Reached]:
        """What is left, the last states of all nodes, and which of them can differ.

        States are [nodes, 2, dim]: of the wildtype and of the mutant.
        """
        model, graph = self.model, self.model.cell
        config, segment = model.config, torch.full_like(member, MUTANT)
        keep = kept(graph, member, segment, 2, model.sizes(graph))
        start = model.nodes(graph)
        # Nobody hears what is gone. Said here, it also keeps onnxruntime from computing, when a
        # graph is opened, what every edge says, and from holding on to it.
        start = start._replace(genes=torch.where(keep.genes[..., None], start.genes, 0.0))
        if config.metabolism:
            there = keep.reactions[..., None]
            start = start._replace(reactions=torch.where(there, start.reactions, 0.0))
            start = start._replace(metabolites=start.metabolites.expand(-1, 2, -1))
        states = model.encode(start, graph, keep)[-1]
        lost = ~keep.reactions[:, MUTANT]
        calm = torch.zeros(config.metabolites_total, dtype=torch.bool, device=member.device)
        reached = Reached(~keep.genes[:, MUTANT], lost, calm)
        for _ in range(config.layers):
            reached = reached.further(graph, config)
        return keep, states, reached

    def parts(self, keep: Kept, states: tuple, reached: Reached) -> Float[Tensor, "genes dim"]:
        """What every gene contributes to z_p = z_w - z_i; they add up to it.

        With the gate's weights w and the states x of the wildtype, w' and x' of the mutant,

            z_p = sum_c (w_c (x_c - z_w) - w'_c (x'_c - z_w)) / sum_c w'_c

        over genes c, of which those that are gone have no w', and others that did not move no term.
        """
        x = states.genes
        gate = self.model.pool.gate(x)
        weight = (gate - gate[:, :1].amax(0)).exp()
        weight = torch.where(keep.genes[..., None], weight, 0.0)
        before, after = weight.unbind(1)
        z = (before * x[:, WILDTYPE]).sum(0) / before.sum(0)
        term = before * (x[:, WILDTYPE] - z) - after * (x[:, MUTANT] - z)
        total = after.sum(0)
        return torch.where(reached.genes[:, None], term / (total + (total == 0)), 0.0)
