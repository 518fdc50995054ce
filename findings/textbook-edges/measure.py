"""Ranks of the regulators of the panel, by entries as they ship and by models of a fold.

A table of ranks has a row an edge and model: `part` is the part of the model's split that the edge
was in ("train": it has been seen), or "unlisted" where no resource has the edge.
"""

from pathlib import Path

import pandas as pd

import zoo
from training.data import hgnc
from training.data.brain import _resources
from training.data.files import DataFiles
from training.data.pairs import PairData
from training.pairs.split import Split
from zoo.pairs.scorer import PairScorer

HERE = Path(__file__).parent
ENTRIES = ("two_tower-brain", "cross_encoder-brain", "late_interaction-brain", "degree-brain")
GENES = (
    *("GFAP", "MBP", "MAP2", "TH", "GAD1", "GAD2", "SLC17A7", "BDNF", "NES", "SOX2", "PDGFRA"),
    *("AQP4", "CX3CR1", "P2RY12", "SNAP25", "SYN1", "RELN", "PVALB", "SST", "VIP", "CALB1"),
    *("OLIG1", "MOG", "PLP1", "ALDH1L1"),
)
HARDEST = ("cold_both_test", "cold_tf_test", "cold_gene_test", "test")
"""Parts in the order in which an edge that several folds hold out is taken from one of them."""
UNLISTED = "unlisted"
EDGE = ["regulator", "target"]
CORE = ("degree_preserving", "within_source", "cold_gene", "cold_tf", "cold_both", "retrieval")


def panel() -> pd.DataFrame:
    """regulator, target and setting of every edge, as written down before any training."""
    return pd.read_csv(HERE / "panel.csv")


def listed(data: PairData, files: DataFiles) -> pd.DataFrame:
    """The panel with the resources that list each edge, and the PMIDs that these give for it."""
    found = []
    for source, rows in _resources(files):
        tf, gene = (hgnc.resolve(data.vocabulary, rows[side]) for side in ("source", "target"))
        rows = rows.assign(regulator=tf, target=gene, resources=source, pmids=rows["pmids"])
        found.append(panel()[EDGE].merge(rows[[*EDGE, "resources", "pmids"]]))
    cells = pd.concat(found).astype(str).groupby(EDGE, sort=False).agg(_joined)
    return panel().join(cells, on=EDGE).fillna("")


def _joined(cells: pd.Series) -> str:
    """What stands in cells of a table that are joined by semicolons, each once and in order."""
    return ";".join(sorted(set(";".join(cells).split(";")) - {""}))


def shipped(data: PairData) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ranks by the entries as they ship, and their ten best regulators of each of GENES."""
    found, top = [], []
    for name in ENTRIES:
        model = zoo.load(name)
        assert isinstance(model, PairScorer)
        split = Split.load(Path(model.folder) / "split.safetensors")
        found.append(_ranked(model, data, panel(), split).assign(entry=name))
        best = model.regulators(GENES, k=10).groupby("gene", sort=False)["tf"].agg(" ".join)
        top.append(best.rename("regulators").reset_index().assign(entry=name))
    return pd.concat(found), pd.concat(top)
