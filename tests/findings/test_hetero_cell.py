"""The findings page on HeteroCell: what it counts, and that it says what its files say."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.findings.scripts import scripts
from tests.training.perturbations import planted, planted_cell
from tests.training.perturbations.ablated import ablations
from tests.training.perturbations.entries import RIDGE
from training.data.cell_graph import CellGraph, cell_graph
from training.data.files import DataFiles
from training.perturbations.shipped import Shipped
from zoo.store import folders

SCRIPTS = scripts("hetero-cell")
page, measuring = SCRIPTS.page, SCRIPTS.measure
FINDINGS = Path(__file__).parents[2] / "findings" / "hetero-cell"
CLS = "cls_transformer-planted"
COVERAGE = {
    "coverage": {
        "random": {"pairs": 1_234} | dict.fromkeys(page.words.TOUCHED, 0.0312),
        "one_new": {"pairs": 77} | dict.fromkeys(page.words.TOUCHED, 0.25),
    },
    "beyond_sum": {
        "all": {"pairs": 99, "median": 0.0123, "low": 0.004, "high": 0.0345},
        "edge_or_neighbour": {"pairs": 99, "median": 0.0123, "low": 0.004, "high": 0.0345},
        "apart": {"pairs": 0},
    },
}


@pytest.fixture
def shipped(saved) -> Shipped:
    """The planted entry as HeteroCell, with ablations and a CLS-transformer in its ladder."""
    saved(RIDGE)
    entry = Shipped.read(RIDGE)
    evaluation = copy.deepcopy(entry.evaluation)
    for asked in evaluation["protocols"].values():
        for body in asked["questions"].values():
            body["ladder"][CLS] = body["ladder"]["pair_mlp"] | {"title": f"{CLS} (entry)"}
    manifest = entry.manifest.model_copy(update={"architecture": "hetero_cell"})
    best = entry.run["best"] | {"distance_genes_0": 3.5, "distance_genes_1": 1.75}
    run = entry.run | {"best": best}
    return replace(entry, manifest=manifest, evaluation=evaluation, run=run, ablations=ablations())


@pytest.fixture(scope="module")
def cell(tmp_path_factory: pytest.TempPathFactory) -> CellGraph:
    root = planted_cell.write(tmp_path_factory.mktemp("cell"))
    return cell_graph(planted.data(), DataFiles.find(root))


def test_shares_are_what_a_loop_over_pairs_counts(cell):
    rng = np.random.default_rng(0)
    pairs = np.stack([rng.choice(planted.GENES, 2, replace=False) for _ in range(200)])
    found = dict(measuring.touched(cell, pairs, planted.GENES))
    physical = {tuple(edge) for edge in cell.physical.T.tolist() if max(edge) < planted.GENES}
    targets = {tuple(edge) for edge in cell.regulatory.T.tolist() if max(edge) < planted.GENES}
    genes = range(planted.GENES)
    for at, (a, b) in enumerate(pairs.tolist()):
        edge = (a, b) in physical
        common = any((a, c) in physical and (b, c) in physical for c in genes)
        assert found["physical_edge"][at] == edge
        assert found["common_neighbour"][at] == common
        assert found["edge_or_neighbour"][at] == (edge or common)
        assert found["regulatory_edge"][at] == ((a, b) in targets or (b, a) in targets)
        assert found["common_target"][at] == any(
            (a, c) in targets and (b, c) in targets for c in genes
        )
        assert found["reaction"][at] == bool(np.isin([a, b], cell.gene_reaction[0]).any())
    assert found["edge_or_neighbour"].any()
    assert found["reaction"].any()


def test_a_reaction_of_two_alternatives_is_lost_by_the_pair_alone(cell):
    gene, node = np.array([[0, 1, 2], [0, 1, 2]])
    two = replace(
        cell,
        gene_reaction=np.stack([gene, node]),
        reaction_nodes=("a", "b", "c"),
        gem_reactions=("r", "s"),
        gem_reaction=np.array([0, 0, 1]),
        direction=np.array([1, 1, 1]),
        stoichiometry=np.zeros((2, 0), np.int64),
        coefficient=np.zeros(0),
    )
    pairs = np.array([[0, 1], [0, 2], [3, 4]])
    found = dict(measuring.touched(two, pairs, planted.GENES))
    assert found["reaction_beyond_singles"].tolist() == [True, False, False]
    assert found["reaction"].tolist() == [True, True, False]


def test_coverage_counts_the_test_pairs_of_the_headline_source(cell):
    data, split = planted.data(), planted.split()
    found = measuring.coverage(cell, data, split, planted.GENES)
    pairs = measuring.headline_pairs(data, split, "one_new_test")
    assert found["one_new"]["pairs"] == len(pairs) > 0
    has = dict(measuring.touched(cell, pairs, planted.GENES))["reaction"]
    assert found["one_new"]["reaction"] == pytest.approx(has.mean(), abs=1e-6)


class Toy(torch.nn.Module):
    """z_p is the sum of vectors, and of the product of two where they are deleted together."""

    def __init__(self, together: float):
        super().__init__()
        self.vector = torch.eye(4)
        self.together = together

    def graphs(self) -> dict:
        return {"head": self}

    def change(self, member, segment, sets):
        z = torch.zeros(sets, 4).index_add(0, segment, self.vector[member])
        count = torch.bincount(segment, minlength=sets)
        return z + self.together * (count == 2)[:, None] * torch.tensor([0.0, 0.0, 0.0, 1.0])


def test_beyond_the_sum_is_zero_for_a_sum_and_known_for_more():
    pairs = np.array([[0, 1], [2, 1], [0, 2]])
    assert measuring.beyond_sum(Toy(0.0), pairs) == pytest.approx(0, abs=1e-7)
    assert measuring.beyond_sum(Toy(1.0), pairs) == pytest.approx(1 / np.sqrt(3))
    assert measuring.summary(np.zeros(0)) == {"pairs": 0}
    assert measuring.summary(np.arange(11.0))["median"] == 5


def test_the_page_says_what_its_files_say(shipped):
    text = page.render(shipped, COVERAGE)
    said = " ".join(text.split())
    body = shipped.headlined[0][1]
    for name in ("ridge", "boosting", "pair_mlp", CLS):
        row = body["ladder"][name]
        assert f"| {row['title']} | {page.figure(row, 'pearson')} |" in text
        assert f"| {row['title']} | {page.figure(row, 'pearson', 'difference')} |" in text
    assert "| a gene in a reaction node | 3.1% | 25.0% |" in text
    assert "1.23% (median; a tenth of the pairs is below 0.40%, a tenth above 3.45%)" in said
    assert "nearly additive" in said
    assert "changes by +0.015, where seeds lie 0.020 apart" in said
    assert f"| `{RIDGE}` | genes | 3.5 | 1.75 |" in text
    assert "| `layers_2` | genes | 2.5 | 1.25 |" in text
    assert "`no_physical` (-0.030)" in said


def test_a_page_without_measurements_says_so(shipped):
    text = page.render(replace(shipped, ablations=None), None)
    assert text.count("\n[not measured]\n") == 3


def test_an_encoding_with_more_than_the_sum_is_told_as_that(shipped):
    other = copy.deepcopy(COVERAGE)
    other["beyond_sum"]["all"]["high"] = 0.6
    assert "nearly additive" not in page.render(shipped, other)


def test_the_committed_page_is_what_its_files_say():
    shipped = Shipped.read(page.ENTRY)
    measured = json.loads((FINDINGS / page.COVERAGE).read_text())
    assert measured["records_digest"] == shipped.evaluation["records_digest"]
    assert page.render(shipped, measured) == (FINDINGS / "README.md").read_text()
    assert folders.BUNDLED.joinpath(page.ENTRY).is_dir()
