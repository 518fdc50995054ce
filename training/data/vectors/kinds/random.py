"""A vector drawn by chance for every gene: a control that knows nothing."""

import numpy as np

from training.data.files import DataFiles
from training.data.vectors.factors import DIM
from training.data.vectors.source import VectorSource, human


def make(files: DataFiles, seed: int) -> VectorSource:
    """Normal numbers for every approved human gene, another draw for another seed."""
    genes = human(files).genes
    drawn = np.random.default_rng(seed).normal(size=(len(genes), DIM))
    about = "Each gene has a vector drawn by chance: a control that knows nothing."
    return VectorSource.of_rows("random", about, "CC0-1.0", genes, drawn)
