"""Golden vectors: what is in them, and that they are right by other means."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

import zoo
from contracts import tasks
from contracts.manifest import FILENAME, Manifest
from tests.training import toy
from zoo.store import folders


@pytest.fixture(params=toy.ENTRIES)
def folder(request, toy_entries):
    return toy_entries / request.param


def cases(folder) -> dict[tuple[str, str], dict[str, dict[str, np.ndarray]]]:
    """Inputs and outputs by role and case."""
    found: dict = {}
    for key, array in load_file(folder / "vectors.safetensors").items():
        role, case, side, name = key.split("/")
        found.setdefault((role, case), {"in": {}, "out": {}})[side][name] = array
    return found


def test_every_role_has_every_case_within_its_contract(folder):
    manifest = Manifest.load(folder / FILENAME)
    task = tasks.get(manifest.task)
    contracts = task.of(manifest.graphs)
    found = cases(folder)
    expected = {(r, c) for r in contracts for c in ("random", "real", "edge")}
    assert set(found) == expected - {(role, "random") for role in task.parts}
    for (role, _), sides in found.items():
        contracts[role].check_inputs(sides["in"], manifest.sizes)
        contracts[role].check_outputs(sides["out"], sides["in"], manifest.sizes)


def test_the_edge_case_has_the_ends_the_extremes_and_a_repeat(folder):
    state = load_file(folder / "state.safetensors")
    edge = [sides["in"] for (_, case), sides in cases(folder).items() if case == "edge"]
    columns = {name: index.tolist() for inputs in edge for name, index in inputs.items()}
    pairs = list(zip(columns["tf"], columns["gene"], strict=True))
    assert pairs[-1] == pairs[-2], "no pair stands twice"
    seen = {name: set(index) for name, index in columns.items()}
    for side, counts in (("tf", state["tf_edges"]), ("gene", state["gene_edges"])):
        assert {0, len(counts) - 1, int(counts.argmax())} <= seen[side]
        assert min(counts[list(seen[side])]) == 0, "nobody without an edge"


def test_real_pairs_are_the_runs_sample(folder, scratch):
    sample = load_file(toy.runs(scratch) / folder.name / "pairs.safetensors")["pairs"]
    columns = {"tf": sample[:, 0], "gene": sample[:, 1]}
    for (_, case), sides in cases(folder).items():
        if case == "real":
            for name, index in sides["in"].items():
                np.testing.assert_array_equal(index, columns[name])


@pytest.mark.parametrize("backend", ["onnx", "torch"])
def test_both_backends_give_the_golden_scores(folder, backend):
    """As a user asks: pair by pair, by name."""
    model = zoo.load(folders.register(folder), backend=backend, device="cpu")
    tfs, genes = model.vocabulary.regulators, model.vocabulary.genes
    found = cases(folder)
    for case in ("random", "real", "edge"):
        if (("score", case)) in found:
            sides = found["score", case]
            tf, gene = sides["in"]["tf"], sides["in"]["gene"]
            expected = sides["out"]["probability"].astype(np.float64)
        else:
            left, right = found["tf_tower", case], found["gene_tower", case]
            tf, gene = left["in"]["tf"], right["in"]["gene"]
            vectors = left["out"]["tf_vector"].astype(np.float64) * right["out"]["gene_vector"]
            logit = vectors.sum(1) + left["out"]["tf_popularity"] + right["out"]["gene_popularity"]
            expected = 1 / (1 + np.exp(-logit))
        pairs = [(tfs[t], genes[g]) for t, g in zip(tf.tolist(), gene.tolist(), strict=True)]
        np.testing.assert_allclose(model.score(pairs), expected, atol=1e-5)


def test_golden_degrees_are_the_closed_form(toy_entries):
    """From the counts that the entry ships and the four numbers in its run."""
    folder = toy_entries / "degree-toy"
    state = load_file(folder / "state.safetensors")
    fitted = json.loads((folder / "run.json").read_text())["calibration"]
    for sides in cases(folder).values():
        tf, gene = sides["in"]["tf"], sides["in"]["gene"]
        logit = (
            fitted["intercept"]
            + fitted["tf_weight"] * np.log(state["tf_edges"][tf] + 0.5)
            + fitted["gene_weight"] * np.log(state["gene_edges"][gene] + 0.5)
        )
        expected = 1 / (1 + np.exp(-logit))
        np.testing.assert_allclose(sides["out"]["probability"], expected, atol=1e-6)
        np.testing.assert_array_equal(sides["out"]["pair_specific"], 0)
