"""How far nodes move: against the smaller graph that a set leaves, encoded by itself."""

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor

from contracts.perturbations.task import PERTURBATION_GRAPH
from export.perturbations import family
from export.to_onnx import trace
from tests.zoo.architectures.hetero_cell.encoded_alone import full, remaining
from tests.zoo.architectures.hetero_formulas import GENES, SIZES, made_up, random_model
from zoo.architectures.hetero_cell import model as hetero_cell
from zoo.architectures.hetero_cell.blocks import Kept, kept
from zoo.architectures.hetero_cell.explain import Explain

VARIANTS = {
    "published": {"layers": 2, "pool": "set_transformer"},
    "one_layer": {"layers": 1},
    "both_ways": {"layers": 2, "metabolism_to_genes": True},
    "residual": {"layers": 1, "metabolism_to_genes": True, "residual": True, "members": True},
    "deep": {"layers": 3, "metabolism_to_genes": True, "residual": True, "physical": False},
    "networks": {"layers": 2, "metabolism": False},
}
SETS = ((0,), (3, 1), (8,), (5, 2, 0), (0, 1, 2, 3, 4, 5, 6))
CONTRACT = PERTURBATION_GRAPH.graphs["explain"]
OUTPUTS = [tensor.name for tensor in CONTRACT.outputs]


def frozen(**changed: object) -> hetero_cell.Model:
    fields = {"pool": "attention", "features": ("one", "other")} | changed
    return random_model(**fields).freeze(made_up(0), torch.ones(GENES, dtype=torch.float64))


@pytest.fixture(params=VARIANTS)
def model(request) -> hetero_cell.Model:
    return frozen(**VARIANTS[request.param]).double()


def answers(graph: torch.nn.Module, genes: tuple[int, ...]) -> dict[str, Tensor]:
    with torch.no_grad():
        return dict(zip(OUTPUTS, graph(torch.tensor(genes, dtype=torch.int64)), strict=True))


def recomputed(model: hetero_cell.Model, genes: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Every node's distance, node by node, from two encodings of two graphs."""
    graph, member = model.cell, torch.tensor(genes)
    keep = kept(graph, member, torch.zeros_like(member), 1, model.sizes(graph))
    smaller, nodes = remaining(graph, keep)
    with torch.no_grad():
        whole = model.wildtype(graph).states[-1]
        left = model.encode(model.nodes(smaller, nodes), smaller, Kept())[-1]
    survivors = {"genes": smaller.present.tolist(), "reactions": nodes.tolist()}
    found = {}
    for kind in ("genes", "reactions", "metabolites"):
        total = SIZES[f"{kind}_total"]
        states = getattr(whole, kind)[:, 0].numpy(), getattr(left, kind)[:, 0].numpy()
        found[kind] = np.zeros(total)
        if not len(states[0]):
            continue
        alive = survivors.get(kind, range(total))
        row = {node: place for place, node in enumerate(alive)}
        for node in range(total):
            after = states[1][row[node]] if node in row else np.zeros(model.config.dim)
            found[kind][node] = np.linalg.norm(states[0][node] - after)
    found["lost"] = np.array([node not in nodes.tolist() for node in range(len(keep.reactions))])
    return found


@pytest.mark.parametrize("genes", SETS)
def test_distances_are_those_of_two_graphs_encoded_apart(model, genes):
    got, expected = answers(model.graphs()["explain"], genes), recomputed(model, genes)
    for kind in ("gene", "reaction", "metabolite"):
        moved = got[f"{kind}_moved"].numpy()
        np.testing.assert_allclose(moved, expected[f"{kind}s"], rtol=1e-9, atol=1e-9)
        assert (moved[expected[f"{kind}s"] > 1e-9] > 0).all()
    np.testing.assert_array_equal(got["reaction_lost"].numpy(), expected["lost"])
    assert got["reaction_lost"].dtype == torch.int64


@pytest.mark.parametrize("genes", SETS)
def test_the_parts_of_genes_add_up_to_what_the_cell_moves(model, genes):
    explain, member = Explain(model), torch.tensor(genes)
    if model.config.pool != "attention":
        assert not answers(explain, genes)["gene_share"].any()
        return
    graph = model.cell
    with torch.no_grad():
        parts = explain.parts(*explain.encoded(member))
        z = model.wildtype(graph).z - full(model, graph, member)
    torch.testing.assert_close(parts.sum(0), z, rtol=1e-9, atol=1e-12)
    share, moved = (answers(explain, genes)[name] for name in ("gene_share", "gene_moved"))
    np.testing.assert_allclose(share, np.linalg.norm(parts, axis=1), rtol=1e-12)
    assert share.any()
    assert not share[moved == 0].any()


def test_the_wildtype_moves_nothing_and_neither_does_what_is_out_of_reach():
    model = frozen(layers=1).float()
    for each in answers(model.graphs()["explain"], ()).values():
        assert not each.any()
    gone = answers(model.graphs()["explain"], (8,))  # a gene without edges
    assert gone["gene_moved"].nonzero().flatten().tolist() == [8]
    assert gone["gene_share"].nonzero().flatten().tolist() == [8]
    assert not gone["metabolite_moved"].any()


def test_genes_that_sets_cannot_name_move_and_are_not_told():
    whole = frozen()
    part = hetero_cell.Model(whole.config.model_copy(update={"vocabulary": GENES - 2})).eval()
    weights = whole.state_dict()
    part.load_state_dict(weights | {"single_fitness": weights["single_fitness"][: GENES - 2]})
    for name, moved in answers(part.graphs()["explain"], (3, 1)).items():
        expected = answers(whole.graphs()["explain"], (3, 1))[name]
        assert moved.equal(expected[: GENES - 2] if name.startswith("gene_") else expected)


@pytest.fixture(scope="module", params=["published", "residual", "networks"])
def exported(request) -> tuple[hetero_cell.Model, onnxruntime.InferenceSession]:
    """A frozen model and what was exported of it."""
    model, sizes = frozen(**VARIANTS[request.param]).float(), SIZES | {"members_limit": 9}
    example = family.FAMILY.example(CONTRACT, sizes)
    proto = trace(Explain(model), CONTRACT, example, sizes)
    return model, onnxruntime.InferenceSession(proto.SerializeToString())


@pytest.mark.parametrize("genes", [(), *SETS, tuple(range(GENES))])
def test_onnxruntime_equals_torch_for_any_number_of_members(exported, genes):
    model, session = exported
    got = session.run(OUTPUTS, {"member": np.array(genes, np.int64)})
    expected = answers(model.graphs()["explain"], genes)
    for name, one in zip(OUTPUTS, got, strict=True):
        np.testing.assert_allclose(one, expected[name], rtol=1e-4, atol=1e-4, err_msg=name)
        np.testing.assert_array_equal(one > 0, expected[name] > 0, err_msg=name)
    if not genes:
        assert not any(one.any() for one in got)
    outputs = dict(zip(OUTPUTS, got, strict=True))
    CONTRACT.check_outputs(outputs, {}, SIZES)
