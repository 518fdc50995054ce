"""The gate: what it measures is what is there, and what is planted does not pass."""

import copy

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from contracts.errors import DeviceUnavailable, ZooError
from contracts.manifest import FILENAME, Manifest
from export import package as packaging
from export import parity, to_onnx
from export.package import load_model, package
from export.pairs.parity import PairProbe
from export.parity import TOLERANCE, ParityFailed, certify
from tests.export.graphs import of as graphs_of
from tests.training import toy
from zoo.architectures import cross_encoder, degree, late_interaction, two_tower
from zoo.store import folders

MODULES = {
    "cross_encoder-toy": cross_encoder,
    "degree-toy": degree,
    "late_interaction-toy": late_interaction,
    "two_tower-toy": two_tower,
}


def opened(folder):
    """Model and manifest of an exported entry."""
    manifest = Manifest.load(folder / FILENAME)
    module = MODULES[manifest.entry]
    return load_model(module, manifest.config, folder / "weights.safetensors"), manifest


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("entry", toy.ENTRIES)
def test_a_sound_entry_is_certified_in_every_lane(toy_entries, entry):
    folder = toy_entries / entry
    report = certify(*opened(folder)[:1], folder, opened(folder)[1])
    parts = {"ort_cpu_parts"} if entry.startswith("cross_encoder") else set()
    assert set(report["lanes"]) == {"torch_f32", "ort_cpu", "ort_cuda"} | parts
    for name in ("torch_f32", "ort_cpu", *parts):
        lane = report["lanes"][name]
        assert lane["status"] == "certified"
        assert 0 <= lane["max_abs_probability"] <= TOLERANCE
        assert lane["top_order_equal"] is True
    cuda = report["lanes"]["ort_cuda"]
    assert cuda["status"] in ("certified", "not certified")
    assert ("reason" in cuda) == (cuda["status"] == "not certified")
    assert {"torch", "onnx", "numpy", "onnxruntime"} == set(report["packages"])


def test_a_lane_that_is_not_there_is_not_certified(toy_entries, monkeypatch):
    def refuse(folder, manifest, device):
        raise DeviceUnavailable(device, ("CPUExecutionProvider",))

    monkeypatch.setattr(parity, "onnx_lane", refuse)
    folder = toy_entries / "degree-toy"
    model, manifest = opened(folder)
    lanes = certify(model, folder, manifest)["lanes"]
    assert lanes["torch_f32"]["status"] == "certified"
    assert lanes["ort_cuda"]["status"] == "not certified"
    assert "device='cuda' is not available" in lanes["ort_cuda"]["reason"]


def spoil(path, factor: float) -> None:
    """Multiply the largest table of a graph by a factor."""
    proto = onnx.load(path)
    tables = [t for t in proto.graph.initializer if t.data_type == onnx.TensorProto.FLOAT]
    table = max(tables, key=lambda t: np.prod(t.dims))
    changed = numpy_helper.to_array(table) * np.float32(factor)
    table.CopyFrom(numpy_helper.from_array(changed, table.name))
    onnx.save(proto, path)


@pytest.mark.parametrize(
    ("entry", "role", "factor"),
    [
        ("degree-toy", "score", 1.001),
        ("cross_encoder-toy", "score", 1.01),
        ("late_interaction-toy", "score", 1.01),
        ("two_tower-toy", "gene_tower", 1.01),
    ],
)
def test_a_wrong_graph_is_not_packaged_and_what_was_there_stays(
    run_of, toy_entries, tmp_path, monkeypatch, entry, role, factor
):
    target = tmp_path / "entries" / entry
    run = run_of(entry)
    write = graphs_of(toy_entries / entry)

    def planted(model, task, folder, sizes):
        graphs = write(model, task, folder, sizes)
        spoil(folder / graphs[role], factor)
        return graphs

    target.mkdir(parents=True)
    (target / "note.txt").write_text("what was there before")
    before = contents(target)
    with monkeypatch.context() as patch:
        patch.setattr(to_onnx, "write_graphs", planted)
        with pytest.raises(ParityFailed, match=r"ort_cpu differs .* at most 1e-05 .*not packaged"):
            package(run, target)
    assert contents(target) == before
    assert [path.name for path in target.parent.iterdir()] == [entry], "scratch was left behind"
    assert issubclass(ParityFailed, ZooError)


def test_numbers_that_are_none_do_not_pass(toy_entries):
    """A NaN is smaller than no tolerance and larger than none: it must not slip through."""
    folder = toy_entries / "degree-toy"
    model, manifest = opened(folder)
    first = PairProbe.draw(manifest.task, manifest.sizes).batches[0][1]
    table = copy.deepcopy(model)
    gene = next(g for g in range(toy.GENES) if g not in first)
    table.popularity.gene_log_degree[gene] = float("nan")
    with pytest.raises(ParityFailed, match=r"differs .* by nan"):
        certify(table, folder, manifest)


def test_the_certificate_that_ships_is_the_gates(toy_entries):
    folder = toy_entries / "two_tower-toy"
    model, manifest = opened(folder)
    again = certify(model, folder, manifest)
    shipped = packaging.json.loads((folder / "parity.json").read_text())
    assert shipped["batches"] == again["batches"]
    for name in ("torch_f32", "ort_cpu"):
        assert shipped["lanes"][name]["status"] == again["lanes"][name]["status"]
    folders.check_digests(folder, manifest)
