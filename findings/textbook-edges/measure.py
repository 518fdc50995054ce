"""Ranks of the panel's regulators, by the entries as they ship and by the models of their folds.

A table of ranks has one row an edge and model: entry, version, fold (empty for shipped weights),
regulator, target, rank, candidates and `part`: the part of the model's split that the edge is in,
"train" if the model has seen it, "unlisted" where no resource has it.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

import zoo
from training.data import hgnc
from training.data.brain import _resources
from training.data.files import DataFiles
from training.data.pairs import PairData
from training.pairs.answers import Scorer, logits, ranks
from training.pairs.scorer import of_run
from training.pairs.split import PARTS, Split
from zoo.store.folders import open_entry

PANEL = Path(__file__).parent / "panel.csv"
ENTRIES = ("two_tower-brain", "cross_encoder-brain", "late_interaction-brain", "degree-brain")
GENES = (
    *("GFAP", "MBP", "MAP2", "TH", "GAD1", "GAD2", "SLC17A7", "BDNF", "NES", "SOX2", "PDGFRA"),
    *("AQP4", "CX3CR1", "P2RY12", "SNAP25", "SYN1", "RELN", "PVALB", "SST", "VIP", "CALB1"),
    *("OLIG1", "MOG", "PLP1", "ALDH1L1"),
)
"""Markers of brain cells, whose ten best regulators are listed."""
EDGE = ["regulator", "target"]
ORDERS = ("score", "pair_specific")
SPLIT, UNLISTED = "split.safetensors", "unlisted"
HARDEST = ("cold_both_test", "cold_tf_test", "cold_gene_test", "test")
"""Test parts, that with least to learn from first."""


def panel() -> pd.DataFrame:
    """regulator, target and setting of every edge, as written down before any training."""
    return pd.read_csv(PANEL)


def listed(data: PairData, files: DataFiles) -> pd.DataFrame:
    """The panel with the resources that list each edge, and the PMIDs that they give for it."""
    found = []
    for source, rows in _resources(files):
        tf, gene = (hgnc.resolve(data.vocabulary, rows[side]) for side in ("source", "target"))
        table = pd.DataFrame({"regulator": tf, "target": gene, "pmids": rows["pmids"].astype(str)})
        found.append(table.assign(resources=data.resources[source]))
    cells = pd.concat(found).groupby(EDGE).agg(_joined).reset_index()
    return panel().merge(cells, how="left", on=EDGE).fillna("")


def _joined(cells: pd.Series) -> str:
    """What stands in cells of lists joined by semicolons, each once."""
    return ";".join(sorted(set(";".join(cells).split(";")) - {""}))


def shipped(data: PairData) -> Iterator[pd.DataFrame]:
    """Ranks by each entry as it ships, which has learned all listed edges."""
    for entry in rotated():
        found = _ranked(zoo.load(entry), data, _parts(data, None))
        yield found.assign(entry=entry, version=open_entry(entry)[1].version, fold="")


def rotated() -> list[str]:
    """The entries that were evaluated by folds and trained on all edges."""
    return [entry for entry in ENTRIES if open_entry(entry)[1].folds]


def top() -> pd.DataFrame:
    """entry, gene, by and the ten best regulators of each of GENES by the entry as it ships."""
    found = []
    for entry, by in itertools.product(rotated(), ORDERS):
        best = zoo.load(entry).regulators(GENES, k=10, by=by).groupby("gene", sort=False)["tf"]
        lists = best.agg(" ".join).rename("regulators").reset_index()
        found.append(lists.assign(entry=entry, by=by))
    return pd.concat(found)[["entry", "gene", "by", "regulators"]]


def _parts(data: PairData, split: Split | None) -> pd.DataFrame:
    """The panel's edges with their part of a split; without one, training has all listed ones."""
    part = pd.Series("train" if split is None else np.take(PARTS, split.part), data.edges.index)
    rows = data.edges[["tf", "gene"]].set_axis(EDGE, axis=1).assign(part=part)
    return panel()[EDGE].merge(rows, how="left").fillna({"part": UNLISTED})


def _ranked(model: Scorer, data: PairData, edges: pd.DataFrame) -> pd.DataFrame:
    names = data.vocabulary
    pairs = names.regulator_index(edges["regulator"]), names.gene_index(edges["target"])
    found = ranks(logits(model), data, np.stack(pairs, 1))
    return found.rename(columns={"tf": "regulator", "gene": "target"}).merge(edges)


def measure(data: PairData, files: DataFiles, runs: Path) -> dict[str, pd.DataFrame]:
    """Tables of results/ by name: the panel as listed, the entries' lists and ranks."""
    ranks = pd.concat([*out_of_fold(data, runs), *shipped(data)])
    return {"listed": listed(data, files), "top_after": top(), "after": ranks}


def out_of_fold(data: PairData, runs: Path) -> Iterator[pd.DataFrame]:
    """Ranks of each edge by one model whose fold had it in a test part, under `runs`.

    Where several folds held an edge out, the part decides in which there was least to learn from:
    its regulator and its gene, the regulator, the gene, or the edge alone.
    """
    for entry in rotated():
        found = []
        for folder in sorted((runs / entry / "folds").iterdir()):
            edges = _parts(data, Split.load(folder / SPLIT))
            held = edges["part"].isin(HARDEST)
            edges = edges[edges["target"].isin(edges["target"][held])]
            ranked = _ranked(of_run(folder), data, edges)
            found.append(ranked[ranked["part"].isin(HARDEST)].assign(fold=folder.name))
        table = pd.concat(found).sort_values("part", key=lambda part: part.map(HARDEST.index))
        version = open_entry(entry)[1].version
        yield table.drop_duplicates(EDGE).sort_index().assign(entry=entry, version=version)
