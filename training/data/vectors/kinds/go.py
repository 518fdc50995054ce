"""Gene Ontology: what genes do, where, and in which processes, as curators read it."""

import numpy as np
import pandas as pd
from scipy import sparse

from training.data import hgnc
from training.data.files import DataFiles
from training.data.vectors import factors
from training.data.vectors.source import VectorSource, human

ASPECTS = ("bp", "mf", "cc")
LEFT_OUT = ("ND", "IEA")
"""Evidence that is none: no data, and what was inferred without a curator."""
UPWARD = ("isa", "part of")


def make(files: DataFiles, seed: int) -> VectorSource:
    """Terms of a gene and all that these are part of, in singular vectors."""
    tables = [files.table(f"tf_knowledge/human_go_{aspect}.tsv.gz") for aspect in ASPECTS]
    rows = pd.concat(tables)
    rows = rows[~rows["evidence"].isin(LEFT_OUT)]
    rows = rows.assign(gene=hgnc.resolve(human(files), rows["symbol"])).dropna(subset=["gene"])
    counts, genes, terms = factors.table(rows["gene"], rows["go"])
    above = _above(files, terms)
    return VectorSource.of_rows(
        "go",
        "Singular vectors of terms of the Gene Ontology (2022-07) and of all terms above them, "
        "without those that no curator confirmed. They know what was published of each gene.",
        "CC-BY-4.0",
        genes,
        factors.of_annotation((counts @ above > 0).astype("float32"), seed),
    )


def _above(files: DataFiles, terms: list[str]) -> sparse.csr_array:
    """Which terms each of `terms` stands under, itself included [terms, all terms]."""
    names = ["term", "parent", "relation"]
    parents = files.table("tf_knowledge/human_go_parents.tsv.gz", names=names)
    parents = parents[parents["relation"].isin(UPWARD)]
    every = pd.Index(pd.unique(np.r_[terms, parents["term"], parents["parent"]]))
    ends = every.get_indexer(parents["term"]), every.get_indexer(parents["parent"])
    step = sparse.coo_array(([1.0] * len(parents), ends), shape=(len(every),) * 2).tocsr()
    above = sparse.eye_array(len(every), format="csr")[every.get_indexer(terms)]
    reached = -1
    while reached != above.nnz:
        reached = above.nnz
        above = above + above @ step
        above.data[:] = 1
    return above
