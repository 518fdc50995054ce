"""Graphs: names, types and axes of the contract, any batch, and nothing of the machine in them."""

import re
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

from contracts import tasks
from contracts.manifest import FILENAME, Manifest
from export.to_onnx import OPSET, GraphMismatch, write_graphs
from tests.training import toy
from zoo.architectures import degree
from zoo.store import folders

ROLES = [
    ("cross_encoder-toy", "score"),
    ("degree-toy", "score"),
    ("late_interaction-toy", "score"),
    ("two_tower-toy", "tf_tower"),
    ("two_tower-toy", "gene_tower"),
]
BUNDLED = sorted(folders.BUNDLED.glob("*/*.onnx"))


def contract_of(folder: Path, role: str):
    return tasks.get(Manifest.load(folder / FILENAME).task).graphs[role]


@pytest.mark.parametrize(("entry", "role"), ROLES)
def test_a_graph_has_the_names_types_and_axes_of_its_contract(toy_entries, entry, role):
    folder = toy_entries / entry
    proto = onnx.load(folder / f"{role}.onnx")
    onnx.checker.check_model(proto, full_check=True)
    contract = contract_of(folder, role)
    kinds = {"int64": TensorProto.INT64, "float32": TensorProto.FLOAT}
    said = {info.name for info in proto.graph.output}
    told = tuple(each for each in contract.outputs if each.name in said or not each.optional)
    inputs, outputs = (proto.graph.input, contract.inputs), (proto.graph.output, told)
    for infos, tensors in (inputs, outputs):
        got = {info.name: info.type.tensor_type for info in infos}
        assert {n: k.elem_type for n, k in got.items()} == {t.name: kinds[t.dtype] for t in tensors}
        for tensor in tensors:
            axes = got[tensor.name].shape.dim
            assert len(axes) == len(tensor.axes)
            assert axes[0].dim_param or not axes[0].HasField("dim_value"), "a fixed batch"
    assert [(o.domain, o.version) for o in proto.opset_import if not o.domain] == [("", OPSET)]


@pytest.mark.parametrize(("entry", "role"), ROLES)
@pytest.mark.parametrize("batch", [1, 2, 5, 333])
def test_a_batch_is_its_rows_one_by_one(toy_entries, entry, role, batch):
    session = onnxruntime.InferenceSession(
        str(toy_entries / entry / f"{role}.onnx"), providers=["CPUExecutionProvider"]
    )
    contract = contract_of(toy_entries / entry, role)
    totals = {"tf": toy.REGULATORS, "gene": toy.GENES}
    rng = np.random.default_rng(batch)
    inputs = {t.name: rng.integers(totals[t.name], size=batch) for t in contract.inputs}
    outputs = session.run(None, inputs)
    for row in {0, batch // 2, batch - 1}:
        alone = session.run(None, {name: value[[row]] for name, value in inputs.items()})
        for many, one in zip(outputs, alone, strict=True):
            assert len(many) == batch
            np.testing.assert_allclose(many[row], one[0], rtol=1e-4, atol=1e-5)


def texts(message) -> list[tuple[str, str]]:
    """Every string in a protobuf message, at any depth, with the field that holds it."""
    found = []
    for field, value in message.ListFields():
        many = hasattr(value, "__iter__") and not isinstance(value, str | bytes)
        for item in value if many else [value]:
            if hasattr(item, "ListFields"):
                found += texts(item)
            elif isinstance(item, str):
                found.append((field.name, item))
    return found


@pytest.mark.parametrize(("entry", "role"), ROLES)
def test_nothing_of_the_machine_is_in_a_graph(toy_entries, entry, role):
    check_bytes(toy_entries / entry / f"{role}.onnx")


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_nothing_of_the_machine_is_in_a_bundled_graph(path):
    check_bytes(path)


def check_bytes(path: Path) -> None:
    content = path.read_bytes()
    here = (str(Path.cwd()), sys.prefix, str(Path.home()), str(Path(torch.__file__).parents[1]))
    for trace in (*here, "site-packages", "Traceback", 'File "', "stack_trace"):
        assert len(trace) < 5 or trace.encode() not in content, trace
    for field, text in texts(onnx.load(path)):
        assert not re.search(r"[/\\]|\.py", text), (field, text)
        assert field not in ("doc_string", "metadata_props") or not text, (field, text)


class Planted(nn.Module):
    """A degree baseline that writes its graph with one thing changed."""

    def __init__(self, change):
        super().__init__()
        self.inner = degree.Model(degree.Config(tfs_total=3, genes_total=4))
        self.change = change

    def graphs(self):
        return self.inner.graphs()

    def direct_onnx(self):
        protos = self.inner.direct_onnx()
        self.change(protos["score"].graph)
        return protos


def rename_input(graph) -> None:
    graph.input[0].name = "regulator"
    graph.node[0].input[1] = "regulator"


def rename_output(graph) -> None:
    graph.output[0].name = graph.node[3].output[0] = "score"


def change_type(graph) -> None:
    graph.node.append(helper.make_node("Cast", ["pair_specific"], ["wide"], to=TensorProto.DOUBLE))
    graph.node[4].output[0], graph.node[5].input[0] = "narrow", "narrow"
    graph.node[5].output[0] = "pair_specific"
    graph.output[1].type.tensor_type.elem_type = TensorProto.DOUBLE


def fix_the_batch(graph) -> None:
    for info in (*graph.input, *graph.output):
        info.type.tensor_type.shape.dim[0].dim_value = 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (rename_input, r"inputs .*'regulator'.*contract says .*'tf'"),
        (rename_output, r"outputs .*'score'.*contract says .*'probability'"),
        (change_type, r"'pair_specific': \('float64', 1\)"),
        (fix_the_batch, r"score has a fixed axis: pairs of tf = 5, pairs of gene = 5"),
    ],
)
def test_a_graph_that_is_not_its_contracts_is_refused(tmp_path, change, message):
    with pytest.raises(GraphMismatch, match=message):
        write_graphs(Planted(change), "pair_score", tmp_path, {})
    assert list(tmp_path.iterdir()) == []


def test_the_same_graph_unchanged_is_written(tmp_path):
    model = Planted(lambda graph: None)
    assert write_graphs(model, "pair_score", tmp_path, {}) == {"score": "score.onnx"}
    assert (tmp_path / "score.onnx").is_file()


def test_graphs_of_another_task_are_refused(tmp_path):
    model = degree.Model(degree.Config(tfs_total=3, genes_total=4))
    with pytest.raises(GraphMismatch, match=r"graphs score, .*pair_embed asks for tf_tower"):
        write_graphs(model, "pair_embed", tmp_path, {})
