"""HeteroCell's formulas by loops: node by node, edge by edge, on what a set of deletions leaves."""

import math

import numpy as np
import torch
from torch import Tensor, nn

from zoo.architectures.hetero_cell import model as hetero_cell
from zoo.architectures.hetero_cell.blocks import GATv2, Graph, Incidence

GENES, NODES, METABOLITES = 9, 7, 5
ALONE, JOINT = 8, 0  # a gene without edges; a reaction node of two genes
SIZES = {"genes_total": GENES, "reactions_total": NODES, "metabolites_total": METABOLITES}
FIELDS = SIZES | {"dim": 6, "layers": 2, "heads": 2, "inducing": 4, "pool_heads": 3}

Rows = dict[int, np.ndarray]
Pairs = list[tuple[int, int]]

Sets = list[tuple[int, ...]]


def drawn(seed: int, genes: int, sets: int, least: int, most: int) -> Sets:
    """Sets of different sizes."""
    rng = np.random.default_rng(seed)
    orders = rng.integers(least, most + 1, sets)
    return [tuple(rng.choice(genes, order, replace=False).tolist()) for order in orders]


def made_up(seed: int) -> Graph:
    """A small graph; the last reaction node has no genes, and the last metabolite no reaction."""
    rng = np.random.default_rng(seed)

    def some(first: int, second: int, share: float, fixed: Pairs) -> Tensor:
        drawn = [(i, j) for i in range(first) for j in range(second) if rng.random() < share]
        return torch.tensor(sorted({*drawn, *fixed}), dtype=torch.int64).T

    physical = some(GENES - 1, GENES - 1, 0.15, [(0, 1)])
    stoichiometry = some(METABOLITES - 1, NODES, 0.5, [(0, JOINT)])
    amounts = rng.choice([-24, -2, -1, -0.25, 1, 1, 3], stoichiometry.shape[1])
    return Graph(
        physical=torch.cat([physical, physical.flip(0)], 1).unique(dim=1),
        regulatory=some(GENES - 1, GENES - 1, 0.1, [(2, 3), (4, 4)]),
        gene_reaction=some(GENES - 1, NODES - 1, 0.2, [(0, JOINT), (1, JOINT), (0, 1), (5, 2)]),
        stoichiometry=stoichiometry,
        coefficient=torch.from_numpy(amounts),
        features=torch.from_numpy(rng.normal(size=(GENES, 2))),
    )


def random_model(seed: int = 3, **changed: object) -> hetero_cell.Model:
    """In float64 and in evaluation, every parameter random."""
    generator = torch.Generator().manual_seed(seed)
    model = hetero_cell.Model(hetero_cell.Config(**(FIELDS | changed))).double()
    for tensor in model.state_dict().values():
        drawn = torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
        tensor.copy_(drawn * 0.4)
    return model.eval()


def number(tensor: Tensor) -> np.ndarray:
    return tensor.detach().numpy()


def through(module: nn.Module, x: np.ndarray) -> np.ndarray:
    """Linear, LayerNorm, ReLU and what is made of them, on one vector."""
    if isinstance(module, nn.Sequential):
        for part in module:
            x = through(part, x)
        return x
    if isinstance(module, nn.Linear):
        return number(module.weight) @ x + (0 if module.bias is None else number(module.bias))
    if isinstance(module, nn.LayerNorm):
        scaled = (x - x.mean()) / math.sqrt(x.var() + module.eps)
        return scaled * number(module.weight) + number(module.bias)
    return np.maximum(x, 0) if isinstance(module, nn.ReLU) else x


def leaky(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, 0.2 * x)


def average(terms: list[tuple[float, np.ndarray]], width: int) -> np.ndarray:
    """The sum of exp(score) value / sum exp(score); 0 of nothing."""
    if not terms:
        return np.zeros(width)
    return sum(math.exp(s) * v for s, v in terms) / sum(math.exp(s) for s, _ in terms)


def gat(conv: GATv2, x: Rows, edges: Pairs) -> Rows:
    left = {i: through(conv.lin_l, row).reshape(conv.heads, -1) for i, row in x.items()}
    right = {i: through(conv.lin_r, row).reshape(conv.heads, -1) for i, row in x.items()}
    out = {}
    for target in x:
        heads = []
        for head, a in enumerate(number(conv.att)[0]):
            terms = [
                (float(a @ leaky(left[s][head] + right[t][head])), left[s][head])
                for s, t in edges
                if t == target
            ]
            heads.append(average(terms, len(a)))
        out[target] = np.mean(heads, 0) + number(conv.bias)
    return out


def split(conv: Incidence, x: Rows) -> Rows:
    return {i: through(conv.lin, row).reshape(conv.heads, -1) for i, row in x.items()}


def attend(
    att: np.ndarray, ends: tuple[Rows, Rows], edges: dict[tuple[int, int], float], said: Rows
) -> Rows:
    """What every target hears: the sources' `said`, by scores of both `ends`, amounts signed."""
    sources, targets = ends
    out = {}
    for target, own in targets.items():
        heads = []
        for head, a in enumerate(att):
            terms = []
            for (s, t), amount in edges.items():
                if t == target:
                    score = leaky(a @ np.concatenate([sources[s][head], own[head]]))
                    weight = float(score) + math.log(abs(amount))
                    terms.append((weight, math.copysign(1, amount) * said[s][head]))
            heads.append(average(terms, own.shape[1]))
        out[target] = np.stack(heads)
    return out


def turned(edges: dict[tuple[int, int], float]) -> dict[tuple[int, int], float]:
    return {(t, s): amount for (s, t), amount in edges.items()}


def bipartite(
    conv: nn.Module, sources: Rows, targets: Rows, edges: dict[tuple[int, int], float]
) -> Rows:
    own, other = split(conv.incidence, sources), split(conv.incidence, targets)
    heard = attend(number(conv.incidence.att)[0], (own, other), edges, own)
    return {i: row.ravel() + number(conv.bias) for i, row in heard.items()}


def metabolism(
    conv: nn.Module, metabolites: Rows, reactions: Rows, terms: dict[tuple[int, int], float]
) -> Rows:
    """To the reaction nodes and back; a score is that of (metabolite, node) both times."""
    own, node = split(conv.incidence, metabolites), split(conv.incidence, reactions)
    gated = {i: row / (1 + np.exp(-through(conv.gate, row.ravel()))) for i, row in own.items()}
    att = number(conv.incidence.att)[0]
    net = attend(att, (own, node), terms, gated)
    swapped = np.concatenate([att[:, own[0].shape[1] :], att[:, : own[0].shape[1]]], 1)
    told = attend(swapped, (node, own), turned(terms), net)
    return {i: row.ravel() for i, row in told.items()}


def attention_block(block: nn.Module, x: list[np.ndarray], y: list[np.ndarray]) -> list[np.ndarray]:
    query, key, value = (
        [through(part, row).reshape(block.heads, -1) for row in rows]
        for part, rows in ((block.query, x), (block.key, y), (block.value, y))
    )
    out = []
    for row, q in zip(x, query, strict=True):
        seen = [
            average(
                [
                    (float(q[h] @ k[h]) / math.sqrt(len(q[h])), v[h])
                    for k, v in zip(key, value, strict=True)
                ],
                len(q[h]),
            )
            for h in range(block.heads)
        ]
        changed = row + through(block.out, np.concatenate(seen))
        out.append(changed + np.maximum(through(block.feed, changed), 0))
    return out


def pooled(pool: nn.Module, x: list[np.ndarray]) -> np.ndarray:
    if isinstance(pool, hetero_cell.GatedAttention):
        return average([(through(pool.gate, row).item(), row) for row in x], len(x[0]))
    seen = attention_block(pool.gather, list(number(pool.inducing)[0]), x)
    x = [np.maximum(through(pool.lin, row), 0) for row in attention_block(pool.spread, x, seen)]
    z = attention_block(pool.pool, list(number(pool.seed)[0]), x)
    return attention_block(pool.decode, z, z)[0]


class Naive:
    """The cell without some genes."""

    def __init__(self, model: hetero_cell.Model, graph: Graph, deleted: set[int]):
        self.model, self.config = model, model.config
        needed = graph.gene_reaction.T.tolist()
        dead = {node for gene, node in needed if gene in deleted}
        self.genes = [gene for gene in range(GENES) if gene not in deleted]
        self.nodes = [node for node in range(NODES) if node not in dead]
        self.edges = {
            name: [tuple(e) for e in getattr(graph, name).T.tolist() if not {*e} & deleted]
            for name in ("physical", "regulatory")
        }
        self.entries = {(gene, node): 1.0 for gene, node in needed if node not in dead}
        terms = zip(graph.stoichiometry.T.tolist(), graph.coefficient.tolist(), strict=True)
        self.terms = {(m, node): amount for (m, node), amount in terms if node not in dead}
        self.features = number(graph.features)

    def start(self) -> tuple[Rows, Rows, Rows]:
        nodes, genes = self.model.nodes, {}
        for gene in self.genes:
            x = number(nodes.genes.weight)[gene]
            if self.config.features:
                x = x + through(nodes.features, self.features[gene])
            genes[gene] = through(nodes.mlp, x)
        if not self.config.metabolism:
            return genes, {}, {}
        reactions = {node: number(nodes.reactions.weight)[node] for node in self.nodes}
        return genes, reactions, dict(enumerate(number(nodes.metabolites.weight)))

    def layer(
        self, layer: nn.Module, genes: Rows, reactions: Rows, metabolites: Rows
    ) -> tuple[Rows, Rows, Rows]:
        hyper, c = layer.hyper, self.config
        heard = [
            (name, gat(layer.neighbours, genes, self.edges[name]))
            for name in ("physical", "regulatory")
            if getattr(c, name)
        ]
        to_nodes, to_metabolites = [], []
        if c.metabolism:
            to_nodes = [("gpr", bipartite(hyper["gpr"], genes, reactions, self.entries))]
            told = metabolism(hyper["metabolism"], metabolites, reactions, self.terms)
            to_metabolites = [("metabolism", told)]
        if c.metabolism_to_genes:
            back = bipartite(hyper["catalysed"], reactions, genes, turned(self.entries))
            used = bipartite(hyper["consumed"], metabolites, reactions, self.terms)
            made = bipartite(hyper["produced"], reactions, metabolites, turned(self.terms))
            heard.append(("catalysed", back))
            to_nodes.append(("consumed", used))
            to_metabolites.append(("produced", made))
        return tuple(
            {
                i: sum((through(layer.after[n], rows[i]) for n, rows in all_heard), own)
                for i, own in ((i, x[i] if c.residual else 0 * x[i]) for i in x)
            }
            for x, all_heard in (
                (genes, heard),
                (reactions, to_nodes),
                (metabolites, to_metabolites),
            )
        )

    def states(self) -> list[tuple[Rows, Rows, Rows]]:
        states = [self.start()]
        for layer in self.model.layers:
            states.append(self.layer(layer, *states[-1]))
        return states

    def z(self) -> np.ndarray:
        return pooled(self.model.pool, list(self.states()[-1][0].values()))
