"""Interactions of proteins from OmniPath, without those of regulators and their targets."""

import numpy as np
import pandas as pd
from scipy import sparse

from training.data import hgnc
from training.data.files import DataFiles
from training.data.vectors import factors
from training.data.vectors.source import VectorSource, human

TYPE = "post_translational"


def make(files: DataFiles, seed: int) -> VectorSource:
    """Spectral factors of the network: singular vectors of its normalised adjacency."""
    columns = ["source", "target", "type"]
    rows = pd.read_parquet(files.path("brain/raw/omnipath.parquet"), columns=columns)
    rows, genes = rows[rows["type"] == TYPE], human(files)
    ends = [hgnc.resolve(genes, rows[side]) for side in ("source", "target")]
    edges = pd.DataFrame(dict(zip(("one", "other"), ends, strict=True))).dropna()
    edges = edges[edges["one"] != edges["other"]]
    both = pd.concat([edges, edges.rename(columns={"one": "other", "other": "one"})])
    network, symbols, _ = factors.table(both["one"], both["other"])
    scale = sparse.diags_array(1 / np.sqrt(network.sum(axis=1)))
    return VectorSource.of_rows(
        "omnipath",
        "Spectral factors of the network of protein interactions in OmniPath (type "
        f"{TYPE}, no complexes). They know which proteins act on each other.",
        "mixed sources, https://omnipathdb.org/info",
        symbols,
        factors.singular(sparse.csr_array(scale @ network @ scale), seed),
    )
