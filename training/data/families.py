"""The families of transcription factors by their DNA-binding domain (Lambert 2018)."""

import pandas as pd

from contracts.genes.vocabulary import Vocabulary
from training.data import hgnc, orthologs
from training.data.files import DataFiles
from training.data.pairs import require_coverage

FILE = "tf_knowledge/lambert2018_human_tfs.tsv.gz"
LICENCE = ("DNA-binding families (Lambert 2018)", "published table; no licence file")
FLOOR = 0.95
UNKNOWN = "unknown domain"
"""The family of factors that bind DNA with a domain that nobody has described."""


def of_human(files: DataFiles, human: Vocabulary) -> dict[str, str]:
    """The family of every human factor, by approved symbol; `human` has all genes.

    Raises LowCoverage.
    """
    table = _table(files)
    symbols = hgnc.resolve(human, table["symbol"])
    require_coverage("the factors of Lambert 2018", float(symbols.notna().mean()), FLOOR)
    return table.set_axis(symbols)["family"][symbols.notna().to_numpy()].to_dict()


def of_mouse(files: DataFiles) -> dict[str, str]:
    """The family of every mouse gene whose human orthologs among the factors are of one family.

    A factor whose name in mouse case has no ortholog (Mycn) stands for itself.
    """
    factors, pairs = _table(files), orthologs.read_all(files)
    found = pairs.merge(factors, left_on="human", right_on="symbol")
    alone = factors.assign(mouse=factors["symbol"].str.capitalize())
    found = pd.concat([found, alone[~alone["mouse"].isin(pairs["mouse"])]])
    families = found.groupby("mouse")["family"].agg(["first", "nunique"])
    return families["first"][families["nunique"] == 1].to_dict()


def _table(files: DataFiles) -> pd.DataFrame:
    """The symbol (as of 2018) and the family of every human transcription factor."""
    table = files.table(FILE)
    table = table[table["Is TF?"] == "Yes"].rename(
        columns={"HGNC symbol": "symbol", "DBD": "family"}
    )
    return table[["symbol", "family"]].replace({"family": {"Unknown": UNKNOWN}})
