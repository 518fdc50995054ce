"""Small data of perturbed cells: four genes alone, pairs with both, one or none of them known."""

from typing import Any

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

from contracts.genes.vocabulary import GeneRecord
from training.data.expression import ExpressionData, from_cells

READOUTS = [f"R{number:02d}" for number in range(30)]
SINGLES = ("A", "B", "C", "D")
PAIRS = ("A+B", "A+C", "B+X", "X+Y")
CELLS = 40


def cells(seed: int = 0, alone: int = CELLS, **obs: Any) -> anndata.AnnData:
    """Logarithms of expression of all perturbations; effects of genes add up."""
    rng = np.random.default_rng(seed)
    effect = {gene: rng.normal(0, 1, len(READOUTS)) for gene in (*SINGLES, "X", "Y")}
    labels = np.repeat(["control", *SINGLES, *PAIRS], alone)
    base = rng.uniform(3, 5, len(READOUTS))
    moved = [sum((effect[g] for g in t.split("+") if g in effect), base) for t in labels.tolist()]
    matrix = np.maximum(np.array(moved) + rng.normal(0, 0.5, (len(labels), len(READOUTS))), 0)
    table = pd.DataFrame({"condition": labels, "batch": np.arange(len(labels)) % 3} | obs)
    table["batch"] = "batch" + table["batch"].astype(str)
    table["guide"] = table["condition"] + (np.arange(len(labels)) // 7 % 4).astype(str)
    table.index = table.index.astype(str)
    return anndata.AnnData(sparse.csr_matrix(matrix), table, pd.DataFrame(index=READOUTS))


def data(table: anndata.AnnData | None = None, **options: Any) -> ExpressionData:
    """The data set of these cells."""
    return from_cells(
        cells() if table is None else table,
        name="toy",
        perturbation="condition",
        control="control",
        kind="overexpressed",
        unit="log1p",
        records=lambda names: [GeneRecord(name) for name in names],
        **options,
    )
