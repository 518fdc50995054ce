"""The pancreas of two species: what is read, and what is refused."""

import gzip
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from contracts.errors import CorruptArtefact, InvalidOption
from contracts.genes.vocabulary import Vocabulary
from tests.training.data import real
from tests.training.data.gene_names import names_written
from training.data import load
from training.data.cells import CellData
from training.data.files import LowCoverage
from zoo.matrices.genes import GeneColumns

GENES = {"human": ["INS", "GCG", "SST", "XIST"], "mouse": ["Gcg", "Ins2", "Sst"]}
COUNTS = {"human": [[5, 0, 1, 2], [0, 7, 0, 0]], "mouse": [[0, 4, 0], [3, 0, 1], [0, 0, 9]]}
TYPES = {"human": ["B", "A"], "mouse": ["B", "A", "D"]}
ORTHOLOGS = [("INS", "Ins2"), ("GCG", "Gcg"), ("SST", "Sst"), ("SST", "Sst2"), ("TTR", "Ttr")]
HGNC = [
    ("HGNC:1", "INS", "ENSG00000254647", "", "IDDM2"),
    ("HGNC:2", "GCG", "ENSG00000115263", "GLP1", ""),
    ("HGNC:3", "SST", "ENSG00000157005", "", ""),
]
HCOP = [
    ("ENSG00000254647", "INS", "ENSMUSG00000000215", "Ins2", '"Ensembl,HGNC"'),
    ("ENSG00000115263", "GCG", "ENSMUSG00000000394", "Gcg", "Ensembl"),
    ("ENSG00000157005", "SST", "-", "Sst", "OMA"),
]
TERMS = {
    "human": [("GO:1", "INS|GCG"), ("GO:2", "SST|TTR"), ("GO:4", "XIST")],
    "mouse": [("GO:1", "Ins2"), ("GO:2", "Gcg|Sst"), ("GO:3", "Sst")],
}


def written(root: Path, **changed: object) -> Path:
    """A data folder of few cells; `changed` has other `counts` or `orthologs`."""
    folder = root / "pancreas"
    folder.mkdir(parents=True)
    counts = COUNTS | dict(changed.get("counts", {}))  # type: ignore[call-overload]
    for species, genes in GENES.items():
        cells = len(TYPES[species])
        donors = [f"{species}{n + 1}" for n in range(cells)]
        obs = pd.DataFrame({"cell_ontology_class": TYPES[species], "donor": donors})
        obs.index = [f"cell{n}" for n in range(cells)]
        matrix = sparse.csr_matrix(np.array(counts[species], np.float32))
        table = anndata.AnnData(matrix, obs=obs, var=pd.DataFrame(index=genes))
        table.write_h5ad(folder / f"baron2016_{species}.h5ad")
        rows = [f"{term}\t{symbols}" for term, symbols in TERMS[species]]
        text = "\n".join(["go_id\tgene_symbols", *rows]) + "\n"
        (folder / f"go_experimental_{species}.tsv.gz").write_bytes(gzip.compress(text.encode()))
    pairs = [f"{one},{other}" for one, other in changed.get("orthologs", ORTHOLOGS)]  # type: ignore[attr-defined]
    head = "human.gene.name,gene.name,human.homology.type"
    text = "\n".join([head, *(f"{pair},ortholog_one2one" for pair in pairs)]) + "\n"
    (folder / "orthologs_1v1.csv.gz").write_bytes(gzip.compress(text.encode()))
    names_written(root, HGNC, HCOP)
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n"
        for path in sorted(root.rglob("*.*"))
    ]
    (root / "SHA256SUMS").write_text("".join(sums))
    return root


@pytest.fixture
def toy(tmp_path: Path) -> CellData:
    data = load("pancreas", written(tmp_path))
    assert isinstance(data, CellData)
    return data


def test_counts_labels_and_donors_are_as_they_stand(toy: CellData):
    for name, one in toy.species.items():
        assert list(one.genes) == GENES[name]
        np.testing.assert_array_equal(one.counts.toarray(), COUNTS[name])
        assert one.labels.tolist() == TYPES[name]
    assert toy.species["mouse"].of_donors(("mouse3", "mouse1")).tolist() == [0, 2]
    with pytest.raises(InvalidOption, match=r"donor='human9'.*one of mouse1, mouse2, mouse3"):
        toy.species["mouse"].of_donors(("human9",))


def test_orthologs_are_one_to_one_and_measured_in_both(toy: CellData):
    genes = toy.species["human"].genes, toy.species["mouse"].genes
    pairs = [(genes[0][h], genes[1][m]) for h, m in toy.orthologs.itertuples(index=False)]
    assert pairs == [("INS", "Ins2"), ("GCG", "Gcg")]  # SST stands twice, TTR is not measured


def test_terms_are_those_that_both_species_have(toy: CellData):
    assert toy.term_names == ("GO:1", "GO:2")
    human, mouse = (toy.species[name].terms.toarray() for name in ("human", "mouse"))
    np.testing.assert_array_equal(human, [[1, 0], [1, 0], [0, 1], [0, 0]])
    np.testing.assert_array_equal(mouse, [[0, 1], [1, 0], [0, 1]])
    assert toy.annotated("human").tolist() == [True, True, True, False]
    assert toy.coverage["terms/human"] == 0.75
    assert toy.coverage["orthologs/human"] == 0.5


def test_genes_have_their_records(toy: CellData):
    symbols = {name: [each.symbol for each in one.records] for name, one in toy.species.items()}
    assert symbols == GENES
    assert toy.coverage["ensembl/human"] == 0.75
    assert toy.coverage["ensembl/mouse"] == 2 / 3


def test_types_and_digest_are_those_of_all_cells(toy: CellData):
    assert toy.types == ("A", "B", "D")
    human = toy.species["human"]
    for changed in (
        replace(human, counts=human.counts * 2),
        replace(human, labels=human.labels[::-1]),
        replace(human, genes=human.genes[::-1]),
        replace(human, donors=human.donors[::-1]),
    ):
        assert replace(toy, species=toy.species | {"human": changed}).digest != toy.digest
    assert replace(toy, name="other").digest == toy.digest


@pytest.mark.parametrize("wrong", [-1, 0.5])
def test_what_is_no_count_is_refused(tmp_path: Path, wrong: float):
    with pytest.raises(CorruptArtefact, match=r"baron2016_mouse.*expected counts"):
        load("pancreas", written(tmp_path, counts={"mouse": [[0, wrong, 0], [3, 0, 1], [0, 0, 9]]}))


def test_few_orthologs_are_refused(tmp_path: Path):
    with pytest.raises(LowCoverage, match="human"):
        load("pancreas", written(tmp_path, orthologs=[("INS", "Ins2")]))


@pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="ZOO_DATA is not set")
def test_the_real_pancreas_has_the_counts_of_its_source():
    data = real.load("pancreas")
    assert isinstance(data, CellData)
    assert {name: one.counts.shape for name, one in data.species.items()} == {
        "human": (2142, 20125),
        "mouse": (1886, 14877),
    }
    assert len(data.orthologs) == 11674
    assert data.coverage["terms/human"] > 0.6
    assert data.coverage["ensembl/human"] > 0.99
    assert data.coverage["ensembl/mouse"] > 0.89
    for one in data.species.values():
        vocabulary = Vocabulary.from_records(one.records)
        assert vocabulary.symbols(one.genes) == [record.symbol for record in one.records]
    assert data.species["human"].donors.value_counts()["human3"] == 914


@pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="ZOO_DATA is not set")
@pytest.mark.parametrize("species", ["human", "mouse"])
def test_an_entry_of_some_genes_finds_each_in_its_own_column(species: str):
    data = real.load("pancreas")
    assert isinstance(data, CellData)
    one = data.species[species]
    picked = np.random.default_rng(0).permutation(len(one.genes))[:2000]
    place = {one.records[row].symbol: row for row in picked.tolist()}
    vocabulary = Vocabulary.from_records(one.records[row] for row in picked)
    found = GeneColumns.of(one.genes, species, vocabulary)
    assert found.column.tolist() == [place[symbol] for symbol in vocabulary.genes]
    (other,) = data.species.keys() - {species}
    assert GeneColumns.of(data.species[other].genes, species, vocabulary).present.mean() < 0.05
