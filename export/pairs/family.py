"""Regulator-gene pairs (pair_score, pair_embed) on the way to an entry."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64
from safetensors.numpy import load_file
from torch import nn

from contracts.manifest import Manifest
from contracts.tensors import Contract
from export.family import Arrays, Case, Family, Sizes, add_to_state
from export.lanes import Run, onnx_lane
from export.pairs.parity import PairProbe, parts_lane
from zoo.entry import STATE

EXAMPLE = 5
RANDOM = 256
PARTS = {"tf_part", "gene_part"}


class Pairs(Family):
    """Positions of regulators and of genes; no input but index tensors."""

    samples = "pairs.safetensors"

    def sizes(self, run: dict[str, Any], model: nn.Module) -> dict[str, int]:
        """Regulators and genes, and the widths of vectors or of parts."""
        sizes = {name: run["sizes"][name] for name in ("tfs_total", "genes_total")}
        config = run["config"]
        members = {"members": config["members"]} if "members" in config else {}
        sizes |= {"dim": config["dim"] * config.get("members", 1)} if "dim" in config else {}
        if model.graphs().keys() & PARTS:
            state = model.part_state()
            sizes |= {"factor": len(state["product_weight"]), "hidden": len(state["output_weight"])}
        return sizes | members

    def example(self, contract: Contract, sizes: Sizes) -> Arrays:
        """Five times the first regulator and the first gene."""
        return {tensor.name: np.zeros(EXAMPLE, tensor.dtype) for tensor in contract.inputs}

    def complete(self, model: nn.Module, folder: Path, manifest: Manifest) -> None:
        """Add what joins the parts, or the vectors and terms of all entities."""
        if manifest.graphs.keys() & PARTS:
            with torch.inference_mode():
                parts = {n: t.numpy().copy(order="C") for n, t in model.part_state().items()}
            add_to_state(folder, parts)
        if "tf_tower" in manifest.graphs and "members" not in manifest.sizes:
            add_to_state(folder, _vectors(folder, manifest))

    def golden(self, roles: Collection[str], sizes: Sizes, source: Path) -> Iterator[Case]:
        """Cases `random`, `real` (benchmark pairs of the run without their labels) and `edge`.

        `edge` has first and last positions, entities without a training edge, and a pair that
        stands twice. Parts have no random case: their outputs are wide.
        """
        state = load_file(source / STATE)
        rng = np.random.default_rng(0)
        tfs, genes = sizes["tfs_total"], sizes["genes_total"]
        cases = {
            "random": np.stack([rng.integers(tfs, size=RANDOM), rng.integers(genes, size=RANDOM)]),
            "real": load_file(source / self.samples)["pairs"].T.astype(np.int64),
            "edge": _edge(state["tf_edges"], state["gene_edges"]),
        }
        for role in roles:
            for name, (tf, gene) in cases.items():
                if role in PARTS and name == "random":
                    continue
                columns = {"tf": tf, "gene": gene}
                one = role.endswith(("_tower", "_part"))
                sides = (role.partition("_")[0],) if one else ("tf", "gene")
                yield Case(
                    role, name, {side: np.ascontiguousarray(columns[side]) for side in sides}
                )

    def probe(self, task: str, sizes: Sizes) -> PairProbe:
        """Batches of random pairs, and genes against all regulators."""
        return PairProbe.draw(task, sizes)

    def more_lanes(
        self, model: nn.Module, folder: Path, manifest: Manifest
    ) -> dict[str, Callable[[], Run]]:
        """The parts, where the entry has them."""
        if not manifest.graphs.keys() & PARTS:
            return {}
        return {"ort_cpu_parts": lambda: parts_lane(folder, manifest)}


def _vectors(folder: Path, manifest: Manifest) -> Arrays:
    """Both towers' vectors and terms of all entities, as the shipped graphs give them."""
    run, state = onnx_lane(folder, manifest, "cpu"), {}
    for side, total in (("tf", "tfs_total"), ("gene", "genes_total")):
        outputs = run(f"{side}_tower", {side: np.arange(manifest.sizes[total])})
        state[f"{side}_vectors"] = outputs[f"{side}_vector"]
        state[f"{side}_popularity"] = outputs[f"{side}_popularity"]
    return state


def _edge(
    tf_edges: Int64[np.ndarray, "tfs"] | np.ndarray, gene_edges: np.ndarray
) -> Int64[np.ndarray, "2 pairs"]:
    """First and last of either side, the most and the least connected, and one pair twice."""
    tf, gene = (
        [0, len(edges) - 1, int(np.argmax(edges)), int(np.argmin(edges))]
        for edges in (tf_edges, gene_edges)
    )
    grid = np.array([(t, g) for t in tf for g in gene], np.int64)
    return np.concatenate([grid, grid[-1:]]).T


FAMILY = Pairs()
