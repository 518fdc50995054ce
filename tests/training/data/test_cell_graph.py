"""The cell graph: every edge of a tiny bundle by hand, counts of the real one, and bad files."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contracts.errors import ArtefactError
from tests.training.data import real as real_data
from tests.training.data import yeast_files
from tests.training.data.yeast_files import (
    FACTOR,
    LAST,
    NETWORK_ONLY,
    RECORDED,
    TEXTS,
    A,
    B,
    C,
    D,
    E,
    F,
)
from training.data import yeast
from training.data.cell_graph import CellGraph, cell_graph
from training.data.files import DataFiles, LowCoverage

FOLDER = os.environ.get("ZOO_DATA")
needs_data = pytest.mark.skipif(
    not FOLDER, reason="ZOO_DATA is not set: it names the folder with the raw data"
)


def built(root: Path, **changed: list[str]) -> CellGraph:
    data = yeast.load(DataFiles.find(yeast_files.write(root / "sound")))
    return cell_graph(data, DataFiles.find(yeast_files.write(root / "used", **changed)))


@pytest.fixture
def graph(tmp_path: Path) -> CellGraph:
    return built(tmp_path)


@pytest.fixture(scope="module")
def real():
    return real_data.load("yeast"), real_data.cell_graph()


def raw(name: str) -> pd.DataFrame:
    return pd.read_csv(Path(FOLDER or "", "yeast", f"{name}.tsv.gz"), sep="\t", low_memory=False)


def named(graph: CellGraph, edges: np.ndarray) -> list[tuple[str, str]]:
    return [(graph.genes[a], graph.genes[b]) for a, b in edges.T.tolist()]


def test_genes_are_the_vocabulary_and_then_the_others_sorted(graph):
    assert graph.genes == (*RECORDED, F, FACTOR, NETWORK_ONLY)
    assert graph.in_vocabulary == len(RECORDED)


def test_physical_edges_go_both_ways_without_loops(graph):
    both = {(A, B), (B, A), (LAST, NETWORK_ONLY), (NETWORK_ONLY, LAST)}
    assert len(named(graph, graph.physical)) == len(both)
    assert set(named(graph, graph.physical)) == both


def test_regulatory_edges_keep_their_direction(graph):
    assert sorted(named(graph, graph.regulatory)) == sorted([(FACTOR, A), (A, FACTOR), (D, A)])


def test_reaction_nodes_know_their_reaction_and_direction(graph):
    assert graph.reaction_nodes[2] == "r1_g0_rev"
    assert graph.gem_reactions == ("r1", "r2", "r3")
    assert graph.gem_reaction.tolist() == [0, 0, 0, 0, 1, 2]
    assert graph.direction.tolist() == [1, 1, -1, -1, 1, 1]


def test_entries_keep_the_order_of_their_tables(graph):
    entries = [(graph.genes[gene], node) for gene, node in graph.gene_reaction.T.tolist()]
    assert entries == [(A, 0), (B, 0), (C, 1), (A, 2), (B, 2), (C, 3), (D, 4), (F, 5)]
    assert graph.metabolites == ("s1", "s2", "s3")
    assert graph.stoichiometry[:, -1].tolist() == [2, 5]
    assert graph.coefficient[[0, 1, -1]].tolist() == [-1.0, 2.0, -0.5]


@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        ("gpr", f"{E} 6", "line 10: reaction_idx is 6, expected"),
        ("gpr", f"{A} 0", "line 10: the entry stands there twice"),
        ("gpr", " 0", "line 10: orf is empty"),
        ("stoichiometry", "3 0 1.0", "line 13: metabolite_idx is 3, expected .* 0 to 2"),
        ("stoichiometry", "0 -1 1.0", "line 13: reaction_idx is -1, expected .* 0 to 5"),
        ("stoichiometry", "0 0 1.0", "line 13: the entry stands there twice"),
        ("stoichiometry", "2 0 0.0", "the amount 0.0, expected"),
        ("stoichiometry", "2 0 inf", "the amount inf, expected"),
        ("reactions", "r3_g0_rev r3 0 x", "the direction 0, expected"),
        ("reactions", "r3_g0_fwd r3 1 x", "names 'r3_g0_fwd' twice"),
        ("metabolites", "s1 c", "names 's1' twice"),
        ("regulatory", f"{A} ", "line 6: gene is empty"),
    ],
)
def test_a_contradiction_is_told_with_its_file(tmp_path: Path, name: str, line: str, told: str):
    with pytest.raises(ArtefactError, match=rf"yeast/{name}.tsv.gz.* {told}"):
        built(tmp_path, **{name: [*TEXTS[name], line]})


@pytest.mark.parametrize("name", ["physical", "regulatory", "gpr"])
def test_names_of_another_namespace_are_refused(tmp_path: Path, name: str):
    other = [TEXTS[name][0], *(f"P{line}" for line in TEXTS[name][1:])]
    with pytest.raises(LowCoverage, match=f"rows of yeast/{name}.tsv.gz"):
        built(tmp_path, **{name: other})


def test_a_vocabulary_of_another_species_is_refused(tmp_path: Path):
    other = [TEXTS["genes"][0], *(f"P{line}" for line in TEXTS["genes"][1:])]
    with pytest.raises(LowCoverage, match="genes of the vocabulary"):
        built(tmp_path, genes=other)


@needs_data
def test_the_real_graph_has_the_counts_of_its_source(real):
    data, graph = real
    assert graph.genes[:5109] == data.vocabulary.genes
    assert graph.in_vocabulary == 5109
    assert list(graph.genes[5109:]) == sorted(graph.genes[5109:])
    assert len(graph.reaction_nodes) == 4881
    assert len(graph.metabolites) == 2534
    assert graph.stoichiometry.shape == (2, 20960)
    assert graph.gene_reaction.shape == (2, 5450)


@needs_data
def test_the_real_networks_are_those_of_the_data(real):
    data, graph = real
    for name in ("physical", "regulatory"):
        edges, network = getattr(graph, name), data.networks[name].adjacency
        assert edges.shape[1] == network.nnz
        inside = edges[:, (edges < graph.in_vocabulary).all(axis=0)]
        own = network[: graph.in_vocabulary, : graph.in_vocabulary].tocoo()
        assert set(map(tuple, inside.T.tolist())) == set(
            zip(own.row.tolist(), own.col.tolist(), strict=True)
        )


@needs_data
def test_the_real_entries_are_those_of_the_files(real):
    _, graph = real
    gpr, terms = raw("gpr"), raw("stoichiometry")
    assert [graph.genes[gene] for gene in graph.gene_reaction[0]] == gpr["orf"].tolist()
    assert graph.gene_reaction[1].tolist() == gpr["reaction_idx"].tolist()
    assert (
        graph.stoichiometry.T.tolist()
        == terms[["metabolite_idx", "reaction_idx"]].to_numpy().tolist()
    )
    assert graph.coefficient.tolist() == terms["stoich"].tolist()
    everything = {*gpr["orf"], *raw("physical").to_numpy().ravel()}
    everything |= {*raw("regulatory").to_numpy().ravel()}
    assert everything <= set(graph.genes)
    assert set(graph.genes[5109:]) <= everything
