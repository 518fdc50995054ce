"""Backends: honest devices, missing packages, graphs that are not what they should be."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import zoo
from contracts.errors import (
    ContractViolation,
    CorruptArtefact,
    DeviceUnavailable,
    InvalidOption,
    MissingDependency,
    Unsupported,
)
from contracts.manifest import Manifest
from tests import tiny, tiny_cells
from zoo.runtime import graph as runtime
from zoo.runtime import onnx
from zoo.runtime.graph import Graph, open_graph
from zoo.runtime.optional import limited
from zoo.store import folders

Copied = Callable[..., Path]


@pytest.fixture
def graph(tiny_root: Path) -> Graph:
    folder = tiny_root / tiny.TABLE
    return open_graph(folder, Manifest.load(folder / "manifest.json"), "score", device="cpu")


def test_a_graph_runs_by_name(graph: Graph):
    inputs = {"gene": np.array([0, 11]), "tf": np.array([5, 0])}
    outputs = graph.run(inputs, verify=True)
    expected = tiny.probabilities(tiny.TABLE)[[5, 0], [0, 11]]
    np.testing.assert_allclose(outputs["probability"], expected, atol=1e-6)
    assert graph.providers == ("CPUExecutionProvider",)
    assert graph.device == "cpu"


def test_what_a_graph_carries_is_added_to_every_request(tiny_root: Path):
    folder = tiny_root / tiny.CELL
    manifest = Manifest.load(folder / "manifest.json")
    head = open_graph(folder, manifest, "head", device="cpu")
    one = np.array([9, 2])
    request = {"member": one, "kind": one * 0, "set": one * 0, "order": np.array([2])}
    with pytest.raises(ContractViolation, match="hidden: got nothing"):
        head.run(request)
    cell = tiny_cells.cell(np.arange(12), tiny_cells.FEATURE_ROWS)
    outputs = head.carrying(cell).run(request, verify=True)
    assert outputs.keys() == head.run({**request, **cell}, verify=True).keys()
    expected = tiny_cells.interaction(tiny.CELL, [(9, 0), (2, 0)])
    np.testing.assert_allclose(outputs["gene_interaction"], [expected], atol=1e-6)
    with pytest.raises(ContractViolation, match="hidden: got an unexpected tensor"):
        head.carrying(cell).run({**request, "hidden": cell["hidden"]})
    with pytest.raises(ContractViolation, match=r"0 <= value < 9 \(genes_total\)"):
        head.carrying(cell, {**head.sizes, "genes_total": 9}).run(request)


def test_what_a_graph_carries_is_checked_once(tiny_root: Path):
    folder = tiny_root / tiny.CELL
    head = open_graph(folder, Manifest.load(folder / "manifest.json"), "head", device="cpu")
    cell = tiny_cells.cell(np.arange(12), tiny_cells.FEATURE_ROWS)
    for wrong, message in (
        ({"key": cell["key"][:, :1]}, r"key: got key_dim = 1, expected key_dim = 2"),
        ({"value": cell["value"][:9]}, r"value: got genes = 9, expected genes = 12"),
        ({"single_fitness": -cell["single_fitness"]}, r"single_fitness: got -1.0"),
        ({"cell": cell["cell"] * np.float32(np.nan)}, "cell: got nan"),
        ({"member": np.array([0])}, "member: got an unexpected tensor"),
    ):
        with pytest.raises(ContractViolation, match=message):
            head.carrying({**cell, **wrong})


@pytest.mark.parametrize("tf", [-1, 6])
def test_positions_outside_the_lists_never_reach_the_session(graph: Graph, tf: int):
    with pytest.raises(ContractViolation, match=rf"tf: got {tf} .*0 <= value < 6"):
        graph.run({"tf": np.array([tf]), "gene": np.array([0])})


def test_verify_checks_the_outputs(graph: Graph):
    class Wrong:
        providers = ("x",)
        device = "cpu"

        def run(self, inputs: runtime.Arrays) -> dict[str, np.ndarray]:
            return {"probability": np.array([1.5], dtype=np.float32)}

    wrong = Graph(graph.role, graph.contract, graph.sizes, Wrong())
    inputs = {"tf": np.array([0]), "gene": np.array([0])}
    assert wrong.run(inputs)["probability"] == 1.5
    with pytest.raises(ContractViolation, match="probability"):
        wrong.run(inputs, verify=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backend": "jax"}, "backend='jax'.*one of onnx, torch"),
        ({"device": "tpu"}, "device='tpu'.*one of auto, cpu, cuda"),
        ({"threads": 0}, "threads=0.*at least 1"),
        ({"threads": True}, "threads=True"),
        ({"threads": "2"}, "threads='2'"),
    ],
)
def test_options_say_what_there_is(tiny_root: Path, options: dict, message: str):
    entry = zoo.register(tiny_root / tiny.TABLE)
    with pytest.raises(InvalidOption, match=message):
        zoo.load(entry, **options)


def test_a_role_is_one_of_the_tasks(tiny_root: Path):
    folder = tiny_root / tiny.TABLE
    with pytest.raises(InvalidOption, match=r"role='tower'.*one of score"):
        open_graph(folder, Manifest.load(folder / "manifest.json"), "tower")


@pytest.mark.parametrize(("device", "extra"), [("auto", "cpu"), ("cpu", "cpu"), ("cuda", "gpu")])
def test_without_a_runtime_the_message_is_what_to_type(
    tiny_root: Path, monkeypatch: pytest.MonkeyPatch, device: str, extra: str
):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    entry = zoo.register(tiny_root / tiny.TABLE)
    with pytest.raises(MissingDependency, match=rf"Type: pip install 'regzoo\[{extra}\]'"):
        zoo.load(entry, device=device)


def test_a_hollow_runtime_counts_as_missing(tiny_root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", type(sys)("onnxruntime"))
    entry = zoo.register(tiny_root / tiny.TABLE)
    with pytest.raises(MissingDependency, match="onnxruntime is not installed"):
        zoo.load(entry)


def test_without_torch_the_message_is_what_to_type(
    tiny_root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "torch", None)
    entry = zoo.register(tiny_root / tiny.TABLE)
    with pytest.raises(MissingDependency, match=r"torch is not installed.*pip install 'regzoo\["):
        zoo.load(entry, backend="torch")


def test_an_architecture_without_a_module_has_no_torch_backend(tiny_root: Path):
    pytest.importorskip("torch", reason="torch is not installed")
    entry = zoo.register(tiny_root / tiny.TABLE)
    with pytest.raises(Unsupported, match="tiny_table-toy does not offer the torch backend"):
        zoo.load(entry, backend="torch")


def test_a_session_that_fell_back_is_not_taken_for_cuda(
    tiny_root: Path, monkeypatch: pytest.MonkeyPatch
):
    """The build says CUDA, the session says CPU: "cuda" raises and "auto" tells the truth."""
    import onnxruntime

    real = onnxruntime.InferenceSession
    asked: list[object] = []

    def session(path: str, options: object, providers: list, **rest: object) -> object:
        asked.append(providers)
        return real(path, options, providers=["CPUExecutionProvider"])

    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: both)
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: asked.append("libraries"))
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    entry = zoo.register(tiny_root / tiny.TABLE)
    with pytest.raises(DeviceUnavailable, match=r"runs on CPUExecutionProvider.*device='cpu'"):
        zoo.load(entry, device="cuda")
    providers = [("CUDAExecutionProvider", {"use_tf32": "0"}), "CPUExecutionProvider"]
    assert asked == ["libraries", providers]
    model = zoo.load(entry, device="auto")
    assert (model.device, model.providers) == ("cpu", ("CPUExecutionProvider",))


def test_cuda_that_fails_to_start_is_an_error_or_the_cpu(
    tiny_root: Path, monkeypatch: pytest.MonkeyPatch
):
    import onnxruntime

    real = onnxruntime.InferenceSession

    def session(path: str, options: object, providers: list, **rest: object) -> object:
        if providers != ["CPUExecutionProvider"]:
            raise RuntimeError("CUDA failure 35: driver version is insufficient")
        return real(path, options, providers=providers, **rest)

    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: both)
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    entry = zoo.register(tiny_root / tiny.TABLE)
    with pytest.raises(DeviceUnavailable, match="device='cuda' is not available here"):
        zoo.load(entry, device="cuda")
    assert zoo.load(entry, device="auto").device == "cpu"


def test_loading_prints_nothing(tiny_root: Path, capfd: pytest.CaptureFixture[str], caplog):
    caplog.set_level(logging.DEBUG)
    entry = zoo.register(tiny_root / tiny.TABLE)
    zoo.load(entry, device="auto").score([("SOX2", "GFAP")])
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_a_file_that_is_no_graph_is_corrupt(copied: Copied):
    folder = copied()
    (folder / "score.onnx").write_bytes(b"no graph")
    folders.record(folder, "score.onnx")
    entry = zoo.register(folder)
    with pytest.raises(CorruptArtefact, match=r"score\.onnx.*expected an ONNX graph"):
        zoo.load(entry)


def test_a_graph_with_other_names_is_corrupt(copied: Copied, tiny_root: Path):
    folder = copied()
    other = tiny_root / tiny.DOT / "tf_tower.onnx"
    (folder / "score.onnx").write_bytes(other.read_bytes())
    folders.record(folder, "score.onnx")
    entry = zoo.register(folder)
    message = "got inputs tf and outputs tf_popularity, tf_vector, expected inputs gene, tf"
    with pytest.raises(CorruptArtefact, match=message):
        zoo.load(entry)


def test_threads_reach_the_session(tiny_root: Path):
    import onnxruntime

    options = onnx._options(onnxruntime, 3)
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (3, 1)


def test_torch_leaves_its_thread_setting_as_it_was():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    before = torch.get_num_threads()
    with limited(before + 1, torch.get_num_threads, torch.set_num_threads):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before
