"""What makes an entry's folder of graphs, tensors and genes: for the tiny entries."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

from contracts.genes.vocabulary import GeneRecord, Vocabulary
from contracts.manifest import FileRecord, Licences, Manifest
from contracts.tensors import Contract
from zoo.store.files import sha256

_TYPES = {"int64": TensorProto.INT64, "float32": TensorProto.FLOAT}


def save_graph(
    path: Path,
    nodes: list[onnx.NodeProto],
    contract: Contract,
    constants: Mapping[str, np.ndarray],
    sizes: Mapping[str, int],
) -> None:
    """Write a graph with the inputs and outputs of its contract; axes in `sizes` are fixed."""

    def infos(tensors: Iterable[Any]) -> list[onnx.ValueInfoProto]:
        return [
            helper.make_tensor_value_info(
                one.name, _TYPES[one.dtype], [sizes.get(a.name, a.name) for a in one.axes]
            )
            for one in tensors
        ]

    graph = helper.make_graph(
        nodes,
        path.stem,
        infos(contract.inputs),
        infos(contract.outputs),
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def finish(
    folder: Path,
    golden: dict[str, np.ndarray],
    state: dict[str, np.ndarray],
    records: Iterable[GeneRecord],
    **fields: Any,
) -> Path:
    """Add what every entry has, and a manifest with these fields."""
    save_file(golden, folder / "vectors.safetensors")
    save_file(state, folder / "state.safetensors")
    Vocabulary.from_records(records).save(folder / "vocabulary.tsv.gz")
    (folder / "card.md").write_text(f"# {folder.name}\n\nMade for tests.\n", encoding="utf-8")
    files = {
        path.name: FileRecord(sha256=sha256(path), bytes=path.stat().st_size)
        for path in sorted(folder.iterdir())
    }
    common = {"config": {}, "data": {}, "seeds": [], "packages": {}, "recipe": ""}
    Manifest(
        **{**common, **fields},
        entry=folder.name,
        version="1.0",
        architecture=folder.name.split("-")[0],
        summary="Made for tests.",
        files=files,
        licences=Licences(code="Apache-2.0", weights="CC0-1.0", data={}),
        evidence="native",
    ).save(folder / "manifest.json")
    return folder
