"""Names of genes: one record a gene, and the data's own symbol leads to it."""

import gzip
import hashlib
from pathlib import Path

import pytest

from contracts.genes.vocabulary import Vocabulary
from tests.training.data.gene_names import names_written
from training.data import gene_records
from training.data.files import DataFiles

HGNC_ROWS = [
    ("HGNC:1", "HLA-A", "ENSG00000206503", "", "HLAA"),
    ("HGNC:2", "SEPTIN4", "ENSG00000108387", "SEPT4, C17orf47", ""),
    ("HGNC:3", "NKX6-1", "ENSG00000163623", "NKX6A", "Nkx6.1"),
    ("HGNC:4", "NKX6-2", "ENSG00000148826", "", "NKX6.1, GTX"),
    ("HGNC:5", "LCOR", "ENSG00000196233", "C10orf12", ""),
    ("HGNC:6", "CCN2", "ENSG00000118523", "CTGF", ""),
    ("HGNC:7", "MUM1L1", "ENSG00000157502", "MUM1", ""),
    ("HGNC:8", "IRF4", "ENSG00000137265", "", "MUM1"),
]
HUMAN = ["HLA.A", "SEPT4", "C17orf47", "NKX6.1", "LCOR", "C10orf12", "MUM1", "IRF4", "FKSG51"]
HCOP_ROWS = [
    ("ENSG00000118523", "CCN2", "ENSMUSG00000019997", "Ccn2", '"Ensembl,OMA"'),
    ("ENSG00000137265", "IRF4", "ENSMUSG00000021356", "Irf4", "OMA"),
    ("ENSG00000137265", "IRF4", "ENSMUSG00000021356", "Irf4", "Ensembl"),
    ("ENSG00000196233", "LCOR", "ENSMUSG00000025019", "Lcor", "Ensembl"),
    ("ENSG00000196233", "LCOR", "ENSMUSG00000025018", "Lcor", "OMA"),
    ("ENSG00000108387", "SEPTIN4", "-", "Nothing", "OMA"),
    ("ENSG00000157502", "-", "ENSMUSG00000000001", "-", "OMA"),
    ("ENSG00000157502", "-", "ENSMUSG00000000002", "One", "OMA"),
    ("ENSG00000157502", "-", "ENSMUSG00000000002", "Other", "OMA"),
    ("ENSG00000196735", "HLA-DQA1", "ENSMUSG00000036594", "H2-Aa", "OMA"),
]
MOUSE = ["Irf4", "Ctgf", "Lcor", "Nothing", "One", "-"]


@pytest.fixture
def files(tmp_path: Path) -> DataFiles:
    names_written(tmp_path, HGNC_ROWS, HCOP_ROWS)
    text = "human.gene.name,gene.name,human.homology.type\nCTGF,Ctgf,ortholog_one2one\n"
    one_to_one = tmp_path / "pancreas/orthologs_1v1.csv.gz"
    one_to_one.write_bytes(gzip.compress(text.encode()))
    sums = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(tmp_path)}\n"
        for path in tmp_path.rglob("*.gz")
    )
    (tmp_path / "SHA256SUMS").write_text("".join(sums))
    return DataFiles.find(tmp_path)


def test_human_symbols_become_approved_ones_and_no_two_genes_are_merged(files: DataFiles):
    records = gene_records.human(files, HUMAN)
    assert [each.symbol for each in records] == [
        "HLA-A", "SEPTIN4", "C17orf47", "NKX6-1", "LCOR", "C10orf12", "MUM1", "IRF4", "FKSG51",
    ]  # fmt: skip
    assert records[2].ensembl == records[5].ensembl == records[6].ensembl == ()
    assert gene_records.coverage(records) == 5 / 9


def test_the_symbols_of_the_data_lead_to_their_genes(files: DataFiles):
    records = gene_records.human(files, HUMAN)
    vocabulary = Vocabulary.from_records(records)
    assert vocabulary.symbols(HUMAN) == [each.symbol for each in records]
    others = ["HLA-A", "HLAA", "ENSG00000163623.7", "nkx6.1", "SEPTIN4", "mum1"]
    assert vocabulary.symbols(others) == ["HLA-A", "HLA-A", "NKX6-1", "NKX6-1", "SEPTIN4", "MUM1"]


def test_mouse_genes_have_ids_under_old_names_too(files: DataFiles):
    records = gene_records.mouse(files, MOUSE)
    assert [each.symbol for each in records] == MOUSE
    assert [each.ensembl for each in records] == [
        ("ENSMUSG00000021356",),
        ("ENSMUSG00000019997",),
        ("ENSMUSG00000025018", "ENSMUSG00000025019"),
        (), (), (),
    ]  # fmt: skip
    assert records[1].aliases == ("Ccn2",)


def test_a_current_name_that_the_data_has_itself_is_no_alias(files: DataFiles):
    old, current = gene_records.mouse(files, ["Ctgf", "Ccn2"])
    assert (old.ensembl, old.aliases) == ((), ())
    assert current.ensembl == ("ENSMUSG00000019997",)


def test_a_dot_of_a_mouse_symbol_may_stand_for_a_hyphen(files: DataFiles):
    (alone,) = gene_records.mouse(files, ["H2.Aa"])
    assert (alone.ensembl, alone.aliases) == (("ENSMUSG00000036594",), ("H2-Aa",))
    dotted, hyphened = gene_records.mouse(files, ["H2.Aa", "H2-Aa"])
    assert (dotted.ensembl, dotted.aliases) == ((), ())
    assert hyphened.ensembl == ("ENSMUSG00000036594",)
