"""An expression entry from a run folder to what ships."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import zoo
from contracts import tasks
from contracts.manifest import FILENAME, Manifest
from export.package import NoRun, package
from export.parity import ParityFailed
from tests.training.expression import planted, runs
from training.expression import fits


@pytest.fixture(params=runs.NAMES)
def entry(request, tmp_path, monkeypatch):
    return exported(request.param, tmp_path, monkeypatch)


def exported(name: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    runs.plant(monkeypatch)
    runs.trained(name, root / "run")
    package(root / "run", root / f"{name}-norman19")
    return root / f"{name}-norman19"


def test_an_entry_holds_on_this_machine_and_says_what_was_fitted(entry: Path):
    name = zoo.register(entry)
    report = zoo.verify(name)
    assert report.ok, report.failures
    data = planted.data()
    response = fits.find(entry.name.partition("-")[0])(data.profiles, data, 0)
    sets = [[], ["A"], ["B", "C"], ["A", "F", "D"]]
    positions = [tuple(planted.GENES.index(gene) for gene in one) for one in sets]
    expected = response.change(positions, data.profiles.control)
    for backend in ("onnx", "torch"):
        loaded = zoo.load(name, backend=backend, device="cpu")
        got = loaded.expression_matrix(sets)
        np.testing.assert_allclose(got, expected, atol=1e-5)
    manifest = Manifest.load(entry / FILENAME)
    assert manifest.recipe == f"training/recipes/{entry.name}.toml"


def test_both_lanes_are_certified_and_golden_cases_keep_the_contract(tmp_path, monkeypatch):
    folder = exported("shrunken_additive", tmp_path, monkeypatch)
    report = json.loads((folder / "parity.json").read_text())
    for lane in ("torch_f32", "ort_cpu"):
        figures = report["lanes"][lane]
        assert figures["status"] == "certified"
        assert 0 < figures["max_abs_change"] <= 1e-5
        assert 0 <= figures["max_abs_deviation"] <= 1e-5
        assert figures["top_order_equal"]
    manifest, cases = Manifest.load(folder / FILENAME), {}
    for key, array in load_file(folder / "vectors.safetensors").items():
        role, case, side, name = key.split("/")
        cases.setdefault((role, case), {"in": {}, "out": {}})[side][name] = array
    assert set(cases) == {("response", case) for case in ("random", "real", "edge")}
    contract = tasks.get(manifest.task).graphs["response"]
    for sides in cases.values():
        assert set(sides["in"]) == {"member", "set", "order", "control"}
        contract.check_inputs(sides["in"], manifest.sizes)
        contract.check_outputs(sides["out"], sides["in"], manifest.sizes)
    edge = cases["response", "edge"]
    assert (edge["in"]["control"] == 0).all()
    assert (edge["out"]["change"] >= 0).all()
    assert edge["in"]["order"].max() == 6, "all genes at once"
    state = load_file(folder / "state.safetensors")
    np.testing.assert_array_equal(cases["response", "real"]["in"]["control"], state["control"])


def test_a_wrong_graph_is_not_packaged(tmp_path, monkeypatch):
    from onnx import numpy_helper

    from zoo.architectures import _expression

    write = _expression.Model.direct_onnx

    def planted_graph(model):
        protos = write(model)
        for table in protos["response"].graph.initializer:
            if table.name == "noise_direction":
                changed = numpy_helper.to_array(table) * np.float32(1.01)
                table.CopyFrom(numpy_helper.from_array(changed, table.name))
        return protos

    monkeypatch.setattr(_expression.Model, "direct_onnx", planted_graph)
    with pytest.raises(ParityFailed, match=r"ort_cpu differs .* in deviation"):
        exported("additive", tmp_path, monkeypatch)
    assert not (tmp_path / "additive-norman19").exists()


@pytest.mark.parametrize("file", ["sets.safetensors", "readouts.tsv.gz"])
def test_a_run_without_a_file_is_none(file, tmp_path, monkeypatch):
    folder = exported("mean", tmp_path, monkeypatch)
    (folder.parent / "run" / file).unlink()
    with pytest.raises(NoRun, match=f"{file} is missing"):
        package(folder.parent / "run", folder)


def test_a_negative_variance_is_no_entry(tmp_path, monkeypatch):
    """The contract has no number for the root of what is below 0."""
    folder = exported("mean", tmp_path, monkeypatch)
    source = folder.parent / "run"
    weights = load_file(source / "weights.safetensors")
    weights["noise_offset"] = -weights["noise_offset"]
    save_file(weights, source / "weights.safetensors")
    with pytest.raises(ParityFailed):
        package(source, folder)
