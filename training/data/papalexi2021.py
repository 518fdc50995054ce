"""Knockouts of 25 genes in THP-1 cells (Papalexi et al. 2021): UMI counts."""

from functools import partial

from training.data import gene_records
from training.data.expression import FLOOR, ExpressionData, from_cells
from training.data.files import DataFiles

FILE = "papalexi2021/papalexi2021_lowmoi.h5ad"
TARGET, CONTROL = "target", "non-targeting"
REPLICATE, GUIDE = "bio_rep", "grna"
UNIT = "natural logarithm of 1 + the counts of a cell, scaled to the median total of control cells"
DESCRIPTION = (
    "THP-1 cells in which CRISPR knocks out one of 25 genes, with 3 or 4 guides a gene and three "
    "replicates, and cells with non-targeting guides: UMI counts of 299 genes."
)
LICENCES = {
    "Papalexi 2021 counts (through Katsevich-Lab/sceptredata)": "MIT",
    "HGNC gene names": "CC0-1.0",
}


def load(files: DataFiles) -> ExpressionData:
    """Build the data set; `coverage` has the shares of genes that HGNC knows."""
    return from_cells(
        files.counts(FILE),
        name="papalexi2021",
        perturbation=TARGET,
        control=CONTROL,
        kind="absent",
        unit=UNIT,
        records=partial(gene_records.human, files),
        replicate=REPLICATE,
        guide=GUIDE,
        counts=True,
        floor=FLOOR,
        digests=files.used,
        licences=LICENCES,
        description=DESCRIPTION,
    )
