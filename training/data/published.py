"""Scores of models of expression that others published: cited, and never ranked with ours.

They come from other splits, other genes and other software. What may be compared are methods of one
table on the perturbations that they share.
"""

from dataclasses import dataclass

import pandas as pd

from training.data.files import DataFiles

JOINT = "+"
CONTROL = "ctrl"


@dataclass(frozen=True)
class Source:
    """Where figures come from, and under which licence."""

    title: str
    place: str
    licence: str


SCPERTURBENCH = Source(
    "scPerturBench", "github.com/bm2-lab/scPerturBench, commit 6e24e7a", "GPL-3.0"
)
SCOUTER = Source("Scouter", "github.com/PancakeZoy/scouter_misc, commit 6f2c83e", "MIT")
AHLMANN_ELTZE = Source(
    "Ahlmann-Eltze, Huber and Anders, Nature Methods 2025",
    "figures of the article; no table was read",
    "figures cited, no data copied",
)
NORMAN_L2 = {
    "additive": 2.77,
    "GEARS": 3.92,
    "scFoundation": 4.55,
    "scGPT": 4.70,
    "no change": 5.62,
}
"""Of Norman's doubles, mean L2 distance over the 1,000 most expressed genes (AHLMANN_ELTZE)."""
GENES = {"top100": 100, "top5000": 5000}
"""Tables of scPerturBench, and over how many genes its correlations are."""


def scperturbench(files: DataFiles) -> pd.DataFrame:
    """Correlation of predicted with measured changes, one row a method, double and split.

    Columns: genes, screen, method, double, split, correlation. The file mixes single perturbations
    in, which are left out. Its ranks depend on who takes part and are not read.
    """
    tables = []
    for name, genes in GENES.items():
        rows = files.table(f"published_scores/scperturbench_combo_{name}.csv.gz", sep=",")
        names = rows["op"].str.extract(r"^(?P<double>.+)_(?P<split>\d+)$")
        tables.append(
            pd.DataFrame(
                {
                    "genes": genes,
                    "screen": rows["DataSet"],
                    "method": rows["method"],
                    "double": names["double"].map(sorted_genes),
                    "split": names["split"].astype(int),
                    "correlation": rows["cor"],
                }
            )
        )
    found = pd.concat(tables, ignore_index=True)
    return found[found["double"].str.contains(JOINT, regex=False)].reset_index(drop=True)


def scouter(files: DataFiles) -> pd.DataFrame:
    """Scouter's own table of Norman: one row a method, perturbation and split.

    Columns: method, perturbation, split, seen, error (its normalised mean squared error; lower is
    better). A single gene stands twice where it was the first or the second of a construct: it has
    the mean of both. Names of biolord carry a cell type and a dose, which are taken off.
    """
    rows = files.table("published_scores/scouter_norman.csv.gz", sep=",", index_col=0)
    names = rows.index.str.replace(r"^A549_|_1\+1$", "", regex=True)
    found = pd.DataFrame(
        {
            "method": rows["Method"].to_numpy(),
            "perturbation": names.map(sorted_genes),
            "split": rows["split"].to_numpy(),
            "seen": rows["subgroup"].to_numpy(),
            "error": rows["NormMSE"].to_numpy(),
        }
    )
    keys = ["method", "perturbation", "split", "seen"]
    return found.groupby(keys, as_index=False)["error"].mean()


def sorted_genes(perturbation: str) -> str:
    """Genes of a perturbation in their order, without what stands for no second gene."""
    return JOINT.join(sorted(set(perturbation.split(JOINT)) - {CONTROL}))
