"""Human and mouse genes that descend from one gene (Ensembl)."""

import pandas as pd

from training.data.files import DataFiles

ONE_TO_ONE = "ortholog_one2one"
_COLUMNS = {
    "human.gene.name": "human",
    "gene.name": "mouse",
    "human.homology.type": "kind",
}


def read_all(files: DataFiles) -> pd.DataFrame:
    """human, mouse (symbols) and kind of every pair of orthologs."""
    return _read(files, "pancreas/orthologs_all.csv.gz")


def one_to_one(files: DataFiles) -> pd.DataFrame:
    """Human and mouse symbols of genes with exactly one ortholog each, no symbol twice.

    The source's own list has a few pairs of another kind, which are left out.
    """
    table = _read(files, "pancreas/orthologs_1v1.csv.gz")
    table = table[table["kind"] == ONE_TO_ONE]
    twice = table["human"].duplicated(keep=False) | table["mouse"].duplicated(keep=False)
    return table.loc[~twice, ["human", "mouse"]].reset_index(drop=True)


def _read(files: DataFiles, name: str) -> pd.DataFrame:
    # NaN is a gene's name nowhere, but "NA" is read as one unless it is told not to.
    table = files.table(name, sep=",", dtype=str, keep_default_na=False)
    table = table.rename(columns=_COLUMNS)[list(_COLUMNS.values())]
    return table[(table["human"] != "") & (table["mouse"] != "")]
