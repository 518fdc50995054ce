"""What trainings with keys of the recipe changed came to, and which differences may be chance."""

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
    variants, found = evaluation.about.variants, []
    full = next((name for name, each in variants.items() if not each.changed), None)
    for name, variant in variants.items():
        group = [other for other, each in variants.items() if each.group == variant.group]
        common = shared(evaluation, variant.group)
        reference = group[0] if common else full
        mean = _value(evaluation, name, MEAN)
        found.append(
            Training(
                name,
                variant,
                {k: v for k, v in variant.changed.items() if k not in common},
                {part: _value(evaluation, name, part) for part in parts(evaluation)},
                mean,
                None if reference in (None, name) else mean - _value(evaluation, reference, MEAN),
                _value(evaluation, name, measure=EPOCH),
                bool(common),
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
    rows = evaluation.rows
    seen = set(rows.loc[rows["variant"] != "", "protocol"])
    return [protocol for protocol in evaluation.protocols if protocol in seen]


def spread(evaluation: Evaluation) -> float | None:
    """Largest less smallest mean of the same recipe from several seeds, if it was trained so."""
    same = [
        _value(evaluation, name, MEAN)
        for name, each in evaluation.about.variants.items()
        if each.group == SEED or not each.changed
    ]
    return max(same) - min(same) if len(same) > 1 else None


def _value(evaluation: Evaluation, variant: str, protocol: str = "", measure: str = "") -> float:
    rows = evaluation.rows
    here = (rows["variant"] == variant) & (rows["protocol"] == protocol)
    values = rows.loc[here & (rows["measure"] == measure if measure else True), "value"]
    return next(iter(values), float("nan"))
