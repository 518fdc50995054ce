"""Perturbation sets (perturbation and its kin) on the way to an entry.

Where the cell is encoded, every lane encodes it itself and puts it beside what `head` is asked;
what ships in the state is the cell as the shipped graph gives it on the CPU.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file
from torch import nn

from contracts import tasks
from contracts.manifest import Manifest
from contracts.tensors import Contract
from export.family import Arrays, Case, Family, Figures, Sizes, add_to_state
from export.lanes import Run, onnx_lane, torch_lane
from export.perturbations.parity import PerturbationProbe
from export.sets import edge_sets, random_sets, with_segments
from zoo.entry import STATE

MEMBERS_LIMIT = 64
"""Largest set of an entry that says nothing else."""
SMALLEST_EXAMPLE = 5
RANDOM, SMALL = 256, 16
EXPLAINED = 6
"""Sets that are explained in every lane, each over the whole graph."""


class Perturbations(Family):
    """Ragged sets of genes with kinds, and a cell that may be encoded once."""

    samples = "sets.safetensors"

    def sizes(self, run: dict[str, Any], model: nn.Module) -> dict[str, int]:
        """Genes and the largest set; of an encoded cell tokens, features and widths.

        Where a set can be explained, reactions and metabolites.
        """
        sizes = {"members_limit": MEMBERS_LIMIT} | run["sizes"]
        names = ["genes_total", "members_limit"]
        if "encode" in model.graphs():
            sizes |= {name: run["config"][name] for name in ("dim", "key_dim", "value_dim")}
            names += ["tokens_total", "features", "dim", "key_dim", "value_dim"]
        if "explain" in model.graphs():
            more = ["reactions_total", "metabolites_total"]
            sizes |= {name: run["config"][name] for name in more}
            names += more
        return {name: sizes[name] for name in names}

    def example(self, contract: Contract, sizes: Sizes) -> Arrays:
        """A few sets, and a cell of a few genes.

        No axis that varies has the length of a fixed one, or of another: the exporter would take
        the two for the same.
        """
        taken = {*sizes.values()}
        free = (n for n in range(SMALLEST_EXAMPLE, SMALLEST_EXAMPLE + len(taken) + 3))
        sets, members, genes = [n for n in free if n not in taken][:3]
        order = np.bincount(np.arange(members) % sets)
        member = np.concatenate([np.arange(count) for count in order])
        asked = with_segments(member, np.zeros(members, np.int64), order)
        if not any(tensor.name == "set" for tensor in contract.inputs):
            asked["member"] = np.arange(members)  # of one set
        length = {"genes": genes} | sizes
        shapes = {t.name: tuple(length.get(a.name, 0) for a in t.axes) for t in contract.inputs}
        return {
            t.name: asked[t.name] if t.name in asked else np.zeros(shapes[t.name], t.dtype)
            for t in contract.inputs
        }

    def fed(self, task: str, run: Run, folder: Path) -> Run:
        """A lane whose head has the cell that the lane's own encoder gives."""
        carried = [tensor.name for tensor in tasks.get(task).contracts["head"].carried]
        if not carried:
            return run
        encoded = _encode(run, folder)
        cell = {name: encoded[name] for name in carried}
        return lambda role, inputs: run(role, inputs | cell if role == "head" else inputs)

    def complete(self, model: nn.Module, folder: Path, manifest: Manifest) -> None:
        """Add the encoded cell, as the shipped graph gives it."""
        if "encode" in manifest.graphs:
            add_to_state(folder, _encode(onnx_lane(folder, manifest, "cpu"), folder))

    def golden(self, roles: Collection[str], sizes: Sizes, source: Path) -> Iterator[Case]:
        """For the head `random`, `real` (validation sets of the run, without labels) and `edge`.

        The encoder has the case `small`, a cell of a few genes, the last of them new: all of the
        genes are in the state. What is explained is the wildtype, the gene that training knows
        best, and a large set of the run.
        """
        state, real = load_file(source / STATE), load_file(source / self.samples)
        rng = np.random.default_rng(0)
        yield Case("head", "random", random_sets(rng, RANDOM, sizes))
        columns = (real[name].astype(np.int64) for name in ("member", "kind", "order"))
        yield Case("head", "real", with_segments(*columns))
        yield Case("head", "edge", edge_sets(state["gene_records"], sizes))
        if "encode" in roles:
            token = np.r_[np.arange(min(SMALL, sizes["genes_total"])), sizes["tokens_total"] - 1]
            known = state["features"].astype(np.float32)
            features = np.concatenate([known[token[:-1]], known[:1]])
            yield Case("encode", "small", {"token": token, "features": features})
        if "explain" in roles:
            best = np.argmax(state["gene_records"])
            ends = np.cumsum(real["order"])
            largest = slice(*(ends[np.argmax(real["order"])] - [real["order"].max(), 0]))
            sets = {"wildtype": [], "best": [best], "real": real["member"][largest]}
            for name, member in sets.items():
                yield Case("explain", name, {"member": np.array(member, np.int64)})

    def probe(self, task: str, sizes: Sizes) -> PerturbationProbe:
        """Batches of random sets, genes against all their partners, and sets to explain."""
        explained = EXPLAINED if "explain" in tasks.get(task).graphs else 0
        return PerturbationProbe.draw(sizes, explained=explained)

    def algebra(
        self, model: nn.Module, task: str, folder: Path, run: Run, probe: PerturbationProbe
    ) -> dict[str, Figures]:
        """The head against its naive form, where the architecture has one."""
        if not hasattr(model, "naive"):
            return {}
        naive = self.fed(task, torch_lane(model, task, torch.float64, naive=True), folder)
        return {"naive_f64": probe.compare_naive("naive_f64", run, naive)}


def _encode(run: Run, folder: Path) -> Arrays:
    """The cell of all genes that the entry knows."""
    features = load_file(folder / STATE)["features"].astype(np.float32)
    return run("encode", {"token": np.arange(len(features)), "features": features})


FAMILY = Perturbations()
