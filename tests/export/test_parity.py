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
from export.lanes import sigmoid
from export.package import load_model, package
from export.parity import TOLERANCE, ParityFailed, Sample, certify
from tests.training import toy
from zoo import store
from zoo.architectures import cross_encoder, degree, late_interaction, two_tower

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


def test_batches_are_others_than_the_exports():
    sample = Sample.draw({"tfs_total": 5, "genes_total": 9})
    sizes = [batch.shape[1] for batch in sample.batches]
    assert sizes == list(parity.BATCHES)
    assert to_onnx.EXAMPLE not in sizes
    assert {1, 1000} <= set(sizes)
    for batch in sample.batches:
        assert batch.min() >= 0
        assert (batch.max(axis=1) < [5, 9]).all()
    assert sorted(sample.genes) == list(range(9)), "there are fewer genes than asked for"


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
    write = to_onnx.write_graphs

    def planted(model, task, folder):
        graphs = write(model, task, folder)
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
    first = Sample.draw(manifest.sizes).batches[0][1]
    table = copy.deepcopy(model)
    gene = next(g for g in range(toy.GENES) if g not in first)
    table.popularity.gene_log_degree[gene] = float("nan")
    with pytest.raises(ParityFailed, match=r"differs .* by nan"):
        certify(table, folder, manifest)


def answers(logits: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    return [logits[0]], logits


def test_the_figures_are_the_largest_differences():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(20, 40)) * 3
    got = truth + 1e-6 * rng.choice([-1, 1], truth.shape)
    got[3, 5] += 4e-6
    lane = parity._compare("lane", answers(truth), answers(got))
    expected = np.abs(1 / (1 + np.exp(-truth)) - 1 / (1 + np.exp(-got))).max()
    assert lane["max_abs_probability"] == pytest.approx(expected, rel=1e-6)
    assert lane["max_abs_logit"] == pytest.approx(np.abs(truth - got).max())
    got[7, 7] += 1e-3
    with pytest.raises(ParityFailed, match="lane differs"):
        parity._compare("lane", answers(truth), answers(got))


def test_an_exchanged_rank_is_found_where_probabilities_are_equal():
    """At logits of -30 all probabilities are 0 to 12 digits, and the order is all there is."""
    truth = -30 - np.arange(40.0) * 0.01 + np.zeros((20, 1))
    got = truth.copy()
    got[[2, 9], 3], got[[2, 9], 4] = truth[[2, 9], 4], truth[[2, 9], 3]
    with pytest.raises(ParityFailed, match=r"ranks the 10 best regulators of 2 of 20 genes"):
        parity._compare("lane", answers(truth), answers(got))
    beyond = truth.copy()
    beyond[:, 20], beyond[:, 21] = truth[:, 21], truth[:, 20]
    assert parity._compare("lane", answers(truth), answers(beyond))["top_order_equal"]


def test_logits_that_float32_cannot_tell_apart_may_change_places():
    truth = np.tile(5.0 - np.arange(40) * 0.1, (20, 1))
    truth[:, 1] = truth[:, 0] - 1e-8
    got = truth.copy()
    got[:, 0], got[:, 1] = truth[:, 1], truth[:, 0]
    assert parity._compare("lane", answers(truth), answers(got))["top_order_equal"]


def test_the_sigmoid_neither_overflows_nor_drifts():
    logit = np.array([-1e4, -40.0, -1.0, 0.0, 1.0, 40.0, 1e4])
    expected = [0.0, np.exp(-40), 1 / (1 + np.e), 0.5, np.e / (1 + np.e), 1.0, 1.0]
    np.testing.assert_allclose(sigmoid(logit), expected, rtol=1e-12, atol=1e-16)
    assert sigmoid(logit.astype(np.float32)).dtype == np.float32


def test_the_certificate_that_ships_is_the_gates(toy_entries):
    folder = toy_entries / "two_tower-toy"
    model, manifest = opened(folder)
    again = certify(model, folder, manifest)
    shipped = packaging.json.loads((folder / "parity.json").read_text())
    assert shipped["batches"] == again["batches"]
    for name in ("torch_f32", "ort_cpu"):
        assert shipped["lanes"][name]["status"] == again["lanes"][name]["status"]
    store.check_digests(folder, manifest)
