"""The benchmark of encodings compares the same; not what it measures."""

import page
import perturbed_encoding as benchmark
import pytest
import torch

from tests.zoo.architectures.hetero_formulas import GENES, METABOLITES, NODES, made_up


@pytest.fixture
def cell():
    graph = made_up(0)
    graph = graph._replace(features=None, coefficient=graph.coefficient.float())
    return benchmark.Cell(graph, GENES, NODES, METABOLITES, GENES)


@pytest.mark.parametrize("design", ["published", "metabolism to genes"])
def test_the_exact_ways_agree_and_the_page_tells_of_all(cell, design, monkeypatch):
    monkeypatch.setattr(benchmark, "peak", lambda *_: 7)
    with torch.no_grad():
        found = benchmark.compared(cell, design, 2, 0.0)
    assert found["apart"] <= benchmark.AGREES
    ways = {row["way"]: row for row in found["rows"]}
    assert {*benchmark.EXACT, *benchmark.PARTS} <= set(ways)
    assert ways["full"]["to_full"] == pytest.approx(1)
    assert 0 < ways["incremental"]["nodes"] < ways["full"]["nodes"] == GENES + NODES + METABOLITES
    numbers = {"genes": 9, "reactions": 7, "metabolites": 5, "physical": 4, "regulatory": 3}
    text = page.macro("perturbed_encoding", {"cell": numbers, "models": [found]})
    assert all(f"| {way} " in text for way in ways)


def test_ways_that_do_not_agree_are_told(cell, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        benchmark.Ways, "incremental", lambda self, pairs: torch.ones(len(pairs), 64)
    )
    with torch.no_grad(), pytest.raises(SystemExit, match="The ways differ by"):
        benchmark.compared(cell, "published", 1, 0.0)


def test_hops_follow_edges_either_way(cell):
    edges = torch.tensor([[0, 1, 2], [1, 2, 3]])
    line = cell._replace(graph=cell.graph._replace(physical=edges[:, :0], regulatory=edges))
    found = [line.within(torch.tensor([1]), hops).nonzero()[:, 0].tolist() for hops in range(3)]
    assert found == [[1], [0, 1, 2], [0, 1, 2, 3]]
    smaller, _ = line.part(torch.tensor([1]), 2)
    assert smaller.present.tolist() == [0, 2, 3]
    assert smaller.regulatory.tolist() == [[1], [2]]


def test_a_grown_cell_has_the_published_size(cell):
    grown = cell.grown()
    sizes = {name: getattr(grown.graph, name).shape[1] for name in ("physical", "regulatory")}
    assert {"genes": grown.genes, **sizes} == benchmark.PUBLISHED
    assert grown.graph.physical.max() < grown.genes
    assert grown.graph.physical[:, :3].equal(cell.graph.physical[:, :3])


def test_without_data_nothing_is_measured(monkeypatch, capsys):
    monkeypatch.delenv("ZOO_DATA", raising=False)
    monkeypatch.setattr("sys.argv", ["perturbed_encoding.py"])
    benchmark.main()
    assert "ZOO_DATA is not set" in capsys.readouterr().out
