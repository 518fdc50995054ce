"""A small vocabulary whose names cover every way to resolve one."""

import pytest

from contracts.genes.vocabulary import GeneRecord, Vocabulary


@pytest.fixture(scope="session")
def records() -> list[GeneRecord]:
    return [
        GeneRecord(
            "GFAP", False, "HGNC:4235", ("ENSG00000131095",), ("P14136",), (), ("FLJ45472",)
        ),
        GeneRecord(
            "SOX2", True, "HGNC:11195", ("ENSG00000181449",), ("P48431",), (), ("ANOP3", "TWIN")
        ),
        GeneRecord("POU5F1", True, "HGNC:9221", (), ("Q01860",), ("OTF3",), ("OCT4", "OCT3")),
        GeneRecord("MAP2", False, "HGNC:6839", ("ENSG00000078018",), ("P11137",)),
        GeneRecord("NEUROD1", True, "HGNC:7762", (), ("Q13562",), ("NEUROD",), ("BETA2",)),
        GeneRecord("C1orf112", False, "HGNC:25565", (), (), (), ("Twin",)),
        # An approved symbol that is also somebody else's alias.
        GeneRecord("CAT", False, "HGNC:1516"),
        GeneRecord("GLYAT", False, "HGNC:13734", (), (), (), ("CAT", "ACGNAT")),
        # One former symbol that two genes had, one UniProt accession that two genes share.
        GeneRecord("SEPTIN2", False, "HGNC:7729", (), (), ("SEPT2", "DIFF6")),
        GeneRecord("SEPTIN6", False, "HGNC:15848", (), (), ("SEPT2",)),
        GeneRecord("H3C1", False, "HGNC:4766", (), ("P68431",)),
        GeneRecord("H3C2", False, "HGNC:4776", (), ("P68431",)),
    ]


@pytest.fixture(scope="session")
def vocabulary(records: list[GeneRecord]) -> Vocabulary:
    return Vocabulary.from_records(records)
