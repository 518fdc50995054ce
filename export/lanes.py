"""Ways to run one entry's graphs: torch in float64 or float32, and onnxruntime."""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from contracts import tasks
from contracts.manifest import Manifest
from zoo.runtime.graph import open_graph

Run = Callable[[str, dict[str, np.ndarray]], dict[str, np.ndarray]]
"""Role and inputs to outputs."""


def torch_lane(model: nn.Module, task: str, dtype: torch.dtype, naive: bool = False) -> Run:
    """The architecture's own code with its weights and inputs in `dtype`; outputs keep it.

    The naive form of a model's head has every gene of every set written out.
    """
    model = copy.deepcopy(model).to(dtype)
    graphs = model.graphs() | ({"head": model.naive()} if naive else {})
    graphs = {role: graph.eval() for role, graph in graphs.items()}
    contracts = tasks.get(task).of(graphs)

    def run(role: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        contract = contracts[role]
        tensors = [torch.from_numpy(inputs[tensor.name]) for tensor in contract.inputs]
        with torch.inference_mode():
            results = graphs[role](*(t.to(dtype) if t.is_floating_point() else t for t in tensors))
        results = results if isinstance(results, tuple) else (results,)
        named = zip(contract.outputs, results, strict=False)  # Optional ones come last.
        return {tensor.name: result.numpy() for tensor, result in named}

    return run


def onnx_lane(folder: Path, manifest: Manifest, device: str) -> Run:
    """The shipped graphs in onnxruntime on `device`; raises DeviceUnavailable where it can't."""
    graphs = {role: open_graph(folder, manifest, role, "onnx", device) for role in manifest.graphs}
    return lambda role, inputs: graphs[role].run(inputs, verify=True)
