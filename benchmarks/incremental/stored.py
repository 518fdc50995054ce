"""HeteroCell's third way to encode a mutant: the wildtype, stored, and corrected layer by layer.

Layer by layer a set has some rows that are not the wildtype's: those whose sums lost or gained a
term, or whose own state is new. Only they go through the norms and, in the next layer, through the
linear maps. What cannot reach a gene of the last layer is neither stored nor corrected: without a
relation that leads back to genes that is all of metabolism.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import leaky_relu_

from incremental.pools import POOLS
from incremental.sums import Edges, Keys, Rows, Sums, Terms, joined
from zoo.architectures.hetero_cell.blocks import SLOPE, GATv2, Graph, living

LISTED = 2**22
"""Edges of all sets that are done at once; each takes some hundred bytes if it has changed."""
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
GRAPHS = ("physical", "regulatory")

Members = Int64[Tensor, "members"]
Tables = dict[tuple[str, str], tuple[Tensor, ...]]


class Changed(NamedTuple):
    """The nodes of one kind that differ from the wildtype, and the new states of `rows.key`."""

    rows: Rows
    x: Float[Tensor, "keys dim"]


class Depth:
    """One layer: the wildtype's sums of all relations that lead to some kinds of nodes."""

    def __init__(
        self,
        layer: nn.Module,
        edges: dict[str, Edges],
        states: dict[str, Tensor],
        wanted: tuple[str, ...],
    ):
        self.layer, self.edges, self.states = layer, edges, states
        self.groups = {k: [n for n in layer.after if ENDS[n][1] == k] for k in wanted}
        self.names = [name for names in self.groups.values() for name in names]
        self.tables, self.sums, self.heard = self._tables(states), {}, {}
        for name in self.names:
            if name == "metabolism":
                self.sums["net"] = Sums(edges["consumed"], self._net(self.tables))
                terms = self._back(self.tables, self.sums["net"].mean, slice(None))
                self.sums[name] = Sums(edges["produced"], terms)
            else:
                self.sums[name] = Sums(edges[name], self._terms(name, self.tables))
            self.heard[name] = self._heard(name, self.sums[name].mean)
        self.next = {
            kind: layer.total([self.heard[name] for name in names], states[kind])
            for kind, names in self.groups.items()
        }

    def change(self, states: dict[str, Changed]) -> dict[str, Changed]:
        """The nodes of those kinds that differ after the layer, from those before it."""
        new = self._tables({kind: each.x for kind, each in states.items()})
        tables = {at: (*map(joined, self.tables[at], new[at]),) for at in new}
        return {kind: self._one(kind, tables, states) for kind in self.groups}

    def _one(self, kind: str, tables: Tables, states: dict[str, Changed]) -> Changed:
        rows, before = states[kind]
        found = {name: self._changed(name, tables, states) for name in self.groups[kind]}
        touched = torch.zeros_like(rows.moved).view(-1)
        for key, _ in found.values():
            touched[key] = True
        if self.layer.config.residual:
            touched[rows.key] = True
        key = touched.nonzero()[:, 0]
        place, heard = torch.empty_like(rows.slot).view(-1), []
        place[key] = torch.arange(len(key), device=key.device)
        for name, (own, mean) in found.items():
            heard.append(self.heard[name][key % rows.gone.shape[1]])
            heard[-1][place[own]] = self._heard(name, mean)
        former = joined(self.states[kind], before)[rows.slot.view(-1)[key]]
        return Changed(Rows.of(key, rows.gone), self.layer.total(heard, former))

    def _changed(
        self, name: str, tables: Tables, states: dict[str, Changed]
    ) -> tuple[Keys, Tensor]:
        """Who hears anything else over a relation, and the new means."""
        sources, targets = (states[kind].rows for kind in ENDS[name])
        if name != "metabolism":
            return self.sums[name].change(self._terms(name, tables), sources, targets)
        reactions = states["reactions"].rows
        key, net = self.sums["net"].change(self._net(tables), sources, reactions)
        net = joined(self.sums["net"].mean, net)
        # Of reactions whose net has changed the score is looked up where that of their set stands.
        slot = torch.arange(reactions.gone.shape[1], device=key.device)
        terms = self._back(tables, net, joined(slot, reactions.slot.view(-1)[key]))
        return self.sums[name].change(terms, Rows.of(key, reactions.gone), targets)

    def _tables(self, states: dict[str, Tensor]) -> Tables:
        """What the convolutions make of every node alone, by their names and the nodes' kinds."""
        found: Tables = {}
        for name in self.names:
            conv = self.layer.neighbours if name in GRAPHS else self.layer.hyper[name]
            for kind in (*ENDS[name], *(("reactions",) if name == "metabolism" else ())):
                at = ("graphs" if name in GRAPHS else name), kind
                found[at] = found.get(at) or sides(conv, states[kind])
        return found

    def _terms(self, name: str, tables: Tables) -> Terms:
        if name in GRAPHS:
            left, right = tables["graphs", "genes"]
            score = self.layer.neighbours.scores
            return Terms(left, lambda _, *ends: score(left, right, torch.stack(ends)))
        (value, source, *_), (_, _, target, *_) = (tables[name, kind] for kind in ENDS[name])
        return Terms(value, incident(self.edges[name], source, target))

    def _net(self, tables: Tables) -> Terms:
        """What reactions hear of their metabolites: those are gated."""
        _, source, _, gated = tables["metabolism", "metabolites"]
        target = tables["metabolism", "reactions"][2]
        return Terms(gated, incident(self.edges["consumed"], source, target))

    def _back(self, tables: Tables, net: Tensor, slot: Tensor | slice) -> Terms:
        """What metabolites hear of their reactions, by the scores that these had of them."""
        target = tables["metabolism", "metabolites"][1]
        source = tables["metabolism", "reactions"][2][slot]
        return Terms(net, incident(self.edges["produced"], source, target))

    def _heard(self, name: str, mean: Float[Tensor, "nodes heads part"]) -> Tensor:
        if name in GRAPHS:
            return self.layer.after[name](mean.mean(1) + self.layer.neighbours.bias)
        return self.layer.after[name](mean.flatten(1) + getattr(self.layer.hyper[name], "bias", 0))


def sides(conv: nn.Module, x: Float[Tensor, "nodes dim"]) -> tuple[Tensor, ...]:
    """W_l x and W_r x of a GATv2.

    Of an incidence W x, what it adds to a score as a source and as a target, and W x by its gate.
    """
    if isinstance(conv, GATv2):
        return tuple(lin(x).unflatten(-1, (conv.heads, -1)) for lin in (conv.lin_l, conv.lin_r))
    own = conv.incidence.split(x)
    source, target = ((own * part).sum(-1) for part in conv.incidence.att.chunk(2, -1))
    if not hasattr(conv, "gate"):
        return own, source, target
    return own, source, target, torch.sigmoid(conv.gate(own.flatten(1)))[..., None] * own


def incident(edges: Edges, source: Tensor, target: Tensor):
    """The score of an edge: LeakyReLU of what both ends add, and the logarithm of the amount."""
    return lambda edge, start, end: (
        leaky_relu_(source[start] + target[end], SLOPE) + edges.log[edge]
    )


class Stored:
    """The wildtype with all sums of its layers and of its pool, for one state of the weights.

    Raises RuntimeError while the model is in training, where states differ from call to call.
    """

    @torch.no_grad()
    def __init__(self, model: nn.Module, graph: Graph):
        self.model, self.graph, self.sizes = settled(model), graph, model.sizes(graph)
        self.edges = edges = arranged(graph, model.config)
        self.listed = sum(len(each.source) for each in edges.values())
        states = {k: x[:, 0] for k, x in model.nodes(graph)._asdict().items()}
        self.layers: list[Depth] = []
        for layer, wanted in zip(model.layers, needed(model.layers), strict=True):
            self.layers.append(Depth(layer, edges, states, wanted))
            states = self.layers[-1].next
        self.pool = POOLS[model.config.pool](model.pool, states["genes"])

    @torch.no_grad()
    def change(self, member: Members, segment: Members, sets: int) -> Float[Tensor, "sets dim"]:
        """z_p of every set; 0 for one without members."""
        settled(self.model)
        step = max(LISTED // max(self.listed, 1), 1)
        z = [self.pool.z.new_zeros(0, len(self.pool.z))]
        for first in range(0, sets, step):
            some = (segment >= first) & (segment < first + step)
            z.append(self._some(member[some], segment[some] - first, min(step, sets - first)))
        return torch.cat(z)

    @torch.no_grad()
    def depths(self, member: Members, segment: Members, sets: int) -> list[dict[str, Changed]]:
        """What differs before the first layer and after every one, of some dozens of sets."""
        start = self.layers[0].states
        genes, reactions = living(self.graph, member, segment, sets, self.sizes)
        alive = {"genes": genes, "reactions": reactions}
        alive["metabolites"] = genes.new_ones(len(start["metabolites"]), sets)
        none = member.new_zeros(0)
        states = [
            {k: Changed(Rows.of(none, ~alive[k].T.contiguous()), x[:0]) for k, x in start.items()}
        ]
        for layer in self.layers:
            states.append(layer.change(states[-1]))
        return states

    def _some(self, member: Members, segment: Members, sets: int) -> Float[Tensor, "sets dim"]:
        z = self.pool.change(*self.depths(member, segment, sets)[-1]["genes"])
        changed = torch.zeros(sets, 1, dtype=torch.bool, device=z.device)
        changed[segment] = True
        return torch.where(changed, self.pool.z - z, 0.0)


def settled(model: nn.Module) -> nn.Module:
    """The model, in evaluation."""
    if model.training:
        raise RuntimeError("the model is in training; call its eval() before increments")
    return model


def arranged(graph: Graph, config: object) -> dict[str, Edges]:
    """The edges of every relation, each by where it leads."""
    genes = config.genes_total
    edges = {n: Edges.of(getattr(graph, n), genes) for n in GRAPHS if getattr(config, n)}
    if config.metabolism:
        entries, terms, amount = graph.gene_reaction, graph.stoichiometry, graph.coefficient
        reactions, metabolites = config.reactions_total, config.metabolites_total
        edges["gpr"] = Edges.of(entries, reactions)
        edges["catalysed"] = Edges.of(entries.flip(0), genes)
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
