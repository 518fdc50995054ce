"""The regulators of a gene, from motifs and the activity of promoters and enhancers alone."""

import pandas as pd

from training.data import hgnc
from training.data.files import DataFiles
from training.data.vectors import factors
from training.data.vectors.source import VectorSource, human


def make(files: DataFiles, seed: int) -> VectorSource:
    """Which regulators a gene has (Marbach et al. 2016), in singular vectors."""
    edges = files.table("tf_knowledge/marbach2016_regulatory_circuits.tsv.gz").drop_duplicates()
    genes = human(files)
    edges = pd.DataFrame({side: hgnc.resolve(genes, edges[side]) for side in edges}).dropna()
    counts, symbols, _ = factors.table(edges["gene"], edges["tf"])
    return VectorSource.of_rows(
        "tf_targets",
        "Singular vectors of the regulators of each gene (Marbach 2016: motifs in active promoters "
        "and enhancers). They know nothing of the literature.",
        "CC0-1.0 (package tftargets)",
        symbols,
        factors.of_annotation(counts, seed),
    )
