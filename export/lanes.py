"""Ways to run one entry's graphs: torch in float64 or float32, and onnxruntime."""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import nn

from contracts import tasks
from contracts.manifest import Manifest
from zoo.entry import open_parts
from zoo.pairs import GraphPairScorer
from zoo.runtime import open_graph

Run = Callable[[str, dict[str, np.ndarray]], dict[str, np.ndarray]]
"""Role and inputs to outputs."""


def torch_lane(model: nn.Module, task: str, dtype: torch.dtype) -> Run:
    """The architecture's own code with its weights in `dtype`; outputs keep that type."""
    graphs = {role: g.eval() for role, g in copy.deepcopy(model).to(dtype).graphs().items()}
    contracts = tasks.get(task).of(graphs)

    def run(role: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        contract = contracts[role]
        with torch.inference_mode():
            results = graphs[role](*(torch.from_numpy(inputs[t.name]) for t in contract.inputs))
        return {t.name: r.numpy() for t, r in zip(contract.outputs, results, strict=True)}

    return run


def onnx_lane(folder: Path, manifest: Manifest, device: str) -> Run:
    """The shipped graphs in onnxruntime on `device`; raises DeviceUnavailable where it can't."""
    graphs = {role: open_graph(folder, manifest, role, "onnx", device) for role in manifest.graphs}
    return lambda role, inputs: graphs[role].run(inputs, verify=True)


def parts_lane(folder: Path, manifest: Manifest) -> Run:
    """Pairs taken from the matrix that the shipped parts give (zoo.exhaustive), on the CPU.

    The whole logit stands as `pair_specific`, beside popularities of 0.
    """
    scorer = GraphPairScorer(open_parts(folder, manifest, "onnx", "cpu", threads=1))

    def run(role: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        assert role == "score", role
        tfs, row = np.unique(inputs["tf"], return_inverse=True)
        genes, column = np.unique(inputs["gene"], return_inverse=True)
        logits = scorer.logits(tfs, genes)[row, column]
        nothing = np.zeros_like(logits)
        return {"pair_specific": logits, "tf_popularity": nothing, "gene_popularity": nothing}

    return run


def pair_logits(
    task: str, run: Run, tf: Int64[np.ndarray, "pairs"], gene: Int64[np.ndarray, "pairs"]
) -> Float[np.ndarray, "pairs"]:
    """Logits of pairs, by whichever graphs the task has, in the lane's own precision."""
    if task == "pair_score":
        out = run("score", {"tf": tf, "gene": gene})
        specific = out["pair_specific"]
        return specific + out["tf_popularity"] + out["gene_popularity"]
    left, right = run("tf_tower", {"tf": tf}), run("gene_tower", {"gene": gene})
    specific = np.einsum("pd,pd->p", left["tf_vector"], right["gene_vector"])
    return specific + left["tf_popularity"] + right["gene_popularity"]


def sigmoid(logit: Float[np.ndarray, "*axes"]) -> Float[np.ndarray, "*axes"]:
    """1 / (1 + exp(-logit)), in the logit's precision and without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * logit))
