"""Expression of cells whose genes were perturbed, as means of the cells of each perturbation.

Cells are read some rows at a time and never held dense: a file of any size becomes a mean and a
standard error for each perturbation and readout gene.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64
from scipy import sparse

from contracts.errors import ContractViolation, InvalidOption, Violation
from contracts.genes.vocabulary import GeneRecord, Vocabulary
from training.data.pairs import require_coverage
from zoo.cells import matrices

CONTROL, OUT = -1, -2
"""Codes of unperturbed cells, and of cells that belong to nothing here."""
JOINT = "+"
BLOCK = 4_000_000
"""Numbers that are dense at a time."""
FLOOR = 0.8
"""The share of genes that HGNC must know in a data set of ours; others keep the data's name."""
LEAST = 2
"""Cells of a perturbation in one batch; of fewer there is no standard error."""

Members = tuple[int, ...]
Matrix = Float64[np.ndarray, "sets readouts"]
Codes = Int64[np.ndarray, "cells"]
Records = Callable[[Sequence[str]], Sequence[GeneRecord]]


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
    reader: Callable[[Int64[np.ndarray, "columns"]], Callable[[int, int], sparse.csr_array]]
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

    def _moments(
        self, group: Codes, groups: int, columns: Int64[np.ndarray, "columns"]
    ) -> tuple[Matrix, Matrix]:
        """Mean of every group of cells, and its squared standard error; negative groups are out."""
        total, squares = (np.zeros((groups, len(columns))) for _ in range(2))
        rows, step = self.reader(columns), max(1, BLOCK // max(1, len(columns)))
        for start in range(0, len(group), step):
            own = group[start : start + step]
            inside = np.flatnonzero(own >= 0)
            if not len(inside):
                continue
            block = rows(start, start + len(own))
            present, at = np.unique(own[inside], return_inverse=True)
            ones = np.ones(len(inside))
            member = sparse.csr_array((ones, (at, inside)), shape=(len(present), len(own)))
            total[present] += (member @ block).toarray()
            squares[present] += (member @ block.power(2)).toarray()
        for row, cells in enumerate(np.bincount(group[group >= 0], minlength=groups).tolist()):
            total[row] = total[row] / cells if cells else np.nan
            spread = np.maximum(squares[row] - cells * total[row] ** 2, 0)
            squares[row] = spread / (cells * (cells - 1)) if cells > 1 else np.nan
        return total, squares


@dataclass(frozen=True, eq=False)
class ExpressionData:
    """Expression of perturbed cells: `profiles` of all cells, and of the `batches` there are.

    `perturbed` are the genes that were perturbed and `readouts` those that were measured. `kind` is
    what was done to the genes, one of contracts.sets.kinds. `batches` has, by what tells them
    apart ("replicate", "guide"), the profiles of every batch by its name.
    """

    name: str
    unit: str
    kind: str
    perturbed: Vocabulary
    readouts: Vocabulary
    profiles: Profiles
    batches: Mapping[str, Mapping[str, Profiles]]
    source: Source
    coverage: dict[str, float] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    licences: dict[str, str] = field(default_factory=dict)
    description: str = ""

    @cached_property
    def digest(self) -> str:
        """sha256 of genes, sets and mean expression."""
        digest = hashlib.sha256((self.perturbed.digest + self.readouts.digest).encode())
        digest.update("\n".join(self.set_names).encode())
        for array in (self.profiles.cells, self.profiles.mean, self.profiles.control):
            digest.update(np.ascontiguousarray(array).astype("<f4").tobytes())
        return digest.hexdigest()

    @cached_property
    def set_names(self) -> tuple[str, ...]:
        """Every perturbation of the profiles as people write it: KLF1+MAP2K6."""
        return tuple(map(self.set_name, self.profiles.sets))

    def set_name(self, members: Members) -> str:
        """One perturbation as people write it."""
        return JOINT.join(sorted(self.perturbed.genes[each] for each in members))

    def halves(
        self, seed: int, columns: Int64[np.ndarray, "columns"] | None = None
    ) -> tuple[Profiles, Profiles]:
        """Profiles of two halves of the cells: those of every set and the controls, by chance."""
        code = self.source.code
        order = np.lexsort((np.random.default_rng(seed).random(len(code)), code))
        first = np.r_[True, np.diff(code[order]) != 0]
        within = np.arange(len(code)) - np.maximum.accumulate(
            np.where(first, np.arange(len(code)), 0)
        )
        half = np.empty(len(code), np.int64)
        half[order] = within % 2
        parts = (np.where(half == one, code, OUT) for one in (0, 1))
        one, other = (self.source.profiles(part, columns, least=0) for part in parts)
        return one, other


def from_cells(
    cells: Any,
    *,
    name: str,
    perturbation: str,
    control: str,
    kind: str,
    unit: str,
    records: Records,
    separator: str = JOINT,
    replicate: str | None = None,
    guide: str | None = None,
    counts: bool = False,
    floor: float = 0.0,
    digests: dict[str, str] | None = None,
    licences: dict[str, str] | None = None,
    description: str = "",
) -> ExpressionData:
    """Profiles of an AnnData of cells, in memory or backed, read some rows at a time.

    `perturbation`, `replicate` and `guide` are columns of obs. A perturbation is written as genes
    joined by `separator`; a part that is `control` says nothing, so that KLF1+ctrl is KLF1. Cells
    without a perturbation are left out. `records` gives what genes are called. Of `counts`, every
    cell is scaled to the median total of the control cells, and log1p is taken; else the matrix is
    taken as it is. `floor` is the least share of genes with an HGNC id.

    Raises InvalidOption for a column or a control that is not there, ContractViolation for a gene
    with two columns, LowCoverage under the floor.
    """
    label = _column(cells, "perturbation", perturbation)
    parts = {text: _parts(text, separator, control) for text in label.dropna().unique()}
    if () not in parts.values():
        raise InvalidOption("control", control, f"a value of {perturbation}")
    names = sorted({gene for genes in parts.values() for gene in genes})
    coverage: dict[str, float] = {}
    perturbed, at = _vocabulary("perturbed genes", names, records, coverage, floor)
    place = dict(zip(names, at.tolist(), strict=True))
    members = {
        text: tuple(sorted({place[gene] for gene in genes})) for text, genes in parts.items()
    }
    sets = sorted({*members.values()} - {()}, key=lambda one: (len(one), one))
    code_of = {one: row for row, one in enumerate(sets)} | {(): CONTROL}
    code = np.array([OUT if pd.isna(t) else code_of[members[t]] for t in label], np.int64)
    opened = matrices.read(cells)
    genes = list(map(str, opened.genes))
    readouts, column = _vocabulary("readout genes", genes, records, coverage, floor)
    order = np.argsort(column)
    scale = _scale(opened, code) if counts else None
    source = Source(tuple(sets), code, _logarithms(opened, order, scale), len(order))
    batches: dict[str, dict[str, Profiles]] = {}
    if replicate is not None:
        batches["replicate"] = _batches(source, _column(cells, "replicate", replicate))
    if guide is not None:
        batches["guide"] = _batches(source, _guide_half(_column(cells, "guide", guide), code))
    profiles = source.profiles()
    return ExpressionData(
        name,
        unit,
        kind,
        perturbed,
        readouts,
        profiles,
        batches,
        source,
        coverage,
        dict(digests or {}),
        licences or {},
        description,
    )


def _vocabulary(
    what: str, names: Sequence[str], records: Records, coverage: dict[str, float], floor: float
) -> tuple[Vocabulary, Int64[np.ndarray, "names"]]:
    """The genes of some names, and where each name is in it; notes the share that HGNC knows.

    Raises ContractViolation for a name that stands twice, LowCoverage under the floor.
    """
    repeated = pd.Index(names)[pd.Index(names).duplicated()]
    if len(repeated):
        raise ContractViolation([Violation(what, f"{repeated[0]} twice", "each gene once")])
    found = records(names)
    known = sum(bool(record.hgnc_id) for record in found) / max(1, len(found))
    coverage[f"hgnc/{what}"] = require_coverage(f"the {what}", known, floor)
    genes = Vocabulary.from_records(found)
    place = {gene: position for position, gene in enumerate(genes.genes)}
    return genes, np.array([place[record.symbol] for record in found], np.int64)


def _column(cells: Any, option: str, name: str) -> pd.Series:
    """A column of obs as texts; raises InvalidOption naming those there are."""
    if name not in cells.obs:
        raise InvalidOption(option, name, f"a column of obs: {', '.join(map(str, cells.obs))}")
    return cells.obs[name].astype("string").astype(object)


def _parts(text: str, separator: str, control: str) -> tuple[str, ...]:
    """The genes of a perturbation; none for control cells."""
    words = [word.strip() for word in text.split(separator)]
    return () if text == control else tuple(word for word in words if word and word != control)


def _scale(opened: matrices.CellMatrix, code: Codes) -> Float64[np.ndarray, "cells"]:
    """What the counts of each cell are multiplied with."""
    rows, step = opened.reader(np.arange(len(opened.genes))), matrices.CHUNK
    starts = range(0, len(opened), step)
    ends = (min(start + step, len(opened)) for start in starts)
    sums = [rows(start, end).sum(axis=1) for start, end in zip(starts, ends, strict=True)]
    total = np.concatenate([np.asarray(each, np.float64).ravel() for each in sums])
    target = float(np.median(total[code == CONTROL]))
    return np.divide(target, total, out=np.zeros(len(total)), where=total > 0)


def _logarithms(
    opened: matrices.CellMatrix,
    order: Int64[np.ndarray, "readouts"],
    scale: Float64[np.ndarray, "cells"] | None,
) -> Callable[[Int64[np.ndarray, "columns"]], Callable[[int, int], sparse.csr_array]]:
    """How cells are read: some readouts, then some rows."""

    def reader(columns: Int64[np.ndarray, "columns"]) -> Callable[[int, int], sparse.csr_array]:
        rows = opened.reader(order[columns])

        def some(start: int, stop: int) -> sparse.csr_array:
            block = sparse.csr_array(rows(start, stop), dtype=np.float64)
            if scale is not None:
                block = sparse.diags_array(scale[start:stop]) @ block
                block.data = np.log1p(block.data)
            return block

        return some

    return reader


def _batches(source: Source, batch: pd.Series) -> dict[str, Profiles]:
    """The profiles of every batch."""
    return {
        name: source.profiles(np.where(batch == name, source.code, OUT), least=LEAST)
        for name in sorted(batch.dropna().unique())
    }


def _guide_half(guide: pd.Series, code: Codes) -> pd.Series:
    """Every second guide of each perturbation, and of the controls, is in the other half."""
    pairs = pd.DataFrame({"code": code, "guide": guide.to_numpy()}).dropna().drop_duplicates()
    pairs = pairs.sort_values(["code", "guide"])
    half = pairs.groupby("code").cumcount() % 2
    half_of = dict(zip(zip(pairs["code"], pairs["guide"], strict=True), half, strict=True))
    halves = ("odd", "even")
    found = [
        halves[half_of[key]] if key in half_of else None
        for key in zip(code.tolist(), guide, strict=True)
    ]
    return pd.Series(found, dtype=object)
