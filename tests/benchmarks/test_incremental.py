"""The wildtype's sums, corrected, against every set encoded by itself."""

import os

import numpy as np
import pytest
import torch
from encoded_alone import full
from incremental import stored, sums
from incremental.stored import Stored
from incremental.sums import Edges, Rows, Sums, Terms
from scipy.special import softmax
from torch import Tensor

from tests.zoo.architectures.hetero_cell.test_model import SETS, VARIANTS, flat
from tests.zoo.architectures.hetero_formulas import (
    ALONE,
    GENES,
    JOINT,
    SIZES,
    Sets,
    drawn,
    made_up,
    random_model,
)
from zoo.architectures.hetero_cell import blocks
from zoo.architectures.hetero_cell import model as hetero_cell
from zoo.architectures.hetero_cell.blocks import Graph

FOLDER = os.environ.get("ZOO_DATA")
EXACT = {"rtol": 1e-9, "atol": 1e-10}


@pytest.fixture(params=VARIANTS)
def variant(request) -> dict:
    return VARIANTS[request.param]


@torch.no_grad()
def alone(model: hetero_cell.Model, graph: Graph, sets: Sets) -> Tensor:
    """z_p of every set, each encoded by itself."""
    z = [full(model, graph, torch.tensor(genes, dtype=torch.int64)) for genes in sets]
    return model.wildtype(graph).z - torch.stack(z)


def increments(model: hetero_cell.Model, graph: Graph, sets: Sets) -> Tensor:
    return Stored(model, graph).change(*flat(sets))


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("seed", [0, 1])
def test_increments_are_every_set_alone(variant, seed, layers):
    model, graph = random_model(**(variant | {"layers": layers})), made_up(seed)
    together = tuple(graph.gene_reaction[0][graph.gene_reaction[1] == JOINT].tolist())
    neighbours = tuple(graph.physical[:, 0].tolist())
    hub = int(graph.physical[1].bincount().argmax())
    sets = [*SETS, together, neighbours, (hub,), (hub, ALONE), *drawn(seed, GENES, 8, 0, 4)]
    expected = alone(model, graph, sets)
    torch.testing.assert_close(increments(model, graph, sets), expected, **EXACT)
    assert len(together) > 1
    assert graph.physical[1].bincount()[hub] > 2


def test_what_is_stored_is_the_wildtype(variant):
    model, graph = random_model(**(variant | {"layers": 3})), made_up(0)
    with torch.no_grad():
        one, wildtype = Stored(model, graph), model.wildtype(graph)
    torch.testing.assert_close(one.pool.z, wildtype.z, rtol=1e-12, atol=1e-13)
    for depth, states in zip(one.layers, wildtype.states, strict=False):
        for kind, x in depth.states.items():
            expected = getattr(states, kind)[:, 0]
            torch.testing.assert_close(x, expected, rtol=1e-12, atol=1e-13)


def test_what_cannot_reach_a_gene_is_not_stored():
    published = Stored(random_model(layers=3), made_up(0))
    assert [list(depth.groups) for depth in published.layers] == [["genes"]] * 3
    every = Stored(random_model(layers=4, metabolism_to_genes=True), made_up(0))
    told = [sorted(depth.groups) for depth in every.layers]
    kinds = ["genes", "metabolites", "reactions"]
    assert told == [kinds, kinds, ["genes", "reactions"], ["genes"]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_an_empty_set_changes_nothing_at_all(variant, dtype):
    model, graph = random_model(**variant).to(dtype), made_up(0)
    graph = graph._replace(
        coefficient=graph.coefficient.to(dtype), features=graph.features.to(dtype)
    )
    change = increments(model, graph, SETS)
    assert change.dtype == dtype
    assert (change == 0).all(1).tolist() == [not genes for genes in SETS]
    assert increments(model, graph, []).shape == (0, 6)


def test_the_order_of_members_and_of_sets_does_not_matter(variant):
    model, graph = random_model(**variant), made_up(0)
    one, (member, segment, sets) = Stored(model, graph), flat(SETS)
    expected = one.change(member, segment, sets)
    twice = torch.cat([member, member.flip(0)]), torch.cat([segment, segment.flip(0)])
    assert one.change(*twice, sets).equal(expected)
    back = one.change(member, sets - 1 - segment, sets).flip(0)
    torch.testing.assert_close(back, expected, rtol=1e-12, atol=1e-13)


def test_some_sets_at_a_time_are_all_of_them(variant, monkeypatch):
    model, graph = random_model(**variant), made_up(0)
    expected = increments(model, graph, SETS)
    calls, once = [], Stored._some
    monkeypatch.setattr(Stored, "_some", lambda *a: calls.append(a[-1]) or once(*a))
    monkeypatch.setattr(stored, "LISTED", 2 * Stored(model, graph).listed)
    monkeypatch.setattr(blocks, "CACHED", 40)
    got = increments(model, graph, SETS)
    assert calls == [2, 2, 2, 2, 1]
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("lost", [0.0, 2.0])
def test_corrected_sums_are_those_made_anew(variant, lost, monkeypatch):
    model, graph = random_model(**variant), made_up(0)
    expected = increments(model, graph, SETS)
    asked, recomputed = [], Sums._recomputed
    monkeypatch.setattr(sums, "LOST", lost)
    monkeypatch.setattr(Sums, "_recomputed", lambda *a: asked.append(len(a[-1])) or recomputed(*a))
    torch.testing.assert_close(increments(model, graph, SETS), expected, **EXACT)
    assert sum(asked) > 0


def dominated() -> tuple[hetero_cell.Model, Graph]:
    """Two layers over scores of thousands, where one neighbour has nearly all the weight."""
    model, graph = random_model(pool="attention", physical=False, metabolism=False), made_up(0)
    torch.nn.init.ones_(model.nodes.mlp[1].weight)
    for layer in model.layers:
        layer.neighbours.att.data *= 3e3
    dense = torch.ones(GENES - 1, GENES - 1).nonzero().T
    return model, graph._replace(regulatory=dense)


def test_sums_that_lose_their_digits_are_made_anew(monkeypatch):
    model, graph = dominated()
    sets = drawn(0, GENES, 60, 1, 2)
    expected = alone(model, graph, sets)
    torch.testing.assert_close(increments(model, graph, sets), expected, **EXACT)
    monkeypatch.setattr(sums, "LOST", -1.0)
    assert not torch.allclose(increments(model, graph, sets), expected, **EXACT)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("old", [0.0, 50.0, -50.0])
@pytest.mark.parametrize("new", [None, 0.1, 40.0, 100.0, 800.0, -800.0])
def test_one_source_that_changes_or_goes_leaves_the_softmax_of_the_rest(old, new, dtype):
    rng = np.random.default_rng(0)
    # The last node has no edges; the first source of the first node is the one that moves.
    edges = Edges.of(torch.tensor([[0, 1, 2, 3, 4, 1], [0, 0, 0, 0, 0, 1]]), 3)
    scores, value = np.array([old, *rng.normal(size=4)]), rng.normal(size=(6, 4))
    stored, table = (torch.tensor(x, dtype=dtype) for x in (scores[:, None], value[:, None]))

    def terms(score: Tensor, values: Tensor) -> Terms:
        return Terms(values, lambda edge, source, target: score[source])

    held = Sums(edges, terms(stored, table[:5]))
    gone, key = torch.zeros(2, 5, dtype=torch.bool), torch.tensor([], dtype=torch.int64)
    if new is None:
        gone[1, 0] = True
    else:
        key = torch.tensor([5])
        stored, scores[0] = torch.cat([stored, stored.new_tensor([[new]])]), new
    sources = Rows.of(key, gone)
    moved = table if len(key) else table[:5]
    targets = Rows.of(key[:0], torch.zeros(2, 3, dtype=torch.bool))
    found, mean = held.change(terms(stored, moved), sources, targets)
    left = slice(1 if new is None else 0, 5)
    rows = np.concatenate([value[5:], value[1:5]])[left]
    expected = softmax(scores[left]) @ rows
    assert found.tolist() == [3]
    digits = 1e-5 if dtype == torch.float32 else 1e-12
    np.testing.assert_allclose(mean[0, 0], expected, rtol=digits, atol=digits)


def test_inducing_points_that_lose_what_they_looked_at_look_anew(monkeypatch):
    model, graph = random_model(metabolism=False), made_up(0)
    model.pool.gather.query.weight.data *= 1e4
    sets = drawn(0, GENES, 60, 1, 3)
    expected = alone(model, graph, sets)
    torch.testing.assert_close(increments(model, graph, sets), expected, **EXACT)
    monkeypatch.setattr(sums, "LOST", -1.0)
    assert not torch.allclose(increments(model, graph, sets), expected, **EXACT)


def test_without_any_gene_but_those_alone():
    model, graph = random_model(metabolism_to_genes=True), made_up(0)
    sets = [tuple(range(GENES - 1)), tuple(range(1, GENES))]
    torch.testing.assert_close(increments(model, graph, sets), alone(model, graph, sets), **EXACT)


def test_a_graph_without_edges():
    model, full = random_model(metabolism_to_genes=True), made_up(0)
    none = torch.zeros(2, 0, dtype=torch.int64)
    graph = Graph(none, none, none, none, full.coefficient[:0], full.features)
    torch.testing.assert_close(increments(model, graph, SETS), alone(model, graph, SETS), **EXACT)


def test_a_model_in_training_is_not_stored():
    model, told = random_model(), r"call its eval\(\) before increments"
    one = Stored(model, made_up(0))
    model.train()
    with pytest.raises(RuntimeError, match=told):
        Stored(model, made_up(0))
    with pytest.raises(RuntimeError, match=told):
        one.change(*flat(SETS))


def test_nothing_is_kept_for_gradients():
    model, graph = random_model(), made_up(0)
    assert not increments(model, graph, SETS).requires_grad


@pytest.fixture(scope="module")
def yeast_graph() -> tuple[Graph, dict[str, int]]:
    from tests.training.data import real

    cell = real.cell_graph()
    names = ("physical", "regulatory", "gene_reaction", "stoichiometry", "coefficient")
    counts = (len(cell.genes), len(cell.reaction_nodes), len(cell.metabolites))
    graph = Graph(*(torch.from_numpy(getattr(cell, name)) for name in names))
    return graph, dict(zip(SIZES, counts, strict=True))


@pytest.mark.skipif(not FOLDER, reason="ZOO_DATA is not set: it names the folder with the raw data")
def test_sets_of_the_real_cell_are_each_alone(yeast_graph):
    graph, sizes = yeast_graph
    torch.manual_seed(0)
    narrow = {"dim": 8, "heads": 1, "layers": 2, "inducing": 16}
    config = hetero_cell.Config(**sizes, **narrow, metabolism_to_genes=True)
    total = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "ci" else 40
    model, sets = hetero_cell.Model(config).eval(), drawn(0, sizes["genes_total"], total, 1, 3)
    single = graph._replace(coefficient=graph.coefficient.float())
    rounded = increments(model, single, sets)
    expected = alone(model.double(), graph, sets)
    scale = model.wildtype(graph).z.abs().max()
    assert (increments(model, graph, sets) - expected).abs().max() <= 1e-9 * scale
    assert (rounded - expected).abs().max() <= 1e-5 * scale
    assert expected.abs().max() > 1e-4 * scale
