"""Lists of perturbed regulators: the regulator leaves its own list, and ranks are as counted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import zoo
from tests import tiny
from tests.tiny import GENES, REGULATORS
from training.data.files import DataFiles
from training.pairs import signatures
from zoo.pairs.enrich.gene_list import GeneList
from zoo.pairs.enrich.table import Enrichment
from zoo.pairs.scorer import PairScorer
from zoo.store.files import sha256

ROWS = [
    ("SOX2_HUMAN_GSE1", "SOX2", "SOX2"),
    ("SOX2_HUMAN_GSE1", "SOX2", "GFAP"),
    ("SOX2_HUMAN_GSE1", "sox2", "S100B"),
    ("SOX2_HUMAN_GSE1", "SOX2", "MAP2"),
    ("SOX2_HUMAN_GSE1", "SOX2", "NOBODY"),
    ("SOX2_MOUSE_GSE2", "SOX2", "MBP"),
    ("PAX6_HUMAN_GSE3", "PAX6", "SOX2"),
    ("PAX6_HUMAN_GSE3", "PAX6", "MBP"),
    ("PAX6_HUMAN_GSE3", "PAX6", "GFAP"),
]


@pytest.fixture
def dot(tiny_root: Path) -> PairScorer:
    return zoo.load(zoo.register(tiny_root / tiny.DOT), device="cpu")


@pytest.fixture
def files(tmp_path: Path) -> DataFiles:
    """A data folder with the one table."""
    path = tmp_path / signatures.FILE
    path.parent.mkdir()
    pd.DataFrame(ROWS, columns=["set", "tf", "gene"]).to_csv(path, sep="\t", index=False)
    return DataFiles(tmp_path, {signatures.FILE: sha256(path)})


def test_a_regulator_is_taken_out_of_its_own_list_and_mice_are_left_out(dot, files):
    found = {REGULATORS[each.tf]: each.genes for each in signatures.read(files, dot)}
    names = {tf: {GENES[gene] for gene in genes.genes} for tf, genes in found.items()}
    assert names == {"SOX2": {"GFAP", "S100B", "MAP2"}, "PAX6": {"SOX2", "MBP", "GFAP"}}
    assert all(len(genes.background) == len(dot.vocabulary) for genes in found.values())


def test_ranks_are_those_of_every_method_and_ties_share_theirs(dot, files):
    lists = list(signatures.read(files, dot))
    known = dot.evidence.known
    table = signatures.ranks(dot, known, lists)
    for signature, (_, row) in zip(lists, table.iterrows(), strict=True):
        for method, scores in signatures.methods(dot, known, signature.genes).items():
            above = sum(score > scores[signature.tf] for score in scores)
            level = sum(score == scores[signature.tf] for score in scores)
            assert row[method] == above + (level + 1) / 2, method


def test_the_linear_model_is_a_regression_on_membership(dot):
    """Its t is that of the correlation of targets with the list, as decoupler's ULM has it."""
    genes = GeneList.of(dot.vocabulary, ["GFAP", "S100B", "MAP2", "MBP"])
    enrichment = Enrichment(dot, dot.evidence.known, genes)
    got = signatures.linear_model(enrichment, "CollecTRI")
    known = dot.evidence.known
    bit = known.names.index("CollecTRI")
    tf, gene = np.divmod(known.pairs.codes, known.pairs.genes_total)
    listed = (known.resources >> bit & 1).astype(bool)
    inside = np.isin(np.arange(len(GENES)), genes.genes).astype(float)
    for position, symbol in enumerate(REGULATORS):
        targets = np.zeros(len(GENES))
        targets[gene[listed & (tf == position)]] = 1
        others = np.arange(len(GENES)) != GENES.index(symbol)
        x, y = targets[others], inside[others]
        r = np.corrcoef(x, y)[0, 1] if x.any() else 0
        t = r * np.sqrt((len(x) - 2) / (1 - r**2))
        assert got[position] == pytest.approx(t, abs=1e-9)


def test_a_summary_counts_the_first_and_its_intervals_hold_the_share():
    table = pd.DataFrame({"tf": [0, 0, 1, 2], "one": [3.0, 11.0, 50.0, 51.0]})
    rows = signatures.summary(table).set_index("top")
    assert rows["share"].to_dict() == {10: 0.25, 50: 0.75}
    assert (rows["low"] <= rows["share"]).all()
    assert (rows["share"] <= rows["high"]).all()
