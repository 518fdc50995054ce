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
    "net": ("metabolites", "reactions"),
    "metabolism": ("metabolites", "metabolites"),
    "produced": ("reactions", "metabolites"),
}
"""From where each relation leads, and to where; metabolism leads through the net at reactions."""
EDGES = {"net": "consumed", "metabolism": "produced"}
GRAPHS = ("physical", "regulatory")
CONVS = {**dict.fromkeys(GRAPHS, "graphs"), "net": "metabolism"}
"""Relations that have the edges, or the convolution, of another name."""

Members = Int64[Tensor, "members"]
States = dict[str, Tensor]
Tables = dict[tuple[str, str], tuple[Tensor, ...]]


class Changed(NamedTuple):
    """The nodes of one kind that differ from the wildtype, and the new states of `rows.key`."""

    rows: Rows
    x: Float[Tensor, "keys dim"]


class Depth:
    """One layer: the wildtype's sums of all relations that lead to some kinds of nodes."""

    def __init__(
        self, layer: nn.Module, edges: dict[str, Edges], states: States, wanted: tuple[str, ...]
    ):
        self.layer, self.edges, self.states = layer, edges, states
        self.groups = {k: [n for n in layer.after if ENDS[n][1] == k] for k in wanted}
        names = [name for group in self.groups.values() for name in group]
        self.names = [*(("net",) if "metabolism" in names else ()), *names]
        self.tables, self.sums = self._tables(states), {}
        for name in self.names:
            if name == "metabolism":
                net = self.sums["net"].mean, self.tables["metabolism", "reactions"][2]
                terms = self._back(self.tables, *net)
            else:
                terms = self._terms(name, self.tables)
            self.sums[name] = Sums(edges[EDGES.get(name, name)], terms)
        self.heard = {name: self._heard(name, self.sums[name].mean) for name in names}
        self.next = {
            kind: layer.total([self.heard[name] for name in group], states[kind])
            for kind, group in self.groups.items()
        }

    def change(self, states: dict[str, Changed]) -> dict[str, Changed]:
        """The nodes of those kinds that differ after the layer, from those before it."""
        new = self._tables({kind: each.x for kind, each in states.items()})
        tables = {at: tuple(map(joined, self.tables[at], new[at])) for at in new}
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
        key, net = self._changed("net", tables, states)
        reactions, score = states["reactions"].rows, tables["metabolism", "reactions"][2]
        # A reaction whose net has changed has the score that stands in the slot of its set.
        score = torch.cat([score[: reactions.gone.shape[1]], score[reactions.slot.view(-1)[key]]])
        terms = self._back(tables, joined(self.sums["net"].mean, net), score)
        return self.sums[name].change(terms, Rows.of(key, reactions.gone), targets)

    def _tables(self, states: States) -> Tables:
        """What the convolutions make of every node alone, by their names and the nodes' kinds."""
        at = {(CONVS.get(name, name), kind) for name in self.names for kind in ENDS[name]}
        convs = {"graphs": getattr(self.layer, "neighbours", None), **self.layer.hyper}
        return {(name, kind): sides(convs[name], states[kind]) for name, kind in at}

    def _terms(self, name: str, tables: Tables) -> Terms:
        at = CONVS.get(name, name)
        if at == "graphs":
            left, right = tables["graphs", "genes"]
            score = self.layer.neighbours.scores
            return Terms(left, lambda _, *ends: score(left, right, torch.stack(ends)))
        (value, source, _), (_, _, target) = (tables[at, kind] for kind in ENDS[name])
        return incident(self.edges[EDGES.get(name, name)], value, source, target)

    def _back(self, tables: Tables, net: Tensor, score: Tensor) -> Terms:
        """What metabolites hear of reactions: their net, by the scores that it was made with."""
        target = tables["metabolism", "metabolites"][1]
        return incident(self.edges["produced"], net, score, target)

    def _heard(self, name: str, mean: Float[Tensor, "nodes heads part"]) -> Tensor:
        if name in GRAPHS:
            return self.layer.after[name](mean.mean(1) + self.layer.neighbours.bias)
        return self.layer.after[name](mean.flatten(1) + getattr(self.layer.hyper[name], "bias", 0))


def sides(conv: nn.Module, x: Float[Tensor, "nodes dim"]) -> tuple[Tensor, ...]:
    """What a convolution makes of nodes: of a GATv2 W_l x and W_r x.

    Of an incidence W x, by its gate if it has one, and what W x adds to the score of an edge as its
    source and as its target.
    """
    if isinstance(conv, GATv2):
        return tuple(lin(x).unflatten(-1, (conv.heads, -1)) for lin in (conv.lin_l, conv.lin_r))
    own = conv.incidence.split(x)
    source, target = ((own * part).sum(-1) for part in conv.incidence.att.chunk(2, -1))
    if hasattr(conv, "gate"):
        own = torch.sigmoid(conv.gate(own.flatten(1)))[..., None] * own
    return own, source, target


def incident(edges: Edges, value: Tensor, source: Tensor, target: Tensor) -> Terms:
    """Terms of an incidence: LeakyReLU of what both ends add, and the logarithm of the amount."""

    def score(edge: Tensor, start: Tensor, end: Tensor) -> Tensor:
        return leaky_relu_(source[start] + target[end], SLOPE) + edges.log[edge]

    return Terms(value, score)


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
                kinds |= {*ENDS[name], *(ENDS["net"] if name == "metabolism" else ())}
        wanted.insert(0, tuple(sorted(kinds)))
    return wanted
