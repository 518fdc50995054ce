"""The unperturbed cells that a change is of, however they are given: one profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64, Shaped
from scipy import sparse

from contracts.errors import ContractViolation, OtherUnit, Violation
from contracts.genes.vocabulary import Vocabulary
from contracts.wording import shorten
from zoo.matrices.cells import CellMatrix, is_anndata, read
from zoo.matrices.genes import GeneColumns, require_coverage

FLOOR = 0.5
"""The share of the readout genes that a control must have."""

LOGARITHM = 20.0
"""No logarithm of expression is as large."""

LEVEL = 2.0
"""A control whose sum is so many times the entry's, or less than one such part, is doubtful."""

LACKING = (
    "{} of the entry's {} readout genes are not in the control, such as {}. They take the entry's "
    "own control."
)
DOUBT = "The control's expression is {:.2g} times that of the entry's own: is its unit {}?"


@dataclass(frozen=True, eq=False)
class Control:
    """The mean expression of each readout gene, and sentences on what may be wrong with it."""

    mean: Float32[np.ndarray, "readouts"]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Unperturbed:
    """The entry's own control, and how another is read: in `unit`, of the genes `readouts`."""

    readouts: Vocabulary
    mean: Float32[np.ndarray, "readouts"]
    unit: str
    species: str

    def read(self, control: Any = None) -> Control:
        """A control as ExpressionPredictor.predict_expression takes it; raises as that does."""
        if control is None:
            return Control(self.mean)
        if isinstance(control, Control):
            return control
        is_table = hasattr(control, "iloc") and control.ndim == 2
        if is_table or isinstance(control, CellMatrix) or is_anndata(control):
            return self.of_cells(read(control))
        if hasattr(control, "items"):
            names, values = zip(*control.items(), strict=True) if len(control) else ((), ())
            columns = self._columns(names)
            return self._control(columns, self._numbers(values, (len(names),))[columns.column])
        return self._control(None, self._numbers(control, (len(self.readouts),)))

    def of_cells(
        self, matrix: CellMatrix, wanted: Bool[np.ndarray, "cells"] | None = None
    ) -> Control:
        """The mean over the cells that are `wanted`, or over all; some are read at a time."""
        columns = self._columns(matrix.genes, matrix.names)
        chosen = np.ones(len(matrix), bool) if wanted is None else wanted
        total = np.zeros(int(columns.present.sum()))
        for which, rows in matrix.blocks(columns.column[columns.present]):
            block = self._numbers(rows.toarray() if sparse.issparse(rows) else rows)
            self._check(block[chosen[which]], columns)
            total += block[chosen[which]].sum(axis=0)
        mean = np.zeros(len(self.readouts))
        mean[columns.present] = total / chosen.sum()
        return self._control(columns, mean)

    def _columns(self, genes: Sequence[Any], cells: Sequence[Any] = ()) -> GeneColumns:
        """Where the readout genes are among names; raises RepeatedGene or LowCoverage."""
        columns = GeneColumns.of(list(genes), self.species, self.readouts)
        named = {"genes": genes, "cells": cells}
        require_coverage(columns, FLOOR, {self.species: self.readouts}, named)
        return columns

    def _numbers(
        self, values: Any, shape: tuple[int, ...] | None = None
    ) -> Float64[np.ndarray, "..."]:
        """The values as numbers; raises ContractViolation for others, or for another shape."""
        array = np.asarray(values)
        if array.dtype.kind not in "biuf" or (shape is not None and array.shape != shape):
            got = f"{type(values).__name__} {shorten(array.shape)} of {array.dtype}"
            expected = (
                "an AnnData of unperturbed cells, a dict or Series of gene to number, or "
                f"{len(self.readouts)} numbers in the order of .readouts.genes"
            )
            raise ContractViolation([Violation("control", got, expected)])
        return array.astype(np.float64)

    def _control(
        self, columns: GeneColumns | None, values: Float64[np.ndarray, "readouts"]
    ) -> Control:
        """The values of the genes that there are, the entry's own for the others."""
        present = np.ones(len(values), bool) if columns is None else columns.present
        self._check(values[present][None], columns)
        doubts = []
        if not present.all():
            lacking = np.flatnonzero(~present)
            first = self.readouts.genes[lacking[0]]
            doubts.append(LACKING.format(len(lacking), len(present), first))
        level, own = values[present].sum(), self.mean[present].sum()
        if own > 0 and not own / LEVEL <= level <= own * LEVEL:
            doubts.append(DOUBT.format(level / own, self.unit))
        return Control(np.where(present, values, self.mean).astype(np.float32), tuple(doubts))

    def _check(
        self, block: Float64[np.ndarray, "rows columns"], columns: GeneColumns | None
    ) -> None:
        """Raise for what cannot be expression, or not in the entry's unit."""
        symbols = self.readouts.genes
        if columns is not None:
            symbols = [symbols[at] for at in np.flatnonzero(columns.present).tolist()]

        def first(wrong: Shaped[np.ndarray, "rows columns"]) -> tuple[float, str]:
            row, column = np.argwhere(wrong)[0].tolist()
            return float(block[row, column]), symbols[column]

        unsound = ~(np.isfinite(block) & (block >= 0))
        if unsound.any():
            value, gene = first(unsound)
            expected = "a number of 0 or more"
            if value < 0:
                expected += ": scaled data are centred, give them as they were before"
            raise ContractViolation([Violation("control", f"{value:g} for gene {gene}", expected)])
        if not self.is_logarithm:
            return
        if (block == np.floor(block)).all() and (counts := block > 1).any():
            raise OtherUnit(*first(counts), self.unit, "All numbers are whole, as counts are.")
        if (large := block > LOGARITHM).any():
            reason = f"No logarithm of expression is above {LOGARITHM:g}."
            raise OtherUnit(*first(large), self.unit, reason)

    @property
    def is_logarithm(self) -> bool:
        """Whether the entry's unit is a logarithm."""
        return "log" in self.unit.lower()
