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

OPSET = 18
EXAMPLE = 5

_HARMLESS = (
    # torch.export reads a deprecated alias in its own tree utilities.
    ".*LeafSpec.*is deprecated.*",
    # Two inputs share the axis `pairs` on purpose: the exporter keeps one name for both.
    r"[\s\S]*will not be used, since it shares the same shape constraints.*",
)
# It says that torchvision is missing, which nothing here needs.
_CHATTY = "torch.onnx._internal.exporter._registration"


class GraphMismatch(ArtefactError):
    """An exported graph does not have the contract's names, types or dynamic axes."""

    code = "graph-mismatch"


def write_graphs(model: nn.Module, task: str, folder: Path) -> dict[str, str]:
    """Export every graph of `model` to `folder`; returns role -> file name.

    An architecture with `direct_onnx()` writes its graphs itself. Each graph passes onnx's full
    check and is compared with its contract. Raises GraphMismatch.
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
        protos = {role: _export(module, contracts[role]) for role, module in model.graphs().items()}
    for role, contract in contracts.items():
        _strip(protos[role])
        onnx.checker.check_model(protos[role], full_check=True)
        _compare(role, protos[role], contract)
        onnx.save(protos[role], folder / f"{role}.onnx")
    return {role: f"{role}.onnx" for role in contracts}


def _export(module: nn.Module, contract: Contract) -> onnx.ModelProto:
    """One graph by the dynamo exporter, every axis of every input dynamic."""
    example = tuple(
        torch.zeros([EXAMPLE] * len(tensor.axes), dtype=getattr(torch, tensor.dtype))
        for tensor in contract.inputs
    )
    dims = {axis.name: torch.export.Dim(axis.name) for t in contract.inputs for axis in t.axes}
    shapes = tuple(
        {place: dims[axis.name] for place, axis in enumerate(tensor.axes)}
        for tensor in contract.inputs
    )
    module.eval()
    logging.getLogger(_CHATTY).setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        for message in _HARMLESS:
            warnings.filterwarnings("ignore", message)
        program = torch.onnx.export(
            module,
            example,
            dynamo=True,
            input_names=[tensor.name for tensor in contract.inputs],
            output_names=[tensor.name for tensor in contract.outputs],
            dynamic_shapes=shapes,
            opset_version=OPSET,
            verbose=False,
        )
    return program.model_proto


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


def _compare(role: str, proto: onnx.ModelProto, contract: Contract) -> None:
    """Raise GraphMismatch where names, types or ranks of a graph are not the contract's."""
    sides = (("inputs", proto.graph.input), ("outputs", proto.graph.output))
    for side, infos in sides:
        got = {info.name: _signature(info) for info in infos}
        expected = {t.name: (t.dtype, len(t.axes)) for t in getattr(contract, side)}
        if got != expected:
            raise GraphMismatch(
                f"The graph {role} has the {side} {got}, and its contract says {expected} "
                "(name: type, number of axes). Check the order of the module's arguments and "
                "results."
            )
        fixed = [
            info.name
            for info in infos
            if info.type.tensor_type.shape.dim[0].WhichOneof("value") == "dim_value"
        ]
        if fixed:
            raise GraphMismatch(
                f"The first axis of {', '.join(fixed)} in the graph {role} is fixed; "
                "a Python number in the module's code has been taken for its length."
            )


def _signature(info: onnx.ValueInfoProto) -> tuple[str, int]:
    kind = info.type.tensor_type
    dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type).name
    return dtype, len(kind.shape.dim)
