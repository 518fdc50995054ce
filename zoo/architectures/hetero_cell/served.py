"""HeteroCell's graph `head`: a frozen model as it is asked for sets of perturbations."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from contracts.sets.kinds import ABSENT
from zoo.architectures._sets import (
    Answers,
    Count,
    Members,
    Orders,
    counted,
    expectation,
    interaction,
)
from zoo.architectures.hetero_cell.blocks import Graph
from zoo.architectures.hetero_cell.deletions import Distinct, Some, Structure, mapped
from zoo.architectures.hetero_cell.removals import Removals

AT_ONCE = 64


class Served(nn.Module):
    """The graph `head` of a frozen model: the wildtype is encoded when this is made.

    What is then asked of a `compact` model costs as much as the neighbours of what is deleted; any
    other one encodes every set over the whole graph. The exported graph of a compact model has in
    it what the wildtype is made of, which is far shorter: no input has a say in it, so that
    onnxruntime encodes it once, when the graph is opened, and keeps that.
    """

    def __init__(self, model: nn.Module, graph: Graph, compact: bool = True):
        super().__init__()
        self.model, self.graph, config = model, graph, model.config
        self.removals = self.table = None
        with torch.no_grad():
            if compact and config.compact:
                self.structure = Structure.of(graph, config)
                self.removals = Removals(model)
                stored = self.removals.stored(self.structure, graph)
                self.stored = mapped(stored, Tensor.detach)
            else:
                self.wildtype = model.wildtype(graph)
                # To hold a compact model against they are made as they are asked for: all of them
                # take minutes.
                if config.members and not config.compact:
                    self.table = self.alone(torch.arange(config.vocabulary))
        names = (config.epsilon_source, config.tau_source)
        self.sources = tuple(config.outputs.index(name or config.outputs[0]) for name in names)

    def change(self, member: Members, segment: Members, sets: Count) -> Float[Tensor, "sets dim"]:
        """z_p of every set."""
        if self.removals is not None:
            stored = self.stored
            if torch.compiler.is_exporting():
                stored = self.removals.stored(self.structure, self.graph)
            return self.removals.change(self.structure, stored, member, segment, sets)
        return self.model.change(self.wildtype, self.graph, member, segment, sets)

    def alone(self, genes: Some) -> Float[Tensor, "some dim"]:
        """z_p of the single deletions of some genes, a few at a time."""
        parts = [self.change(g, torch.arange(len(g)), len(g)) for g in genes.split(AT_ONCE)]
        return torch.cat(parts)

    def _told(self, gene: Members, segment: Members, sets: Count) -> Float[Tensor, "sets width"]:
        """What the head sees; single deletions are encoded along with the sets, each once."""
        model = self.model
        if self.table is not None or not model.config.members:
            alone = None if self.table is None else self.table[gene]
            return model.told(self.change(gene, segment, sets), alone, segment)
        own = Distinct.of(torch.zeros_like(gene), gene, 1, model.config.genes_total)
        count = own.node.shape[0]
        alone = sets + torch.arange(count, device=gene.device)
        everything = torch.cat([gene, own.node]), torch.cat([segment, alone])
        z = self.change(*everything, sets + count)
        return model.told(z[:sets], z[sets:][own.place], segment)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Served":
        """Move what was computed of the wildtype along with the weights."""
        super()._apply(fn, recurse)
        for name in ("graph", "structure", "stored", "wildtype", "table"):
            if hasattr(self, name):
                setattr(self, name, mapped(getattr(self, name), fn))
        return self

    def forward(
        self,
        member: Members,
        kind: Members,
        set: Members,  # noqa: A002
        order: Orders,
    ) -> Answers:
        """gene_interaction, by the number of deletions in a set, and expectation."""
        model, sets = self.model, order.shape[0]
        absent = (kind == ABSENT).nonzero()[:, 0]
        gene, segment = member[absent], set[absent]
        outputs = model.head(self._told(gene, segment, sets))
        deletions = counted(kind == ABSENT, set, order)
        expected = expectation(model.single_fitness[member], kind, set, order)
        return interaction(outputs, model.source_scale, deletions, self.sources), expected
