"""Cells of two species, few genes, with types that the orthologs tell apart."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import sparse

from contracts.genes.vocabulary import GeneRecord
from training.data.cells import CellData, SpeciesCells

GENES = {"human": 40, "mouse": 44}
ORTHOLOGS = 36
"""The first genes of human, and the same genes of mouse from the other end."""
CELLS: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "human": {
        "A": (12, 9, 10, 8),
        "B": (20, 15, 16, 12),
        "D": (4, 3, 5, 4),
        "acinar": (9, 9, 9, 9),
    },
    "mouse": {"A": (9, 14), "B": (30, 24), "D": (5, 6), "lymphocyte": (3, 8)},
}
"""Cells of each type in each donor. D has too few for the headline."""
MARKERS = 4


def data(seed: int = 0) -> CellData:
    """Counts with four markers a type, of which orthologs mark the same type in both species."""
    rng = np.random.default_rng(seed)
    types = sorted({label for each in CELLS.values() for label in each})
    pairs = {"human": np.arange(ORTHOLOGS), "mouse": GENES["mouse"] - 1 - np.arange(ORTHOLOGS)}
    species = {}
    for name, own in CELLS.items():
        labels = [t for t, donors in own.items() for n in donors for _ in range(n)]
        donors = [
            f"{name}{d + 1}"
            for counts in own.values()
            for d, n in enumerate(counts)
            for _ in range(n)
        ]
        order = rng.permutation(len(labels))
        labels, donors = np.array(labels)[order], np.array(donors)[order]
        rate = np.exp(rng.normal(size=GENES[name]))[None, :].repeat(len(labels), 0)
        for number, label in enumerate(types):
            marks = pairs[name][number * MARKERS : (number + 1) * MARKERS]
            rate[np.ix_(labels == label, marks)] *= 12
        counts = sparse.csr_array(rng.poisson(rate).astype(np.float32))
        index = [f"{name}_cell{n}" for n in range(len(labels))]
        symbols = tuple(f"{'H' if name == 'human' else 'M'}{n:02d}" for n in range(GENES[name]))
        species[name] = SpeciesCells(
            symbols,
            counts,
            pd.Series(labels, index, name="cell_ontology_class"),
            pd.Series(donors, index, name="donor"),
            sparse.csr_array((len(symbols), 1), dtype=np.float32),
            tuple(GeneRecord(symbol) for symbol in symbols),
        )
    return CellData("planted", species, pd.DataFrame(pairs), ("GO:1",), {}, {}, {}, "Planted.")
