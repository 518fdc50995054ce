"""Names people type, resolved over the whole of HGNC."""

import csv
import gzip
import os
from pathlib import Path

import pytest

from contracts.genes.vocabulary import GeneRecord, Vocabulary


def split(cell: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (cell or "").split(",") if name.strip())


@pytest.fixture(scope="module")
def hgnc() -> Vocabulary:
    if "ZOO_DATA" not in os.environ:
        pytest.skip("ZOO_DATA is not set: it names the folder with the raw data")
    path = Path(os.environ["ZOO_DATA"]) / "brain" / "raw" / "hgnc_entries.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return Vocabulary.from_records(
            GeneRecord(
                row["Approved symbol"],
                False,
                row["HGNC ID"],
                split(row["Ensembl gene ID"]),
                split(row["UniProt ID(supplied by UniProt)"]),
                split(row["Previous symbols"]),
                split(row["Alias symbols"]),
            )
            for row in csv.DictReader(file, delimiter="\t")
            if row["Status"] == "Approved"
        )


def test_every_approved_symbol_is_itself(hgnc):
    assert len(hgnc) > 40_000
    assert hgnc.gene_index(hgnc.genes).tolist() == list(range(len(hgnc)))
    assert hgnc.gene_index([g.lower() for g in hgnc.genes]).tolist() == list(range(len(hgnc)))


@pytest.mark.parametrize(
    ("query", "symbol"),
    [
        ("p53", "TP53"),
        ("NeuN", "RBFOX3"),
        ("OCT4", "POU5F1"),
        ("Nurr1", "NR4A2"),
        ("MARCH1", "MARCHF1"),
        ("ENSG00000131095.12", "GFAP"),
        ("P14136", "GFAP"),
        ("HGNC:4235", "GFAP"),
        ("c1orf112", "FIRRM"),
    ],
)
def test_names_people_type(hgnc, query, symbol):
    assert hgnc.resolve(query).symbol == symbol


def test_septin_2_was_two_genes(hgnc):
    assert hgnc.resolve("SEPT2").candidates == ("SEPTIN2", "SEPTIN6")


def test_swapped_letters_are_near(hgnc):
    assert hgnc.resolve("GFPA").near[0] == "GFAP"
    assert "SOX2" in hgnc.resolve("SXO2").near[:2]
