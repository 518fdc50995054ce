"""The HGNC table: approved genes only, and names resolved without a guess."""

import gzip

import pandas as pd

from contracts.genes.vocabulary import Vocabulary
from training.data import hgnc

HEAD = (
    "HGNC ID\tApproved symbol\tApproved name\tStatus\tPrevious symbols\tAlias symbols"
    "\tEnsembl gene ID\tUniProt ID(supplied by UniProt)"
)
ROWS = (
    "HGNC:11195\tSOX2\tname\tApproved\t\tANOP3, TWIN\tENSG00000181449\tP48431",
    "HGNC:9221\tPOU5F1\tname\tApproved\tOTF3\tOCT3, OCT4\tENSG00000204531\tQ01860, F2Z381",
    "HGNC:1\tNA\tname\tApproved\t\tTWIN\t\t",
    "HGNC:2\tOLD~withdrawn\tname\tSymbol Withdrawn\t\tGONE\t\t",
)


def table(folder):
    path = folder / "hgnc.tsv.gz"
    path.write_bytes(gzip.compress("\n".join((HEAD, *ROWS)).encode()))
    return hgnc.read(path)


def test_records_hold_every_name(tmp_path):
    records = table(tmp_path)
    assert sorted(records) == ["NA", "POU5F1", "SOX2"], "withdrawn out, a gene named NA kept"
    oct4 = records["POU5F1"]
    assert oct4.hgnc_id == "HGNC:9221"
    assert oct4.previous == ("OTF3",)
    assert oct4.aliases == ("OCT3", "OCT4")
    assert oct4.uniprot == ("Q01860", "F2Z381")
    assert records["SOX2"].ensembl == ("ENSG00000181449",)


def test_names_become_symbols_or_nothing(tmp_path):
    human = Vocabulary.from_records(table(tmp_path).values())
    queries = {
        "SOX2": "SOX2",
        "sox2": "SOX2",
        "Q01860": "POU5F1",
        "F2Z381": "POU5F1",
        "OTF3": "POU5F1",
        "ENSG00000181449.9": "SOX2",
        "TWIN": None,
        "GONE": None,
        "COMPLEX:P1_P2": None,
    }
    names = pd.Series([*queries, "SOX2"], index=range(10, 20))
    expected = pd.Series([*queries.values(), "SOX2"], index=names.index)
    pd.testing.assert_series_equal(hgnc.resolve(human, names), expected, check_dtype=False)
