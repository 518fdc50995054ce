"""The data that predictions are scored against: one of the zoo's, or a file of anybody's cells."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from contracts.errors import BadTable, InvalidOption
from contracts.genes.vocabulary import GeneRecord
from training import data as datasets
from training.data import gene_records
from training.data.expression import ExpressionData, from_cells
from training.data.files import DataFiles, MissingData

LOOKED = 200
"""Cells that tell whether a matrix has counts."""
ENDING = ".h5ad"
LOGARITHMS = "the unit of the file"
COUNTS = "natural logarithm of 1 + counts scaled to the median total of control cells"


def opened(
    name: str, perturbation: str | None = None, control: str | None = None
) -> ExpressionData:
    """A data set of the zoo by its name, or the cells of an .h5ad file by its path.

    Raises InvalidOption for a name of none, and for columns or a control that are not there.
    """
    if not name.endswith(ENDING):
        data = datasets.load(name)
        if not isinstance(data, ExpressionData):
            there = [each for each in datasets.names() if each in _ours()]
            expected = f"{' or '.join(there)}, or an {ENDING} file of cells"
            raise InvalidOption("--dataset", name, expected)
        return data
    if perturbation is None:
        expected = "the column of obs that names what was perturbed in each cell"
        raise InvalidOption("--perturbation-column", perturbation, expected)
    if control is None:
        expected = f"how the column {perturbation} names unperturbed cells"
        raise InvalidOption("--control", control, expected)
    return _of_file(Path(name), perturbation, control)


def _ours() -> tuple[str, ...]:
    return ("norman19", "papalexi2021")


def _of_file(path: Path, perturbation: str, control: str) -> ExpressionData:
    import anndata

    if not path.is_file():
        raise InvalidOption("--dataset", str(path), "a file that exists")
    try:
        with warnings.catch_warnings():
            # Files of older versions of anndata, and repeated names, which from_cells refuses.
            warnings.filterwarnings("ignore", ".*was written without encoding metadata.*")
            warnings.filterwarnings("ignore", ".*names are not unique.*")
            cells = anndata.read_h5ad(path, backed="r")
    except (OSError, KeyError, ValueError) as error:
        raise BadTable(path, f"it cannot be read ({error})", "Write it with anndata.") from error
    counts = _has_counts(cells)
    return from_cells(
        cells,
        name=path.name,
        perturbation=perturbation,
        control=control,
        kind="absent",
        unit=COUNTS if counts else LOGARITHMS,
        records=_records,
        separator="_" if _is_joined_by_bars(cells, perturbation) else "+",
        counts=counts,
    )


def _has_counts(cells: Any) -> bool:
    some = cells.X[:LOOKED]
    values = some.data if sparse.issparse(some) else np.asarray(some)
    return bool((values >= 0).all() and (values == np.rint(values)).all() and values.max() > 1)


def _is_joined_by_bars(cells: Any, perturbation: str) -> bool:
    """Whether sets are written KLF1_MAP2K6: no name has a plus, and parts are perturbed alone."""
    if perturbation not in cells.obs:
        return False
    every = {str(name) for name in cells.obs[perturbation].dropna().unique()}
    parts = [name.split("_") for name in every if "_" in name]
    return not any("+" in name for name in every) and any({*each} <= every for each in parts)


def _records(names: Sequence[str]) -> Sequence[GeneRecord]:
    """What HGNC calls the genes; without the raw data of the zoo, their names alone."""
    try:
        return gene_records.human(DataFiles.find(), names)
    except MissingData:
        return [GeneRecord(name) for name in names]
