"""Folds of perturbations: a model is fitted on one part and asked about the other."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from training.data.expression import ExpressionData, Profiles

DOUBLE, SINGLE, LEFT_OUT = "double", "single", "left_out"
REPLICATE, GUIDE = "replicate", "guide"


@dataclass(frozen=True, eq=False)
class Fold:
    """What a model is fitted on, and what it is asked; `batch` names the test cells of a batch."""

    train: Profiles
    test: Profiles
    batch: str = ""


def _doubles(data: ExpressionData) -> Iterator[Fold]:
    """Each pair of genes alone; all else trains."""
    return _left_out(data, [row for row, genes in enumerate(data.profiles.sets) if len(genes) > 1])


def _singles(data: ExpressionData) -> Iterator[Fold]:
    """Each gene with all its sets: the training has not seen it perturbed."""
    profiles = data.profiles
    for row, genes in enumerate(profiles.sets):
        if len(genes) == 1:
            others = [not {*genes} & {*each} for each in profiles.sets]
            yield Fold(profiles.take(np.array(others)), profiles.take([row]))


def _each(data: ExpressionData) -> Iterator[Fold]:
    """Each set alone; other sets of the same genes stay in the training."""
    return _left_out(data, list(range(len(data.profiles))))


def _left_out(data: ExpressionData, rows: list[int]) -> Iterator[Fold]:
    profiles = data.profiles
    for row in rows:
        yield Fold(profiles.take(np.arange(len(profiles)) != row), profiles.take([row]))


def _batches(kind: str, data: ExpressionData) -> Iterator[Fold]:
    """Each batch of cells; the others train."""
    batches = data.batches[kind]
    for name, test in batches.items():
        yield Fold(pooled([each for other, each in batches.items() if other != name]), test, name)


FOLDS: Mapping[str, Callable[[ExpressionData], Iterator[Fold]]] = {
    DOUBLE: _doubles,
    SINGLE: _singles,
    LEFT_OUT: _each,
    REPLICATE: partial(_batches, REPLICATE),
    GUIDE: partial(_batches, GUIDE),
}


def offered(data: ExpressionData) -> tuple[str, ...]:
    """The protocols that mean something on these data.

    Without sets of several genes, leaving out a set is leaving out a gene.
    """
    several = any(len(genes) > 1 for genes in data.profiles.sets)
    wanted = {DOUBLE: several, SINGLE: True, LEFT_OUT: several}
    wanted |= {kind: len(data.batches.get(kind, ())) > 1 for kind in (REPLICATE, GUIDE)}
    return tuple(name for name in FOLDS if wanted[name])


def pooled(parts: list[Profiles]) -> Profiles:
    """Several batches as one: each change is against the controls of its own batch.

    Batches weigh by their cells, in the means of a set by the cells of the set.
    """
    if len(parts) == 1:
        return parts[0]
    controls = np.array([part.control_cells for part in parts])
    share = controls / controls.sum()
    control = share @ np.stack([part.control for part in parts])
    control_error = share**2 @ np.stack([part.control_error for part in parts])
    sets = sorted({genes for part in parts for genes in part.sets}, key=lambda s: (len(s), s))
    mean, error, cells = [], [], []
    for genes in sets:
        there = [(part, part.place[genes]) for part in parts if genes in part.place]
        count = np.array([part.cells[row] for part, row in there])
        weight = count / count.sum()
        mean.append(control + weight @ np.stack([part.change[row] for part, row in there]))
        error.append(weight**2 @ np.stack([part.error[row] for part, row in there]))
        cells.append(int(count.sum()))
    return Profiles(
        tuple(sets),
        np.array(mean),
        np.array(error),
        np.array(cells, np.int64),
        control,
        control_error,
        int(controls.sum()),
    )
