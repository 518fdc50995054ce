"""What holds for every entry, whatever its task."""

import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zoo
from contracts import strategies, tasks
from contracts.errors import ContractViolation, DeviceUnavailable
from tests import entries
from zoo.entry import rules
from zoo.runtime.graph import Graph
from zoo.scorer import Scorer
from zoo.store import folders
from zoo.verification import VECTORS, golden_cases

PARITY = 1e-5  # two implementations of the same model


@pytest.fixture(scope="module", params=entries.of_task())
def entry(request: pytest.FixtureRequest, tiny_root: Path) -> Iterator[str]:
    """The name of an entry that can be loaded."""
    with entries.known(request.param, tiny_root) as name:
        yield name


@pytest.fixture(scope="module")
def model(entry: str) -> Scorer:
    return zoo.load(entry, device="cpu")


@pytest.fixture(scope="module")
def graphs(model: Scorer) -> dict[str, Graph]:
    return dict(model._opened.graphs)


@given(data=st.data())
def test_graphs_keep_their_contract(graphs: dict[str, Graph], data: st.DataObject):
    for graph in graphs.values():
        arrays = data.draw(strategies.inputs(graph.contract, graph.sizes))
        graph.run(arrays, verify=True)


@given(data=st.data())
def test_graphs_refuse_what_breaks_their_contract(graphs: dict[str, Graph], data: st.DataObject):
    for graph in graphs.values():
        broken = data.draw(strategies.invalid_inputs(graph.contract, graph.sizes))
        with pytest.raises(ContractViolation) as caught:
            graph.run(broken.arrays)
        assert [violation.where for violation in caught.value.violations] == [broken.tensor]


def check_golden_vectors(entry: str, graphs: Mapping[str, Graph]) -> None:
    """Every recorded case comes out of these graphs again."""
    for role, graph in graphs.items():
        for case in golden_cases(folders.locate(entry) / VECTORS, role):
            inputs = {name: np.array(array) for name, array in case.inputs.items()}
            outputs = graph.run(inputs, verify=True)
            assert set(outputs) == set(case.outputs)
            for name, expected in case.outputs.items():
                np.testing.assert_allclose(outputs[name], expected, rtol=1e-4, atol=PARITY)


def test_golden_vectors_come_out_again(entry: str, graphs: dict[str, Graph]):
    check_golden_vectors(entry, graphs)


def test_verify_finds_nothing_wrong(entry: str):
    report = zoo.verify(entry)
    assert report.ok, report.failures
    names = [check.name for check in report.checks]
    assert any(name.startswith("golden case") for name in names)
    assert sum(name.startswith("digest") for name in names) == len(
        folders.read_manifest(folders.locate(entry), entry).files
    )


def test_the_card_is_there_and_names_the_entry(entry: str):
    assert entry in zoo.card(entry)


def test_the_manifest_is_that_of_its_task(entry: str):
    manifest = folders.read_manifest(folders.locate(entry), entry)
    assert manifest.task in tasks.everything()
    needed = {"vectors.safetensors", "state.safetensors", "card.md"}
    assert needed | {*rules(manifest.family).vocabularies.values()} <= set(manifest.files)


def test_torch_keeps_the_golden_vectors(entry: str, model: Scorer):
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    if importlib.util.find_spec(f"zoo.architectures.{model.manifest.architecture}") is None:
        pytest.skip("a synthetic entry has no torch module")
    check_golden_vectors(entry, zoo.load(entry, backend="torch", device="cpu")._opened.graphs)


def test_cuda_is_used_or_refused(entry: str):
    auto = zoo.load(entry)
    if auto.device == "cpu":
        with pytest.raises(DeviceUnavailable, match=r"CPUExecutionProvider.*device='cpu'"):
            zoo.load(entry, device="cuda")
        return
    model = zoo.load(entry, device="cuda")
    assert (model.device, model.providers[0]) == ("cuda", "CUDAExecutionProvider")
    check_golden_vectors(entry, model._opened.graphs)


def test_a_scorer_says_what_it_is(entry: str, model: Scorer):
    assert entry in repr(model)
    assert "onnx on cpu" in repr(model)
    assert model.manifest.task in zoo.search()["task"].tolist()
