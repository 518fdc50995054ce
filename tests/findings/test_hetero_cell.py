"""The findings page on HeteroCell: what it counts, and that it says what its files say."""

import copy
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from tests.findings.scripts import scripts
from tests.training.perturbations import planted, planted_cell
from tests.training.perturbations.ablated import ablations
from tests.training.perturbations.entries import RIDGE
from training.cards import filters
from training.cards.shipped import Shipped
from training.data.cell_graph import CellGraph, cell_graph
from training.data.files import DataFiles
from training.scoring.table import Evaluation, ModelInfo, Variant
from zoo.store import folders

SCRIPTS = scripts("hetero-cell")
page, measuring = SCRIPTS.page, SCRIPTS.measure
FINDINGS = Path(__file__).parents[2] / "findings" / "hetero-cell"
CLS = "cls_transformer-planted"
PARTS = {"valid": "random", "one_new_valid": "one_new", "monitor": "monitor"}
COVERAGE = {
    "coverage": {
        "random": {"pairs": 1_234} | dict.fromkeys(page.TOUCHED, 0.0312),
        "one_new": {"pairs": 77} | dict.fromkeys(page.TOUCHED, 0.25),
    },
    "beyond_sum": {
        "all": {"pairs": 99, "median": 0.0123, "low": 0.004, "high": 0.0345},
        "edge_or_neighbour": {"pairs": 99, "median": 0.0123, "low": 0.004, "high": 0.0345},
        "apart": {"pairs": 0},
    },
}


@pytest.fixture
def shipped(saved) -> Shipped:
    """The planted entry as HeteroCell, with ablations and a CLS-transformer beside it."""
    saved(RIDGE)
    entry = Shipped.read(RIDGE)
    table = entry.evaluation
    beside = table.rows[table.rows["model"] == "pair_mlp"].assign(model=CLS)
    models = table.about.models | {CLS: ModelInfo(title=f"{CLS} (entry)", kind="baseline")}
    variants, rows = {}, []
    for run in ablations()["runs"]:
        name, best = run["name"], run["best"]
        keys = ("group", "changed", "epochs", "parameters")
        variants[name] = Variant(**{key: run[key] for key in keys})
        question = table.about.headline.question
        for key, value in best.items():
            row = {"stage": "valid", "model": "entry", "variant": name, "value": value}
            if part := PARTS.get(key):
                rows.append(row | {"protocol": part, "question": question, "measure": "pearson"})
            else:
                rows.append(row | {"measure": key})
    about = table.about.model_copy(update={"models": models, "variants": variants})
    extra = Evaluation.of(about, rows).rows
    evaluation = replace(table, about=about, rows=pd.concat([table.rows, beside, extra]))
    best = entry.run["best"] | {"distance_genes_0": 3.5, "distance_genes_1": 1.75}
    return replace(entry, evaluation=evaluation, run=entry.run | {"best": best})


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
    text = page.page(shipped, COVERAGE)
    said = " ".join(text.split())
    evaluation, question = shipped.evaluation, shipped.evaluation.about.headline.question
    for name in ("ridge", "boosting", "pair_mlp", CLS):
        row, title = (
            evaluation.figure("random", "pearson", question, name),
            evaluation.about.models[name].title,
        )
        assert f"| {title} | {filters.cell(row)} |" in text
        assert f"| {title} | {filters.gap(row)} |" in text
    assert "| a gene in a reaction node | 3.1% | 25.0% |" in text
    assert "1.23% (median) is not the sum" in said
    assert "A tenth of the pairs is below 0.40%, a tenth above 3.45%." in said
    assert "nearly additive" in said
    assert "changes by +0.015. Seeds lie 0.020 apart." in said
    assert f"| `{RIDGE}` | genes | 3.5 | 1.75 |" in text
    assert "| `layers_2` | genes | 2.5 | 1.25 |" in text
    assert "These differ by more: `no_physical` (-0.030)" in said


def test_a_page_without_measurements_leaves_their_sections_out(shipped):
    table = shipped.evaluation
    rows = table.rows[table.rows["variant"] == ""]
    about = table.about.model_copy(update={"variants": {}})
    text = page.page(replace(shipped, evaluation=replace(table, about=about, rows=rows)), None)
    titles = re.findall("^### (.*)", text, re.MULTILINE)
    assert titles == ["How alike layers make the genes"]


def test_an_encoding_with_more_than_the_sum_is_described_as_that(shipped):
    other = copy.deepcopy(COVERAGE)
    other["beyond_sum"]["all"]["high"] = 0.6
    text = page.page(shipped, other)
    assert "nearly additive" not in text
    assert "a good part of the encoding" in " ".join(text.split())


def test_the_committed_page_is_what_its_files_say():
    shipped = Shipped.read(page.ENTRY)
    measured = json.loads((FINDINGS / page.COVERAGE).read_text())
    assert measured["records_digest"] == shipped.evaluation.about.digest
    assert page.page(shipped, measured) == (FINDINGS / "README.md").read_text()
    assert folders.BUNDLED.joinpath(page.ENTRY).is_dir()
