"""Means of the cells of each perturbation, with their standard errors.

Cells are read some rows at a time and never held dense: a file of any size becomes a mean and a
standard error for each perturbation and readout gene.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64
from scipy import sparse

from contracts.errors import ContractViolation, Violation

CONTROL, OUT = -1, -2
"""Codes of unperturbed cells, and of cells that belong to nothing here."""
BLOCK = 4_000_000
"""Numbers that are dense at a time."""

Members = tuple[int, ...]
Matrix = Float64[np.ndarray, "sets readouts"]
Codes = Int64[np.ndarray, "cells"]
Reader = Callable[[Int64[np.ndarray, "columns"]], Callable[[int, int], sparse.csr_array]]
"""Gives a reader of rows that have some columns alone."""


@dataclass(frozen=True, eq=False)
class Profiles:
    """Mean expression of perturbations and of control cells, in one batch of cells.

    `sets` are positions among the perturbed genes of the data, ascending. `error` and
    `control_error` are squared standard errors of the means, NaN where there is one cell only.
    """

    sets: tuple[Members, ...]
    mean: Matrix
    error: Matrix
    cells: Int64[np.ndarray, "sets"]
    control: Float64[np.ndarray, "readouts"]
    control_error: Float64[np.ndarray, "readouts"]
    control_cells: int

    def __len__(self) -> int:
        return len(self.sets)

    @property
    def change(self) -> Matrix:
        """Mean expression of the perturbed cells less that of the controls."""
        return self.mean - self.control

    @property
    def variance(self) -> Matrix:
        """Squared standard error of `change`."""
        return self.error + self.control_error

    @cached_property
    def place(self) -> dict[Members, int]:
        """The row of every set."""
        return {members: row for row, members in enumerate(self.sets)}

    def take(self, rows: np.ndarray | Sequence[int]) -> "Profiles":
        """Some sets: positions or a mask. The controls stay."""
        chosen = np.arange(len(self.sets))[np.asarray(rows)]
        return Profiles(
            tuple(self.sets[row] for row in chosen.tolist()),
            self.mean[chosen],
            self.error[chosen],
            self.cells[chosen],
            self.control,
            self.control_error,
            self.control_cells,
        )

    def of_readouts(self, columns: Int64[np.ndarray, "some"]) -> "Profiles":
        """The same for some of the readout genes."""
        return Profiles(
            self.sets,
            self.mean[:, columns],
            self.error[:, columns],
            self.cells,
            self.control[columns],
            self.control_error[columns],
            self.control_cells,
        )


@dataclass(frozen=True, eq=False)
class Source:
    """Cells that can be read again: `rows` gives logarithms, columns in the order of readouts.

    `code` has the position of each cell's perturbation in `sets`, or CONTROL, or OUT.
    """

    sets: tuple[Members, ...]
    code: Codes
    reader: Reader
    readouts: int

    def profiles(
        self,
        code: Codes | None = None,
        columns: Int64[np.ndarray, "columns"] | None = None,
        least: int = 1,
    ) -> Profiles:
        """Means of the sets with `least` cells, for other codes or some readouts if they are given.

        Raises ContractViolation where no control cell is left.
        """
        code = self.code if code is None else code
        columns = np.arange(self.readouts) if columns is None else columns
        cells = np.bincount(code[code > OUT] + 1, minlength=len(self.sets) + 1)
        if not cells[0]:
            raise ContractViolation([Violation("cells", "no control cell", "control cells")])
        there = np.flatnonzero(cells[1:] >= least)
        place = np.full(len(self.sets) + 2, OUT)
        place[[0, *(there + 1)]] = np.arange(len(there) + 1)
        mean, error = self._moments(place[code + 1], len(there) + 1, columns)
        kept = cells[there + 1].astype(np.int64)
        sets = tuple(self.sets[row] for row in there.tolist())
        return Profiles(sets, mean[1:], error[1:], kept, mean[0], error[0], int(cells[0]))

    def halves(
        self,
        code: Codes,
        seeds: Sequence[int],
        columns: Int64[np.ndarray, "columns"] | None = None,
    ) -> Float64[np.ndarray, "splits 2 sets columns"]:
        """Mean expression of both halves of every set's cells, for several splits by chance.

        The cells are read once; a half without cells is NaN.
        """
        columns = np.arange(self.readouts) if columns is None else columns
        half = np.stack([by_chance(code, seed) for seed in seeds])
        group = np.where(code >= 0, 2 * code + half, OUT)
        groups = 2 * len(self.sets)
        total = self._sums(group, groups, columns)
        cells = np.stack([np.bincount(own[own >= 0], minlength=groups) for own in group])
        with np.errstate(invalid="ignore"):  # 0 / 0: no cell is of such a set
            mean = total / cells[:, :, None]
        return mean.reshape(len(seeds), len(self.sets), 2, -1).swapaxes(1, 2)

    def _moments(
        self, group: Codes, groups: int, columns: Int64[np.ndarray, "columns"]
    ) -> tuple[Matrix, Matrix]:
        """Mean of every group of cells, and its squared standard error; negative groups are out."""
        squares = np.zeros((groups, len(columns)))
        (total,) = self._sums(group[None], groups, columns, squares)
        for row, cells in enumerate(np.bincount(group[group >= 0], minlength=groups).tolist()):
            total[row] = total[row] / cells if cells else np.nan
            spread = np.maximum(squares[row] - cells * total[row] ** 2, 0)
            squares[row] = spread / (cells * (cells - 1)) if cells > 1 else np.nan
        return total, squares

    def _sums(
        self,
        group: Int64[np.ndarray, "ways cells"],
        groups: int,
        columns: Int64[np.ndarray, "columns"],
        squares: Matrix | None = None,
    ) -> Float64[np.ndarray, "ways groups columns"]:
        """Sums over groups of cells, in each of several ways to group them.

        Sums of squares of the first way are added to `squares`. Negative groups are out.
        """
        total = np.zeros((len(group), groups, len(columns)))
        rows, step = self.reader(columns), max(1, BLOCK // max(1, len(columns)))
        for start in range(0, group.shape[1], step):
            own = group[:, start : start + step]
            if (own < 0).all():
                continue
            block = rows(start, start + own.shape[1])
            for way, each in enumerate(own):
                inside = np.flatnonzero(each >= 0)
                there, at = np.unique(each[inside], return_inverse=True)
                shape = len(there), len(each)
                member = sparse.csr_array((np.ones(len(inside)), (at, inside)), shape=shape)
                total[way, there] += (member @ block).toarray()
                if way == 0 and squares is not None:
                    squares[there] += (member @ block.power(2)).toarray()
        return total


def by_chance(code: Codes, seed: int) -> Int64[np.ndarray, "cells"]:
    """0 or 1 for every cell: two halves of the cells of each code."""
    order = np.lexsort((np.random.default_rng(seed).random(len(code)), code))
    half = np.empty(len(code), np.int64)
    half[order] = pd.Series(code[order]).groupby(code[order]).cumcount().to_numpy() % 2
    return half
