"""Whether a matrix says what it should: changes of the data's genes in its unit, each once."""

import re
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from contracts.errors import BadTable
from training.data.expression import ExpressionData
from training.data.profiles import Members, Profiles, Source
from training.expression.external import names
from training.expression.external.reading import Predicted
from training.expression.questions import most_expressed

FLOOR = 0.5
"""The share of the readout genes that a file must have."""
LARGE = 10
"""A change that is so many times larger than any that was measured is in another unit."""
NEAR = 0.9
"""What is nearer to the control than this share of its distance from 0 is no change."""
SHOWN = 5
"""Names that an error lists."""
_MOUSE = re.compile(r"[A-Z][a-z0-9]*[a-z][a-z0-9-]*|ENSMUSG\d+.*")


@dataclass(frozen=True, eq=False)
class Aligned:
    """What file and data share: changes of some sets and readout genes of the data.

    Of the data `dataset` is the name, `profiles` are of these readout genes alone, `measured` is
    how many there are in all, and `source` has the cells. `sets` are rows of the profiles, called
    `names`, and `columns` positions among the data's readout genes. `unknown` are names of the
    file that the data has no perturbation for, `missing` readout genes that the file lacks, and
    `further` is how many columns of the file are no readout gene.
    """

    dataset: str
    digest: str
    measured: int
    profiles: Profiles
    source: Source
    names: tuple[str, ...]
    sets: Int64[np.ndarray, "sets"]
    columns: Int64[np.ndarray, "readouts"]
    change: Float64[np.ndarray, "sets readouts"]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    further: int


def aligned(found: Predicted, data: ExpressionData) -> Aligned:
    """Check a file against the data, and take what they share of the genes that cells express most.

    What it returns is all that scoring needs: neither file nor data must stay in memory. Raises
    BadTable, saying what is wrong and what to do.
    """
    sets = _sets(found, data)
    column, missing = _columns(found, data)
    known = {place: row for row, place in sets.items()}
    rows = np.array([known[place] for place in sorted(known)], np.int64)
    _finite(found, rows, column[column >= 0])
    # The genes of zoo evaluate; of these the ones that the file has.
    measured = most_expressed(data.profiles.control)
    wanted = measured[column[measured] >= 0]
    if not len(wanted):
        reason = f"it has none of the genes that the cells of {data.name} express most"
        raise BadTable(found.path, reason, f"Add {_some(missing)}.")
    change = found.change[np.ix_(rows, column[wanted])].astype(np.float64)
    _unit(found, data, change, np.array(sorted(known)), wanted)
    taken = {*sets, *_controls(found, data)}
    return Aligned(
        data.name,
        data.digest,
        len(data.readouts),
        data.profiles.of_readouts(wanted),
        data.source,
        tuple(data.set_names[place] for place in sorted(known)),
        np.array(sorted(known), np.int64),
        wanted,
        change,
        tuple(name for row, name in enumerate(found.perturbations) if row not in taken),
        missing,
        len(found.genes) - int((column >= 0).sum()),
    )


def _controls(found: Predicted, data: ExpressionData) -> set[int]:
    """The rows of the file that are of control cells."""
    every = enumerate(found.perturbations)
    return {row for row, name in every if names.members(name, data.perturbed) == ()}


def _sets(found: Predicted, data: ExpressionData) -> dict[int, int]:
    """By row of the file the row of the data's profiles; raises BadTable for none, or one twice."""
    row_of: dict[Members, int] = {}
    for row, name in enumerate(found.perturbations):
        genes = names.members(name, data.perturbed)
        if genes and genes in row_of:
            first = found.perturbations[row_of[genes]]
            reason = f"{data.set_name(genes)} stands twice, as {first!r} and {name!r}"
            raise BadTable(found.path, reason, "Leave one of the rows out.")
        if genes:
            row_of[genes] = row
    place = data.profiles.place
    shared = {row: place[genes] for genes, row in row_of.items() if genes in place}
    _not_transposed(found, data, len(shared))
    if not shared:
        theirs, ours = _some(found.perturbations), _some(data.set_names)
        reason = f"it shares no perturbation with {data.name}: it has {theirs}"
        raise BadTable(found.path, reason, f"Name them as the data does: {ours}.")
    return shared


def _not_transposed(found: Predicted, data: ExpressionData, shared: int) -> None:
    columns = [names.members(name, data.perturbed) for name in found.genes]
    turned = sum(bool(genes) and genes in data.profiles.place for genes in columns)
    rows = (data.readouts.locate_genes(_named(found.perturbations)) >= 0).mean()
    if turned > shared and rows > FLOOR:
        reason = "its rows are genes and its columns perturbations"
        raise BadTable(found.path, reason, "Transpose it: a row a perturbation, a column a gene.")


def _columns(
    found: Predicted, data: ExpressionData
) -> tuple[Int64[np.ndarray, "readouts"], tuple[str, ...]]:
    """By readout gene the column of the file, -1 where it has none, and the genes that it lacks."""
    place = data.readouts.locate_genes(_named(found.genes))
    here = np.flatnonzero(place >= 0)
    _same_species(found, data, here)
    column = np.full(len(data.readouts), -1)
    for at in here.tolist():
        if column[place[at]] >= 0:
            first, gene = found.genes[column[place[at]]], data.readouts.genes[place[at]]
            reason = f"the gene {gene} has two columns, {first!r} and {found.genes[at]!r}"
            raise BadTable(found.path, reason, "Leave one of them out.")
        column[place[at]] = at
    missing = tuple(np.array(data.readouts.genes)[column < 0].tolist())
    if len(missing) > (1 - FLOOR) * len(data.readouts):
        count = f"{len(missing):,} of {len(data.readouts):,}"
        reason = f"it lacks {count} genes of {data.name}, such as {_some(missing)}"
        hint = f"Give {FLOOR:.0%} of them or more, by approved symbol or Ensembl id."
        raise BadTable(found.path, reason, hint)
    return column, missing


def _same_species(found: Predicted, data: ExpressionData, here: np.ndarray) -> None:
    """Symbols of mice differ from ours by their case alone: they'd be taken for human genes."""
    mouse = sum(bool(_MOUSE.fullmatch(name)) for name in found.genes)
    own = sum(bool(_MOUSE.fullmatch(name)) for name in data.readouts.genes)
    if mouse > len(found.genes) / 2 and own < len(data.readouts) / 2:
        reason = f"its genes look like those of mice: {_some(found.genes)}"
    elif not len(here):
        reason = f"none of its columns is a gene of {data.name}: it has {_some(found.genes)}"
    else:
        return
    ours = _some(data.readouts.genes)
    raise BadTable(found.path, reason, f"Name genes by symbol or Ensembl id, such as {ours}.")


def _finite(found: Predicted, rows: np.ndarray, columns: np.ndarray) -> None:
    wrong = 0
    first = ""
    for row in rows.tolist():
        holes = np.flatnonzero(~np.isfinite(found.change[row, columns]))
        if len(holes) and not wrong:
            first = f"{found.genes[columns[holes[0]]]} of {found.perturbations[row]}"
        wrong += len(holes)
    if wrong:
        reason = f"predictions that are no finite number: {wrong:,}, the first is {first}"
        raise BadTable(found.path, reason, "Fill them in, or leave these perturbations out.")


def _unit(
    found: Predicted, data: ExpressionData, change: np.ndarray, sets: np.ndarray, genes: np.ndarray
) -> None:
    """Changes are small beside the control: what lies near that is expression itself."""
    control = data.profiles.control[genes]
    length = np.linalg.norm(change, axis=1)
    less = "Give changes: predicted mean expression less that of control cells, in the data's unit"
    hint = f"{less} ({data.unit})."
    levels = {"changes": np.zeros_like(control), "expression": control, "counts": np.expm1(control)}
    far = {n: np.median(np.linalg.norm(change - level, axis=1)) for n, level in levels.items()}
    nearest = min(far, key=lambda name: far[name])
    if far[nearest] < NEAR * far["changes"]:
        reason = f"it has {nearest}, not changes: rows lie nearer to the control cells than to 0"
        raise BadTable(found.path, reason, hint)
    whole = bool((change == np.rint(change)).all() and np.abs(change).max() > 1)
    measured = data.profiles.mean[np.ix_(sets, genes)] - control
    largest = float(np.linalg.norm(measured, axis=1).max())
    if whole or np.median(length) > LARGE * largest:
        size = f"its changes have a length of {np.median(length):.3g}, the largest measured one "
        reason = f"it is in another unit: {size}{largest:.3g}"
        raise BadTable(found.path, f"{reason}{' and all are whole numbers' * whole}", hint)


def _named(given: list[str]) -> list[str]:
    """Names, with a word for an empty one, which no vocabulary takes."""
    return [name if name.strip() else "-" for name in given]


def _some(listed: tuple[str, ...] | list[str]) -> str:
    further = len(listed) - SHOWN
    return ", ".join(listed[:SHOWN]) + f" and {further:,} more" * (further > 0)
