"""The torch backend: an entry's weights in the architecture's own code, by name.

torch is imported only when a session is opened, and weights are safetensors: nothing is unpickled.
"""

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from contracts import tasks
from contracts.errors import CorruptArtefact, DeviceUnavailable, Unsupported
from contracts.manifest import Manifest
from contracts.tensors import Contract
from zoo.runtime.graph import Arrays
from zoo.runtime.optional import imported, limited

WEIGHTS = "weights.safetensors"
EXTRA = "export"


class TorchSession:
    """One graph as a torch module in evaluation mode."""

    def __init__(
        self, torch: ModuleType, module: Any, contract: Contract, device: str, threads: int
    ) -> None:
        self._torch = torch
        self._module = module.eval().to(device)
        self._inputs = [tensor.name for tensor in contract.inputs]
        self._outputs = [tensor.name for tensor in contract.outputs]
        self._threads = threads
        self.device = device
        self.providers: tuple[str, ...] = (f"torch {device}",)

    def run(self, inputs: Arrays) -> dict[str, Any]:
        """The graph's outputs by name."""
        torch = self._torch
        cores = limited(self._threads, torch.get_num_threads, torch.set_num_threads)
        with torch.inference_mode(), cores:
            tensors = [torch.from_numpy(inputs[name]).to(self.device) for name in self._inputs]
            results = self._module(*tensors)
            results = results if isinstance(results, tuple) else (results,)
            named = zip(self._outputs, results, strict=False)  # Optional ones come last.
            return {name: result.cpu().numpy() for name, result in named}


def open_session(
    folder: Path, manifest: Manifest, role: str, device: str, threads: int
) -> TorchSession:
    """Build the architecture, load its weights strictly, and take the module of a role."""
    torch = imported("torch", EXTRA)
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise DeviceUnavailable(device, ("torch cpu",))
    real = "cuda" if there and device != "cpu" else "cpu"
    model = load_model(_architecture(manifest), manifest.config, folder / WEIGHTS)
    contract = tasks.get(manifest.task).contracts[role]
    return TorchSession(torch, model.graphs()[role], contract, real, threads)


def _architecture(manifest: Manifest) -> ModuleType:
    module = f"zoo.architectures.{manifest.architecture}"
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        method = "the torch backend"
        raise Unsupported(manifest.entry, method, "Type backend='onnx'.") from None


def load_model(architecture: ModuleType, config: Mapping[str, Any], weights: Path) -> Any:
    """The architecture with its weights, every tensor of it and no other, in evaluation mode.

    Where the architecture's module has `Folded`, a config with `members` is that of an ensemble.
    """
    load_file = importlib.import_module("safetensors.torch").load_file
    folded = "members" in config and hasattr(architecture, "Folded")
    kind = ("FoldedConfig", "Folded") if folded else ("Config", "Model")
    form, network = (getattr(architecture, name) for name in kind)
    model = network(form.model_validate_json(json.dumps(config)))
    try:
        model.load_state_dict(load_file(weights), strict=True)
    except RuntimeError as error:
        raise CorruptArtefact(weights, "the weights of this architecture", str(error)) from error
    return model.eval()
