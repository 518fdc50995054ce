"""What trainings with keys of the recipe changed came to, and which differences may be chance."""

from collections.abc import Iterator
from dataclasses import dataclass

from training.scoring.table import Evaluation, Fact, Variant

MEAN, EPOCH = "monitor", "epoch"
"""The mean of the validation parts, as a protocol; the best epoch, as a measure."""
SEED = "seed"


@dataclass(frozen=True)
class Training:
    """One variant beside what it is compared with; `parts` are its figures by protocol."""

    name: str
    variant: Variant
    changed: dict[str, Fact | list[int]]
    """Keys that this training alone changes in its group."""
    parts: dict[str, float]
    mean: float
    difference: float | None
    epoch: float
    apart: bool
    """Whether its group changes more than what is named: it is compared within that group."""


def trainings(evaluation: Evaluation) -> list[Training]:
    """All variants, group by group."""
    variants = evaluation.about.variants
    full = next((name for name, each in variants.items() if not each.changed), None)
    found = []
    for name, variant in variants.items():
        group = [each for each in variants.values() if each.group == variant.group]
        common = shared(evaluation, variant.group)
        first = next(n for n, each in variants.items() if each.group == variant.group)
        reference = first if common else full
        mean = _value(evaluation, MEAN, name)
        other = None if reference in (None, name) else _value(evaluation, MEAN, reference)
        changed = {k: v for k, v in variant.changed.items() if k not in common}
        found.append(
            Training(
                name,
                variant,
                changed,
                {part: _value(evaluation, part, name) for part in parts(evaluation)},
                mean,
                None if other is None else mean - other,
                _value(evaluation, "", name, EPOCH),
                bool(common) and len(group) > 1,
            )
        )
    return found


def shared(evaluation: Evaluation, group: str) -> dict[str, object]:
    """The keys that all trainings of a group of several set alike."""
    first, *others = (e.changed for e in evaluation.about.variants.values() if e.group == group)
    items = first.items() if others else ()
    return {k: v for k, v in items if all(each.get(k) == v for each in others)}


def parts(evaluation: Evaluation) -> list[str]:
    """The protocols whose validation parts were looked at."""
    return [each for each in evaluation.protocols if any(_rows(evaluation, each))]


def spread(evaluation: Evaluation) -> float | None:
    """Largest less smallest mean of the same recipe from several seeds, if it was trained so."""
    same = [
        _value(evaluation, MEAN, name)
        for name, each in evaluation.about.variants.items()
        if each.group == SEED or not each.changed
    ]
    return max(same) - min(same) if len(same) > 1 else None


def _rows(evaluation: Evaluation, protocol: str) -> Iterator[str]:
    rows = evaluation.rows
    yield from rows[(rows["variant"] != "") & (rows["protocol"] == protocol)]["variant"]


def _value(evaluation: Evaluation, protocol: str, variant: str, measure: str = "") -> float:
    rows = evaluation.rows
    here = rows[(rows["variant"] == variant) & (rows["protocol"] == protocol)]
    if measure:
        here = here[here["measure"] == measure]
    return float(here["value"].iloc[0]) if len(here) else float("nan")
