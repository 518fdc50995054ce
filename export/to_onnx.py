"""Torch modules to ONNX graphs whose names and axes are those of the task's contract.

Only the dynamo exporter is used: the older one was silently wrong on graphs of this zoo.
"""

import logging
import warnings
from pathlib import Path

import onnx
import torch
from torch import nn

from contracts import tasks
from contracts.errors import ArtefactError
from contracts.tensors import Contract
from export import family as families
from export.family import Arrays, Sizes

OPSET = 18

_HARMLESS = (
    # torch.export reads a deprecated alias in its own tree utilities.
    ".*LeafSpec.*is deprecated.*",
    # Several inputs share an axis on purpose: the exporter keeps one name for all.
    r"[\s\S]*will not be used, since it shares the same shape constraints.*",
)
_CHATTY = (
    # It says that torchvision is missing, which nothing here needs.
    "torch.onnx._internal.exporter._registration",
    # It says that an empty list is one of numbers.
    "onnx_ir._convenience",
)


class GraphMismatch(ArtefactError):
    """An exported graph does not have the contract's names, types or dynamic axes."""

    code = "graph-mismatch"


def write_graphs(model: nn.Module, task: str, folder: Path, sizes: Sizes) -> dict[str, str]:
    """Export every graph of `model` to `folder`; returns role -> file name.

    `sizes` are the manifest's: axes of these names are fixed, all others vary. An architecture with
    `direct_onnx()` writes its graphs itself. Each graph passes onnx's full check and is compared
    with its contract. Raises GraphMismatch.
    """
    try:
        contracts = tasks.get(task).of(model.graphs())
    except ValueError:
        raise GraphMismatch(
            f"The architecture has the graphs {', '.join(model.graphs())}, and its task {task} "
            f"asks for {', '.join(tasks.get(task).graphs)}."
        ) from None
    if hasattr(model, "direct_onnx"):
        protos = model.direct_onnx()
    else:
        example = families.of(task).example
        protos = {
            role: trace(module, contracts[role], example(contracts[role], sizes), sizes)
            for role, module in model.graphs().items()
        }
    for role, contract in contracts.items():
        _strip(protos[role])
        onnx.checker.check_model(protos[role], full_check=True)
        _compare(role, protos[role], contract, sizes)
        onnx.save(protos[role], folder / f"{role}.onnx")
    return {role: f"{role}.onnx" for role in contracts}


def trace(module: nn.Module, contract: Contract, example: Arrays, sizes: Sizes) -> onnx.ModelProto:
    """One graph by the dynamo exporter, every axis dynamic that `sizes` does not fix."""
    axes = {axis.name: axis for tensor in contract.inputs for axis in tensor.axes}
    dims = {
        name: torch.export.Dim(name)
        for name, axis in axes.items()
        if axis.size is None and name not in sizes
    }
    shapes = tuple(
        {place: dims[axis.name] for place, axis in enumerate(tensor.axes) if axis.name in dims}
        for tensor in contract.inputs
    )
    module.eval()
    outputs = contract.outputs
    given = tuple(torch.from_numpy(example[tensor.name]) for tensor in contract.inputs)
    if any(tensor.optional for tensor in outputs):
        outputs = outputs[: _results(module, given)]
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        for message in _HARMLESS:
            warnings.filterwarnings("ignore", message)
        program = torch.onnx.export(
            module,
            given,
            dynamo=True,
            input_names=[tensor.name for tensor in contract.inputs],
            output_names=[tensor.name for tensor in outputs],
            dynamic_shapes=shapes,
            opset_version=OPSET,
            verbose=False,
        )
    return program.model_proto


def _results(module: nn.Module, given: tuple[torch.Tensor, ...]) -> int:
    """How many outputs a module has; optional ones come last."""
    results = module(*given)
    return len(results) if isinstance(results, tuple) else 1


def _strip(proto: onnx.ModelProto) -> None:
    """Remove what the exporter noted of its own machine: source lines and stack traces."""
    proto.doc_string = ""
    del proto.metadata_props[:]
    proto.graph.doc_string = ""
    del proto.graph.metadata_props[:]
    infos = (proto.graph.input, proto.graph.output, proto.graph.value_info, proto.graph.initializer)
    for part in (*infos, proto.graph.node):
        for item in part:
            item.doc_string = ""
            del item.metadata_props[:]


def _compare(role: str, proto: onnx.ModelProto, contract: Contract, sizes: Sizes) -> None:
    """Raise GraphMismatch where names, types or axes of a graph are not the contract's."""
    sides = (("inputs", proto.graph.input), ("outputs", proto.graph.output))
    for side, infos in sides:
        tensors = {t.name: t for t in getattr(contract, side)}
        kinds = {info.name: info.type.tensor_type for info in infos}
        got = {
            name: (onnx.helper.tensor_dtype_to_np_dtype(k.elem_type).name, len(k.shape.dim))
            for name, k in kinds.items()
        }
        expected = {
            name: (t.dtype, len(t.axes))
            for name, t in tensors.items()
            if name in got or not t.optional
        }
        if got != expected:
            raise GraphMismatch(
                f"The graph {role} has the {side} {got}, and its contract says {expected} "
                "(name: type, number of axes). Check the order of the module's arguments and "
                "results."
            )
        wrong = [
            f"{axis.name} of {info.name} = {dim.dim_value}"
            for info in infos
            for axis, dim in zip(tensors[info.name].axes, kinds[info.name].shape.dim, strict=True)
            if dim.WhichOneof("value") == "dim_value"
            and dim.dim_value != (axis.size or sizes.get(axis.name))
        ]
        if wrong:
            raise GraphMismatch(
                f"The graph {role} has a fixed axis: {', '.join(wrong)}. It must vary, or have the "
                "size in the manifest; a Python number in the module's code has been taken for "
                "its length."
            )
