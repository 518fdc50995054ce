"""Cells with effects of perturbed genes that were planted: they add up, and are sparse."""

from collections.abc import Sequence

import anndata
import numpy as np
import pandas as pd

from contracts.genes.vocabulary import GeneRecord
from training.data.expression import ExpressionData, from_cells

GENES = ("A", "B", "C", "D", "E", "F")
DOUBLES = ("A+B", "C+D", "A+F")
READOUTS = ("A", "B", *(f"R{number:02d}" for number in range(38)))
CELLS = 40


def records(names: Sequence[str]) -> tuple[GeneRecord, ...]:
    """Symbols alone."""
    return tuple(GeneRecord(name) for name in names)


def effects(seed: int = 0) -> dict[str, np.ndarray]:
    """The true change that each gene makes: a fifth of the readouts move."""
    rng = np.random.default_rng(seed)
    moved = rng.normal(0, 0.6, (len(GENES), len(READOUTS)))
    moved[rng.random(moved.shape) > 0.2] = 0
    return dict(zip(GENES, moved, strict=True))


def data(seed: int = 0) -> ExpressionData:
    """Singles, doubles and control: normal noise, and levels far from 0."""
    rng, true = np.random.default_rng(seed + 100), effects(seed)
    labels = np.repeat(["ctrl", *GENES, *DOUBLES], CELLS)
    sums = {one: sum(true[gene] for gene in one.split("+")) for one in (*GENES, *DOUBLES)}
    level = np.linspace(3, 5, len(READOUTS))
    means = np.stack([level + sums.get(label, 0) for label in labels])
    cells = means + rng.normal(0, 1, means.shape)
    obs = pd.DataFrame({"label": labels}, index=[f"c{row}" for row in range(len(labels))])
    table = anndata.AnnData(cells, obs, pd.DataFrame(index=list(READOUTS)))
    return from_cells(
        table,
        name="planted",
        perturbation="label",
        control="ctrl",
        kind="absent",
        unit="log",
        records=records,
    )
