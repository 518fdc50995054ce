"""HeteroCell's third way to encode a mutant: the wildtype, stored, and corrected layer by layer.

Layer by layer a set has some rows that are not the wildtype's: those whose sums lost or gained a
term, or whose own state is new. Only they go through the norms and, in the next layer, through the
linear maps. What cannot reach a gene of the last layer is neither stored nor corrected: without a
relation that leads back to genes that is all of metabolism.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from incremental.pools import POOLS
from incremental.relations import (
    ENDS,
    Changed,
    Exchange,
    Found,
    Half,
    Neighbours,
)
from incremental.sums import Edges, Rows, joined
from zoo.architectures.hetero_cell.blocks import Graph, living

LISTED = 2**22
"""Edges of all sets that are done at once; each takes some hundred bytes if it has changed."""


class Depth:
    """One layer: the wildtype's sums of all relations that lead to some kinds of nodes."""

    def __init__(
        self,
        layer: nn.Module,
        edges: dict[str, Edges],
        states: dict[str, Tensor],
        wanted: tuple[str, ...],
    ):
        self.layer, self.states = layer, states
        self.groups = {
            kind: [
                *(self._shared(edges) if kind == "genes" else ()),
                *(self._alone(n, edges) for n in layer.hyper if ENDS[n][1] == kind),
            ]
            for kind in wanted
        }
        self.next = {
            kind: layer.total([x for group in groups for x in group.heard.values()], states[kind])
            for kind, groups in self.groups.items()
        }

    def change(self, states: dict[str, Changed]) -> dict[str, Changed]:
        """The nodes of those kinds that differ after the layer, from those before it."""
        return {kind: self._one(kind, states) for kind in self.groups}

    def _shared(self, edges: dict[str, Edges]) -> Iterator[Neighbours]:
        after = {n: self.layer.after[n] for n in ("physical", "regulatory") if n in edges}
        if after:
            yield Neighbours(self.layer.neighbours, after, edges, self.states["genes"])

    def _alone(self, name: str, edges: dict[str, Edges]) -> "Half | Exchange":
        modules = name, self.layer.hyper[name], self.layer.after[name]
        if name == "metabolism":
            both = edges["consumed"], edges["produced"]
            return Exchange(*modules, both, self.states)
        return Half(*modules, edges[name], self.states)

    def _one(self, kind: str, states: dict[str, Changed]) -> Changed:
        rows, before = states[kind]
        found: Found = {}
        for group in self.groups[kind]:
            found.update(group.change(states))
        touched = torch.zeros_like(rows.moved).view(-1)
        for key, _ in found.values():
            touched[key] = True
        if self.layer.config.residual:
            touched[rows.key] = True
        key = touched.nonzero()[:, 0]
        node, place = key % rows.nodes, torch.empty_like(rows.slot).view(-1)
        place[key] = torch.arange(len(key), device=key.device)
        heard = []
        for group in self.groups[kind]:
            for name, stored in group.heard.items():
                heard.append(stored[node])
                heard[-1][place[found[name][0]]] = found[name][1]
        former = joined(self.states[kind], before)[rows.slot.view(-1)[key]]
        x = self.layer.total(heard, former)
        return Changed(Rows.of(key, rows.gone), x)


class Stored:
    """The wildtype with all sums of its layers and of its pool, for one state of the weights.

    Raises RuntimeError while the model is in training, where states differ from call to call.
    """

    @torch.no_grad()
    def __init__(self, model: nn.Module, graph: Graph):
        config = model.config
        self.model = self._settled(model)
        self.graph, self.sizes = graph, model.sizes(graph)
        self.edges = edges = arranged(graph, config)
        self.listed = sum(len(each.source) for each in edges.values())
        states = {k: x[:, 0] for k, x in model.nodes(graph)._asdict().items()}
        self.start, self.layers = states, []
        for layer, wanted in zip(model.layers, needed(model.layers), strict=True):
            self.layers.append(Depth(layer, edges, states, wanted))
            states = self.layers[-1].next
        self.pool = POOLS[config.pool](model.pool, states["genes"])

    @torch.no_grad()
    def change(
        self,
        member: Int64[Tensor, "members"],
        segment: Int64[Tensor, "members"],
        sets: int,
    ) -> Float[Tensor, "sets dim"]:
        """z_p of every set; 0 for one without members."""
        self._settled(self.model)
        step = max(LISTED // max(self.listed, 1), 1)
        z = [self.pool.z.new_zeros(0, len(self.pool.z))]
        for first in range(0, sets, step):
            some = (segment >= first) & (segment < first + step)
            z.append(self._some(member[some], segment[some] - first, min(step, sets - first)))
        return torch.cat(z)

    @staticmethod
    def _settled(model: nn.Module) -> nn.Module:
        if model.training:
            raise RuntimeError("the model is in training; call its eval() before increments")
        return model

    @torch.no_grad()
    def depths(
        self, member: Int64[Tensor, "members"], segment: Int64[Tensor, "members"], sets: int
    ) -> list[dict[str, Changed]]:
        """What differs before the first layer and after every one, of some dozens of sets."""
        genes, reactions = living(self.graph, member, segment, sets, self.sizes)
        metabolites = genes.new_ones(len(self.start["metabolites"]), sets)
        alive = {"genes": genes, "reactions": reactions, "metabolites": metabolites}
        states = [
            {
                kind: Changed(Rows.of(member.new_zeros(0), (~alive[kind].T).contiguous()), x[:0])
                for kind, x in self.start.items()
            }
        ]
        for layer in self.layers:
            states.append(layer.change(states[-1]))
        return states

    def _some(
        self, member: Int64[Tensor, "members"], segment: Int64[Tensor, "members"], sets: int
    ) -> Float[Tensor, "sets dim"]:
        z = self.pool.change(*self.depths(member, segment, sets)[-1]["genes"])
        changed = torch.zeros(sets, 1, dtype=torch.bool, device=z.device)
        changed[segment] = True
        return torch.where(changed, self.pool.z - z, 0.0)


def arranged(graph: Graph, config: object) -> dict[str, Edges]:
    """The edges of every relation, each by where it leads."""
    edges = {
        name: Edges.of(getattr(graph, name), config.genes_total)
        for name in ("physical", "regulatory")
        if getattr(config, name)
    }
    if config.metabolism:
        entries, terms, amount = graph.gene_reaction, graph.stoichiometry, graph.coefficient
        reactions, metabolites = config.reactions_total, config.metabolites_total
        edges["gpr"] = Edges.of(entries, reactions)
        edges["catalysed"] = Edges.of(entries.flip(0), config.genes_total)
        edges["consumed"] = Edges.of(terms, reactions, amount)
        edges["produced"] = Edges.of(terms.flip(0), metabolites, amount)
    return edges


def needed(layers: nn.ModuleList) -> list[tuple[str, ...]]:
    """The kinds of nodes that each layer must tell, so that the last one can tell genes."""
    wanted = [("genes",)]
    for layer in [*layers][:0:-1]:
        kinds = set(wanted[0])
        for name in layer.after:
            if ENDS[name][1] in wanted[0]:
                kinds |= {*ENDS[name], *(("reactions",) if name == "metabolism" else ())}
        wanted.insert(0, tuple(sorted(kinds)))
    return wanted
