"""Expression of cells whose genes were perturbed, from any AnnData of cells."""

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
from training.data.profiles import CONTROL, OUT, Codes, Members, Profiles, Reader, Source, by_chance
from zoo.matrices import cells as matrices

JOINT = "+"
FLOOR = 0.8
"""The share of genes that HGNC must know in a data set of ours; others keep the data's name."""
LEAST = 2
"""Cells of a perturbation in one batch; of fewer there is no standard error."""

Records = Callable[[Sequence[str]], Sequence[GeneRecord]]


@dataclass(frozen=True, eq=False)
class ExpressionData:
    """Expression of perturbed cells: `profiles` of all cells, and of the `batches` there are.

    `perturbed` are the genes that were perturbed and `readouts` those that were measured. `kind` is
    what was done to the genes, one of contracts.sets.kinds. `batches` has, by what tells them
    apart ("replicate", "guide"), the profiles of every batch by its name, and `labels` has the
    batch of every cell.
    """

    name: str
    unit: str
    kind: str
    perturbed: Vocabulary
    readouts: Vocabulary
    profiles: Profiles
    batches: Mapping[str, Mapping[str, Profiles]]
    labels: Mapping[str, np.ndarray]
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
            for row in array:
                digest.update(row.astype("<f4").tobytes())
        return digest.hexdigest()

    @cached_property
    def set_names(self) -> tuple[str, ...]:
        """Every perturbation of the profiles as people write it: KLF1+MAP2K6."""
        return tuple(map(self.set_name, self.profiles.sets))

    def set_name(self, members: Members) -> str:
        """One perturbation as people write it."""
        return JOINT.join(sorted(self.perturbed.genes[each] for each in members))

    def halves(self, seed: int) -> tuple[Profiles, Profiles]:
        """Profiles of two halves of the cells: those of every set and the controls, by chance."""
        code = self.source.code
        half = by_chance(code, seed)
        one, other = (
            self.source.profiles(np.where(half == which, code, OUT), least=0) for which in (0, 1)
        )
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
    labels: dict[str, np.ndarray] = {}
    if replicate is not None:
        labels["replicate"] = _column(cells, "replicate", replicate).to_numpy()
    if guide is not None:
        labels["guide"] = _guide_half(_column(cells, "guide", guide), code)
    batches = {name: _batches(source, label) for name, label in labels.items()}
    profiles = source.profiles()
    return ExpressionData(
        name,
        unit,
        kind,
        perturbed,
        readouts,
        profiles,
        batches,
        labels,
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
) -> Reader:
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


def _batches(source: Source, batch: np.ndarray) -> dict[str, Profiles]:
    """The profiles of every batch."""
    return {
        name: source.profiles(np.where(batch == name, source.code, OUT), least=LEAST)
        for name in sorted({*batch[~pd.isna(batch)]})
    }


def _guide_half(guide: pd.Series, code: Codes) -> np.ndarray:
    """Every second guide of each perturbation, and of the controls, is in the other half."""
    table = pd.DataFrame({"code": code, "guide": guide.to_numpy()})
    pairs = table.dropna().drop_duplicates().sort_values(["code", "guide"])
    pairs["half"] = np.array(["odd", "even"])[pairs.groupby("code").cumcount() % 2]
    return table.merge(pairs, "left", on=["code", "guide"])["half"].to_numpy(object)
