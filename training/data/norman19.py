"""Activation of one gene or two in K562 cells (Norman et al. 2019), from PerturBench's extract.

The file holds cells of another study too; the rows whose `dataset` is norman19 are used.
"""

from functools import partial

from training.data import gene_records
from training.data.expression import FLOOR, ExpressionData, from_cells
from training.data.files import DataFiles

FILE = "norman19/perturbench_devel.h5ad"
DATASET, CONDITION, CONTROL = "norman19", "condition", "control"
UNIT = "natural logarithm of 1 + the counts of a cell, scaled by the authors of the extract"
DESCRIPTION = (
    "K562 cells in which CRISPRa activates one gene or two: 18 genes alone, 15 pairs, and control "
    "cells, about 100 cells each, with the 500 genes that vary most. It is an extract of a screen "
    "of 284 perturbations."
)
LICENCES = {
    "Norman 2019 cells (through altoslabs/perturbench)": "BSD-3-Clause",
    "HGNC gene names": "CC0-1.0",
}


def load(files: DataFiles) -> ExpressionData:
    """Build the data set; `coverage` has the shares of genes that HGNC knows."""
    cells = files.cells(FILE)
    cells = cells[(cells.obs["dataset"] == DATASET).to_numpy()].copy()
    return from_cells(
        cells,
        name="norman19",
        perturbation=CONDITION,
        control=CONTROL,
        kind="overexpressed",
        unit=UNIT,
        records=partial(gene_records.human, files),
        floor=FLOOR,
        digests=files.used,
        licences=LICENCES,
        description=DESCRIPTION,
    )
