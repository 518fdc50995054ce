"""Expression of genes in tissues of the Human Protein Atlas."""

import numpy as np

from training.data import hgnc
from training.data.files import DataFiles
from training.data.vectors.source import VectorSource, human


def make(files: DataFiles, seed: int) -> VectorSource:
    """Log expression in 61 tissues, standardised tissue by tissue; nothing is drawn by `seed`."""
    table = np.log1p(files.table("brain/raw/hpa_rna_tissue.tsv.gz", index_col=0))
    symbols = hgnc.resolve(human(files), table.index.to_series()).to_numpy()
    table = table.groupby(symbols).mean()
    standard = ((table - table.mean()) / table.std()).fillna(0)  # Not measured: the mean.
    return VectorSource.of_rows(
        "hpa",
        f"Log expression in {standard.shape[1]} tissues (Human Protein Atlas, consensus), each "
        "tissue standardised. They know where a gene is expressed.",
        "CC-BY-SA-4.0",
        standard.index,
        standard.to_numpy(),
    )
