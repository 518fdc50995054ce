"""Names of genes that lead to columns."""

import numpy as np

from contracts.genes.vocabulary import GeneRecord, Vocabulary
from zoo.matrices.genes import GeneColumns

VOCABULARY = Vocabulary.from_records(
    [
        GeneRecord("GCG", ensembl=("ENSG00000115263",), previous=("GLP1",), aliases=("GLP2",)),
        GeneRecord("INS", ensembl=("ENSG00000254647",), aliases=("GLP2", "IDDM")),
        GeneRecord("SST"),
    ]
)


def columns(*names: str) -> list[int]:
    return GeneColumns.of(names, "human", VOCABULARY).column.tolist()


def test_a_gene_has_the_column_of_its_symbol_or_id():
    assert columns("INS", "other", "GCG") == [2, 0, -1]
    assert columns("ENSG00000115263.4", "SST ", "ENSG00000254647") == [0, 2, 1]


def test_another_case_is_another_species():
    assert columns("Gcg", "Ins1", "SST") == [-1, -1, 2]


def test_an_old_name_gives_way_to_the_symbol_and_an_alias_to_both():
    assert columns("GLP1", "IDDM") == [0, 1, -1]
    assert columns("GLP1", "GCG", "IDDM", "INS") == [1, 3, -1]


def test_a_name_of_two_genes_leads_to_none():
    assert columns("GLP2") == [-1, -1, -1]


def test_coverage_names_both_sides():
    coverage = GeneColumns.of(["SST", "GLP1"], "human", VOCABULARY).coverage
    assert (coverage.found, coverage.missing) == (("GCG", "SST"), ("INS",))
    assert np.isclose(coverage.share, 2 / 3)
