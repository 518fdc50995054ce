"""A cell without two genes, encoded in every way that HeteroCell has, and on parts of its graph.

Run it with `make bench` or `python benchmarks/perturbed_encoding.py`; it reads the graph of yeast
in ZOO_DATA, and without it says so and measures nothing. `--grow` adds random genes and edges up to
the size of the published design's graph. All on one thread. The three exact ways must agree.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import torch
import typer
from encoded_alone import full, remaining
from incremental.stored import ENDS, Stored
from jaxtyping import Bool, Int64
from measure import alternate, apart
from page import save
from torch import Tensor

from training.data import yeast
from training.data.cell_graph import cell_graph
from training.data.files import DataFiles
from zoo.architectures.hetero_cell.blocks import Graph, Kept, kept
from zoo.architectures.hetero_cell.model import Config, Model, Wildtype

PUBLISHED = {"genes": 6607, "physical": 144_211, "regulatory": 16_095}
CELLS = (("published", 1), ("published", 2), ("published", 3), ("metabolism to genes", 2))
EXACT = ("full", "batched, all at once", "incremental", "incremental, all at once")
PARTS = {"perturbed genes only": 0, "1 hop": 1, "2 hops": 2, "3 hops": 3}
PAIRS, AT_ONCE, AGREES = 8, 8, 1e-5
MEASURED_DEPTH = 2  # memory hardly depends on it


class Cell(NamedTuple):
    """A graph and its numbers of nodes; the first `measured` genes have been deleted in screens."""

    graph: Graph
    genes: int
    reactions: int
    metabolites: int
    measured: int

    @classmethod
    def yeast(cls, folder: Path) -> "Cell":
        """That of the yeast files."""
        files = DataFiles.find(folder)
        found = cell_graph(yeast.load(files), files)
        names = ("physical", "regulatory", "gene_reaction", "stoichiometry")
        graph = Graph(
            *(torch.from_numpy(getattr(found, name)) for name in names),
            torch.from_numpy(found.coefficient).float(),
        )
        counts = len(found.genes), len(found.reaction_nodes), len(found.metabolites)
        return cls(graph, *counts, found.in_vocabulary)

    def grown(self, seed: int = 0) -> "Cell":
        """With random genes and edges up to the published size, physical ones both ways."""
        rng, genes = np.random.default_rng(seed), max(self.genes, PUBLISHED["genes"])
        edges = {}
        for name in ("physical", "regulatory"):
            given = getattr(self.graph, name)
            lacking = max(PUBLISHED[name] - given.shape[1], 0)
            drawn = torch.from_numpy(rng.integers(0, genes, (2, lacking)))
            if name == "physical":
                drawn = torch.cat([drawn[:, ::2], drawn[:, ::2].flip(0)], 1)[:, :lacking]
            edges[name] = torch.cat([given, drawn], 1)
        return self._replace(graph=self.graph._replace(**edges), genes=genes)

    def model(self, design: str, depth: int, **changed: object) -> Model:
        """A random model of one of the designs in CELLS."""
        torch.manual_seed(0)
        sizes = {f"{kind}_total": getattr(self, kind) for kind in self._fields[1:4]}
        back = design == "metabolism to genes"
        return Model(Config(**sizes, layers=depth, metabolism_to_genes=back, **changed)).eval()

    def within(self, members: Int64[Tensor, "members"], hops: int) -> Bool[Tensor, "genes"]:
        """The genes at so many steps from the members, in either direction of an edge."""
        inside = torch.zeros(self.genes, dtype=torch.bool)
        inside[members] = True
        edges = torch.cat([self.graph.physical, self.graph.regulatory], 1)
        for _ in range(hops):
            reached = inside[edges].any(0)
            inside[edges[:, reached].flatten()] = True
        return inside

    def part(self, members: Int64[Tensor, "members"], hops: int) -> tuple[Graph, Tensor]:
        """What is left around the members, and its reactions; no hops are the members alone."""
        inside = self.within(members, hops)
        if hops:
            inside[members] = False
        outside = (~inside).nonzero()[:, 0]
        sizes = self.genes, self.reactions
        return remaining(self.graph, kept(self.graph, outside, torch.zeros_like(outside), 1, sizes))


class Ways:
    """All ways to encode some pairs."""

    def __init__(self, cell: Cell, model: Model, pairs: Int64[Tensor, "pairs 2"]):
        self.cell, self.model, self.pairs = cell, model, pairs

    @cached_property
    def stored(self) -> Stored:
        """What increments start from; made on first use, for the memory of the other ways."""
        return Stored(self.model, self.cell.graph)

    @cached_property
    def wildtype(self) -> Wildtype:
        """The cell without deletions."""
        return self.model.wildtype(self.cell.graph)

    def run(self, way: str) -> Callable[[], Tensor]:
        """z_p of all pairs by an exact way, or z on a part of the graph."""
        if way in PARTS:
            return lambda: torch.stack([self.on_part(pair, PARTS[way]) for pair in self.pairs])
        if way == "full":
            return lambda: self.wildtype.z - torch.stack([*map(self.full, self.pairs)])
        if way.startswith("batched"):
            return lambda: torch.cat([*map(self.batched, self.pairs.split(AT_ONCE))])
        step = len(self.pairs) if way.endswith("all at once") else 1
        return lambda: torch.cat([*map(self.incremental, self.pairs.split(step))])

    def full(self, pair: Int64[Tensor, "2"]) -> Tensor:
        """The graph without two genes."""
        return full(self.model, self.cell.graph, pair)

    def batched(self, pairs: Int64[Tensor, "pairs 2"]) -> Tensor:
        """The whole graph with masks."""
        return self.model.change(self.wildtype, self.cell.graph, *flat(pairs))

    def incremental(self, pairs: Int64[Tensor, "pairs 2"]) -> Tensor:
        """The wildtype, corrected."""
        return self.stored.change(*flat(pairs))

    def on_part(self, pair: Int64[Tensor, "2"], hops: int) -> Tensor:
        """What the pool makes of the genes around two."""
        smaller, reactions = self.cell.part(pair, hops)
        start = self.model.nodes(smaller, reactions)
        return self.model.pool(self.model.encode(start, smaller, Kept())[-1].genes)[0]

    def size(self, way: str) -> tuple[float, float]:
        """Nodes and edges that a set takes in one layer, the mean of sets and of layers."""
        cell, graph = self.cell, self.cell.graph
        if way in PARTS:
            found = [cell.part(pair, PARTS[way]) for pair in self.pairs]
            nodes = [len(part.present) + len(left) + cell.metabolites for part, left in found]
            edges = [joints(part) for part, _ in found]
        elif way.startswith("incremental"):
            nodes, edges = zip(*(self._changed(pair[None]) for pair in self.pairs), strict=True)
        else:
            return sum(cell[1:4]), joints(graph)
        return float(np.mean(nodes)), float(np.mean(edges))

    def _changed(self, pairs: Int64[Tensor, "pairs 2"]) -> tuple[float, float]:
        """Nodes that get a new state, and edges that lose or change a term of theirs."""
        states, nodes, edges = self.stored.depths(*flat(pairs)), 0, 0
        for before, after, depth in zip(states, states[1:], self.stored.layers, strict=False):
            nodes += sum(len(changed.rows.key) for changed in after.values())
            for name, each in self.stored.edges.items():
                if name in depth.layer.after and ENDS[name][1] in depth.groups:
                    moved = before[ENDS[name][0]].rows.moved
                    edges += int(moved[:, each.source].sum())
        return nodes / len(self.stored.layers), edges / len(self.stored.layers)


def joints(graph: Graph) -> int:
    """All edges, entries and terms."""
    return sum(edges.shape[1] for edges in graph[:4])


def flat(pairs: Int64[Tensor, "pairs 2"]) -> tuple[Tensor, Tensor, int]:
    """Members of all pairs, the pair of each, and how many there are."""
    return pairs.flatten(), torch.arange(len(pairs)).repeat_interleave(2), len(pairs)


def drawn(cell: Cell, pairs: int = PAIRS) -> Int64[Tensor, "pairs 2"]:
    """Pairs of different genes, of those that screens delete."""
    rng = np.random.default_rng(0)
    found = [rng.choice(cell.measured, 2, replace=False) for _ in range(pairs)]
    return torch.from_numpy(np.stack(found))


def hubs(cell: Cell) -> Int64[Tensor, "1 2"]:
    """The two genes with the most edges."""
    edges = torch.cat([cell.graph.physical, cell.graph.regulatory], 1)
    return edges.flatten().bincount(minlength=cell.genes).topk(2).indices[None]


@torch.no_grad()
def once(path: str, way: str, design: str, depth: int) -> dict[str, Any]:
    """One way in a process of its own, for its peak memory."""
    torch.set_num_threads(1)
    with np.load(path) as found:
        *edges, sizes = (torch.from_numpy(found[name]) for name in (*Graph._fields[:5], "sizes"))
    cell = Cell(Graph(*edges), *sizes.tolist())
    Ways(cell, cell.model(design, depth), drawn(cell)).run(way)()
    return {}


def peak(cell: Cell, way: str, design: str, depth: int) -> int:
    """Megabytes of a process that encodes the pairs, with its imports."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cell.npz")
        arrays = {name: getattr(cell.graph, name).numpy() for name in Graph._fields[:5]}
        np.savez(path, sizes=np.array(cell[1:]), **arrays)
        return apart(once, str(path), way, design, depth)["peak_megabytes"]


def compared(cell: Cell, design: str, depth: int, seconds: float) -> dict:
    """Every way for one model, and how far the exact ones are from `full`."""
    model = cell.model(design, depth)
    ways, hub = Ways(cell, model, drawn(cell)), Ways(cell, model, hubs(cell))
    names = (*EXACT, *PARTS)
    engines = {name: ways.run(name) for name in names}
    sets = dict.fromkeys(engines, PAIRS)
    for name in ("full", "incremental"):
        engines[f"{name}, hubs"], sets[f"{name}, hubs"] = hub.run(name), 1
    if design == "published":
        # Metabolism cannot reach the outputs of this design, and increments leave it out.
        lean = cell.model(design, depth, metabolism=False)
        lean.load_state_dict(model.state_dict(), strict=False)
        engines["full, no metabolism"] = Ways(cell, lean, ways.pairs).run("full")
        sets["full, no metabolism"] = PAIRS
    truth, scale = ways.run("full")(), float(ways.wildtype.z.abs().max())
    apart = max(float((ways.run(name)() - truth).abs().max()) for name in EXACT) / scale
    if not apart <= AGREES:
        sys.exit(f"The ways differ by {apart:.2g} of z, more than {AGREES:g}.")
    spent = alternate(engines, seconds)
    rows = []
    for name, taken in spent.items():
        row = {"way": name, "sets_a_second": sets[name] / taken}
        if name in names:
            row["nodes"], row["edges"] = ways.size(name)
            if depth == MEASURED_DEPTH:
                row["peak_megabytes"] = peak(cell, name, design, depth)
        base = "full, hubs" if "hubs" in name else "full"
        row["to_full"] = row["sets_a_second"] * spent[base] / sets[base]
        rows.append(row)
    return {"design": design, "depth": depth, "rows": rows, "apart": apart}


@torch.no_grad()
def main(
    grow: Annotated[bool, typer.Option(help="Up to the published size.")] = False,
    seconds: float = 20.0,
) -> None:
    """Measure, print a table, write results/perturbed_encoding.json."""
    if not os.environ.get("ZOO_DATA"):
        print("ZOO_DATA is not set: the encodings were not measured, its results stay.")
        return
    torch.set_num_threads(1)
    cell = Cell.yeast(Path(os.environ["ZOO_DATA"]))
    cell = cell.grown() if grow else cell
    sizes = dict(zip(cell._fields[1:], cell[1:], strict=True))
    sizes |= {name: getattr(cell.graph, name).shape[1] for name in Graph._fields[:4]}
    found = [compared(cell, design, depth, seconds) for design, depth in CELLS]
    save("perturbed_encoding", {"cell": sizes, "torch": torch.__version__, "models": found})


if __name__ == "__main__":
    typer.run(main)
