"""Perturbation entries from a run folder to what ships: graphs, state, golden vectors, manifest."""

import json

import numpy as np
import onnx
import pytest
import torch
from safetensors.numpy import load_file

import zoo
from contracts import tasks
from contracts.manifest import FILENAME, Manifest
from export import to_onnx
from export.package import NoRun, load_model, package
from export.parity import TOLERANCE, ParityFailed
from export.to_onnx import GraphMismatch
from tests.export import encoder, graphs
from tests.export.perturbation_runs import ENTRIES, GENES, LIMIT
from zoo import verification
from zoo.runtime.graph import open_graph
from zoo.store import folders

CELL = {"hidden", "key", "value", "single_fitness", "cell"}


@pytest.fixture(params=ENTRIES)
def folder(request, perturbation_entries):
    return perturbation_entries / request.param


def opened(folder) -> tuple[torch.nn.Module, Manifest]:
    manifest = Manifest.load(folder / FILENAME)
    module = ENTRIES[folder.name][0]
    return load_model(module, manifest.config, folder / "weights.safetensors"), manifest


def in_float64(folder) -> dict[str, np.ndarray]:
    """The cell by the architecture's own code."""
    model, _ = opened(folder)
    features = torch.from_numpy(load_file(folder / "state.safetensors")["features"]).double()
    with torch.inference_mode():
        outputs = model.double().graphs()["encode"](torch.arange(GENES), features)
    names = [tensor.name for tensor in tasks.get(encoder.TASK).graphs["encode"].outputs]
    return {name: out.numpy() for name, out in zip(names, outputs, strict=True)}


def cases(folder) -> dict[tuple[str, str], dict[str, dict[str, np.ndarray]]]:
    found: dict = {}
    for key, array in load_file(folder / "vectors.safetensors").items():
        role, case, side, name = key.split("/")
        found.setdefault((role, case), {"in": {}, "out": {}})[side][name] = array
    return found


def test_the_manifest_has_the_sizes_of_its_task(folder):
    sizes = Manifest.load(folder / FILENAME).sizes
    expected = {"genes_total": GENES, "members_limit": LIMIT}
    if folder.name == "encoder-toy":
        expected |= {"tokens_total": GENES + 1, "features": 3}
        expected |= {"dim": 8, "key_dim": 5, "value_dim": 6}
    assert sizes == expected


def test_an_entry_holds_on_this_machine(folder):
    report = verification.verify(folders.register(folder))
    assert report.ok, report.failures


def test_the_state_has_the_cell_and_what_the_run_had(folder, scratch):
    state = load_file(folder / "state.safetensors")
    run = load_file(scratch / "perturbation-runs" / folder.name / "state.safetensors")
    for name, array in run.items():
        np.testing.assert_array_equal(state[name], array)
    assert set(state) - set(run) == (CELL if folder.name == "encoder-toy" else set())
    if folder.name == "encoder-toy":
        for name, expected in in_float64(folder).items():
            assert state[name].dtype == np.float32
            np.testing.assert_allclose(state[name], expected, atol=1e-5)


def test_golden_cases_keep_their_contract_and_leave_the_cell_out(folder):
    manifest, state = Manifest.load(folder / FILENAME), load_file(folder / "state.safetensors")
    contracts = tasks.get(manifest.task).graphs
    found = cases(folder)
    expected = {("head", name) for name in ("random", "real", "edge")}
    assert set(found) == expected | ({("encode", "small")} if "encode" in contracts else set())
    for (role, _), sides in found.items():
        carried = {tensor.name: state[tensor.name] for tensor in contracts[role].carried}
        everything = sides["in"] | carried
        assert not carried.keys() & sides["in"].keys()
        sizes = manifest.sizes
        contracts[role].check_inputs(everything, sizes)
        contracts[role].check_outputs(sides["out"], everything, sizes)


def test_golden_heads_have_what_is_ragged_and_what_is_rare(folder):
    found, edge = cases(folder), cases(folder)["head", "edge"]["in"]
    order, member, segment = edge["order"], edge["member"], edge["set"]
    assert (order[0], order[-1], order.max()) == (0, 0, 16)
    alone = set(member[np.isin(segment, np.flatnonzero(order == 1))].tolist())
    assert {0, GENES - 1, 3} <= alone, "first, last, and one without records"
    assert set(edge["kind"].tolist()) == {0, 1, 2, 3}
    random = found["head", "random"]["in"]
    assert set(random["order"].tolist()) == {0, 1, 2, 3, 4, 5}
    assert set(random["kind"].tolist()) == {0, 1, 2, 3}


def test_real_sets_are_the_runs_sample(folder, scratch):
    sample = load_file(scratch / "perturbation-runs" / folder.name / "sets.safetensors")
    real = cases(folder)["head", "real"]["in"]
    for name in ("member", "kind", "order"):
        np.testing.assert_array_equal(real[name], sample[name])
    np.testing.assert_array_equal(np.bincount(real["set"]), sample["order"])


def test_the_small_cell_ends_with_a_new_gene(perturbation_entries):
    small = cases(perturbation_entries / "encoder-toy")["encode", "small"]["in"]
    assert small["token"].tolist() == [*range(16), GENES]
    assert small["features"].shape == (17, 3)


def test_golden_heads_are_the_naive_form(perturbation_entries):
    folder = perturbation_entries / "encoder-toy"
    cell = [torch.from_numpy(array) for array in in_float64(folder).values()]
    naive = opened(folder)[0].double().naive()
    for (role, _), sides in cases(folder).items():
        if role == "head":
            request = [torch.from_numpy(sides["in"][n]) for n in ("member", "kind", "set", "order")]
            with torch.inference_mode():
                outputs = naive(*request, *cell)
            for got, name in zip(outputs, ("gene_interaction", "expectation"), strict=True):
                np.testing.assert_allclose(sides["out"][name], got, atol=1e-6)


@pytest.mark.parametrize("orders", [[], [0], [1], [2, 2], [0, 0, 20, 1, 0]])
def test_a_graph_takes_any_number_of_sets_of_any_size(folder, orders):
    _, manifest = opened(folder)
    state = load_file(folder / "state.safetensors")
    graph = open_graph(folder, manifest, "head", "onnx", "cpu")
    cell = {tensor.name: state[tensor.name] for tensor in graph.contract.carried}
    rng = np.random.default_rng(9)
    members = [rng.permutation(GENES)[:size] for size in orders]

    def ask(sets: list[np.ndarray]) -> dict[str, np.ndarray]:
        order = np.array([len(genes) for genes in sets], np.int64)
        member = np.concatenate([*sets, np.empty(0, np.int64)])
        kind = member % 4
        request = {"member": member, "kind": kind, "set": np.repeat(np.arange(len(sets)), order)}
        return graph.run(request | {"order": order} | cell, verify=True)

    together = ask(members)
    for row, genes in enumerate(members):
        for name, alone in ask([genes]).items():
            np.testing.assert_allclose(together[name][row], alone[0], atol=1e-6)
    if orders == [0]:
        assert (together["gene_interaction"][0], together["expectation"][0]) == (0, 1)


def test_an_encoder_takes_any_number_of_genes(perturbation_entries):
    folder = perturbation_entries / "encoder-toy"
    graph = open_graph(folder, opened(folder)[1], "encode", "onnx", "cpu")
    for genes in (1, 2, 7, 100):
        token, features = np.full(genes, GENES), np.zeros((genes, 3), np.float32)
        outputs = graph.run({"token": token, "features": features}, verify=True)
        np.testing.assert_allclose(outputs["hidden"], outputs["hidden"][[0]].repeat(genes, 0))


def test_a_graph_has_the_axes_of_its_contract(folder):
    manifest = Manifest.load(folder / FILENAME)
    for role, contract in tasks.get(manifest.task).graphs.items():
        graph = onnx.load(folder / f"{role}.onnx").graph
        infos = {info.name: info.type.tensor_type for info in (*graph.input, *graph.output)}
        for tensor in contract.inputs:
            for axis, dim in zip(tensor.axes, infos[tensor.name].shape.dim, strict=True):
                if axis.fixed:
                    assert dim.dim_value == manifest.sizes[axis.name], tensor.name
                else:
                    assert dim.dim_param == axis.name, tensor.name


def test_parity_is_certified_in_every_lane(folder):
    report = json.loads((folder / "parity.json").read_text())
    lanes = report["lanes"]
    naive = {"naive_f64"} if folder.name == "encoder-toy" else set()
    assert set(lanes) == {"torch_f32", "ort_cpu", "ort_cuda"} | naive
    assert report["compared"] == ["gene_interaction", "expectation"]
    assert (report["tolerance"], report["ranked_genes"], report["top"]) == (TOLERANCE, GENES, 10)
    for name in {*lanes} - {"ort_cuda"}:
        assert lanes[name]["status"] == "certified"
        limit = lanes[name].get("tolerance", TOLERANCE)
        assert all(0 <= lanes[name][f"max_abs_{value}"] <= limit for value in report["compared"])
    if naive:
        assert lanes["naive_f64"]["tolerance"] == 1e-9
        assert lanes["torch_f32"]["max_abs_gene_interaction"] > 0, "nothing was compared"


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_same_run_gives_the_same_bytes(perturbation_run, perturbation_entries, tmp_path, entry):
    package(perturbation_run(entry), tmp_path / "entries" / entry)
    for path in (perturbation_entries / entry).iterdir():
        assert (tmp_path / "entries" / entry / path.name).read_bytes() == path.read_bytes()


def test_a_run_without_its_sets_is_not_finished(perturbation_run, tmp_path):
    run = perturbation_run("ridge-toy")
    (run / "sets.safetensors").unlink()
    with pytest.raises(NoRun, match=r"sets.safetensors is missing.*Type: zoo train ridge-toy"):
        package(run, tmp_path / "entries" / "ridge-toy")


def test_a_set_may_have_64_members_where_the_run_says_nothing(perturbation_run, tmp_path):
    run = perturbation_run("multiplicative-toy")
    report = json.loads((run / "run.json").read_text())
    del report["sizes"]["members_limit"]
    (run / "run.json").write_text(json.dumps(report))
    manifest = package(run, tmp_path / "entries" / "multiplicative-toy")
    assert manifest.sizes["members_limit"] == 64


@pytest.mark.parametrize("role", ["encode", "head"])
def test_a_wrong_graph_is_not_packaged(
    perturbation_run, perturbation_entries, tmp_path, monkeypatch, role
):
    write = graphs.of(perturbation_entries / "encoder-toy")

    def planted(model, task, folder, sizes):
        files = write(model, task, folder, sizes)
        proto = onnx.load(folder / files[role])
        floats = [
            t for t in proto.graph.initializer if t.data_type == onnx.TensorProto.FLOAT and t.dims
        ]
        table = max(floats, key=lambda t: np.prod(t.dims))
        changed = onnx.numpy_helper.to_array(table) * np.float32(1.01)
        table.CopyFrom(onnx.numpy_helper.from_array(changed, table.name))
        onnx.save(proto, folder / files[role])
        return files

    monkeypatch.setattr(to_onnx, "write_graphs", planted)
    with pytest.raises(ParityFailed, match=r"ort_cpu differs .* in gene_interaction, .*1e-05"):
        package(perturbation_run("encoder-toy"), tmp_path / "entries" / "encoder-toy")
    assert list((tmp_path / "entries").iterdir()) == []


def test_algebra_that_is_not_the_heads_naive_form_is_not_packaged(
    perturbation_run, perturbation_entries, tmp_path, monkeypatch
):
    forward = encoder.NaiveHead.forward

    def off(self, *inputs):
        interaction, expected = forward(self, *inputs)
        return interaction * (1 + 1e-7), expected

    monkeypatch.setattr(to_onnx, "write_graphs", graphs.of(perturbation_entries / "encoder-toy"))
    monkeypatch.setattr(encoder.NaiveHead, "forward", off)
    with pytest.raises(
        ParityFailed, match=r"naive_f64 differs from the head in float64 by .* at most 1e-09"
    ):
        package(perturbation_run("encoder-toy"), tmp_path / "entries" / "encoder-toy")


def test_an_axis_of_another_size_than_the_manifests_is_told(
    perturbation_run, tmp_path, monkeypatch
):
    forward = encoder.Encode.forward

    def narrow(self, token, features):
        hidden, key, *others = forward(self, token, features)
        return hidden, key[:, :4], *others

    monkeypatch.setattr(encoder.Encode, "forward", narrow)
    with pytest.raises(GraphMismatch, match=r"encode has a fixed axis: key_dim of key = 4"):
        package(perturbation_run("encoder-toy"), tmp_path / "entries" / "encoder-toy")


def test_the_entry_loads_and_gives_the_same_numbers_in_both_backends(folder):
    """As a user asks: sets of names."""
    name = folders.register(folder)
    sets = [[], ["Y00W"], ["Y03W", "Y29W"], {"Y01W": "present", "Y02W": "absent"}]
    one, other = (
        zoo.load(name, backend=backend, device="cpu").predict(sets) for backend in ("onnx", "torch")
    )
    for column in ("fitness", "gene_interaction", "expectation"):
        np.testing.assert_allclose(one[column], other[column], atol=1e-5)
    assert one["fitness"][0] == 1
    assert list(one["support"]) == list(other["support"])
