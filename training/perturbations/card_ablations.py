"""What ablations came to, as tables by what they are about, and which of it may be chance."""

from collections.abc import Iterator
from typing import Any

from training.cards import markdown as md
from training.loop import MONITOR
from training.sweep.values import written

Run = dict[str, Any]
Ablations = dict[str, Any]

FULL, SEED = "full", "seed"
PARTS = {"valid": "random sets", "one_new_valid": "one gene new"}
GROUPS = {
    "relations": "Relations",
    "losses": "Losses",
    "head": "Head",
    "depth": "Depth",
    "gpu": "The whole graph, and numbers of 16 bits",
    SEED: "Seeds",
}
ALIKE = ("depth", "gpu")
"""Groups whose trainings differ from `full` in several ways: they are held against their first."""

MADE = """\
Each row is another training by the recipe, with the keys changed that it names; Pearson correlation
with unselected epsilon on the validation parts at its best epoch, counted from 0 ({device}). The
test sets were not looked at. {note}"""
COMPARED = """\
The difference is of the mean of both parts, to `{full}`; in the tables of depth and of the whole
graph, to their first row."""
SPREAD = """\
**Each was trained once**, from one seed. `{full}` and the same recipe from {seeds} other seed{s}
lie {spread} apart (largest less smallest mean of both parts), and what a row does has to be held
against that. Within this spread: {within}. Further away: {beyond}."""
NO_SPREAD = """\
**Each was trained once**, from one seed, and the spread over seeds is [not measured]: no
difference here can be told from chance."""
IN_ALL = "In all of these: {shared}."
NONE = "none"
NOTHING = "nothing"


def section(ablations: Ablations | None) -> str:
    """All tables with what may be said of them, or that there are none."""
    if not ablations or not ablations["runs"]:
        return md.NOT_MEASURED
    said = MADE.format(**ablations["made_with"]) + " " + COMPARED.format(full=FULL)
    parts = [md.paragraph(said), md.paragraph(certain(ablations))]
    for group in GROUPS:
        parts += _group(ablations, group)
    return "\n\n".join(parts)


def certain(ablations: Ablations) -> str:
    """Which ablations lie within the spread of the seeds, and that each is one training.

    Not of the groups that differ from `full` in more than their name says: no seed of theirs was
    tried.
    """
    far = spread(ablations)
    if far is None:
        return NO_SPREAD
    apart = [run["name"] for group in ALIKE for run in _of(ablations, group)]
    gaps = {name: gap for name, gap in differences(ablations) if name not in apart}
    near = [name for name, gap in gaps.items() if abs(gap) <= far]
    seeds = len(_of(ablations, SEED))
    return SPREAD.format(
        full=FULL,
        seeds=seeds,
        s="" if seeds == 1 else "s",
        spread=md.number(far),
        within=_listed({name: gaps[name] for name in near}),
        beyond=_listed({name: gap for name, gap in gaps.items() if name not in near}),
    )


def spread(ablations: Ablations) -> float | None:
    """Largest less smallest figure of the same recipe from several seeds, if it was trained so."""
    same = [run for run in ablations["runs"] if run["group"] == SEED or run["name"] == FULL]
    figures = [run["best"][MONITOR] for run in same]
    return max(figures) - min(figures) if len(figures) > 1 else None


def differences(ablations: Ablations) -> Iterator[tuple[str, float]]:
    """Every ablation, and its figure less that of what it is held against."""
    for run in ablations["runs"]:
        other = reference(ablations, run)
        if run["group"] != SEED and other not in (None, run):
            yield run["name"], run["best"][MONITOR] - other["best"][MONITOR]


def reference(ablations: Ablations, run: Run) -> Run | None:
    """What a training is held against: `full`, or the first of a group that is apart."""
    if run["group"] in ALIKE:
        return _of(ablations, run["group"])[0]
    return next((each for each in ablations["runs"] if each["name"] == FULL), None)


def _of(ablations: Ablations, group: str) -> list[Run]:
    return [run for run in ablations["runs"] if run["group"] == group]


def _listed(gaps: dict[str, float]) -> str:
    return ", ".join(f"`{name}` ({gap:+.3f})" for name, gap in gaps.items()) or NONE


def _group(ablations: Ablations, group: str) -> list[str]:
    runs = _of(ablations, group)
    if not runs:
        return []
    first, *others = (run["changed"].items() for run in runs)
    shared = {k: v for k, v in first if all((k, v) in other for other in others)} if others else {}
    figures = (*PARTS.values(), "difference", "best epoch", "epochs")
    said = [md.paragraph(IN_ALL.format(shared=_changed(shared)))] if shared else []
    rows = [_row(ablations, run, shared) for run in runs]
    return [
        f"**{GROUPS[group]}**",
        *said,
        md.table(("training", "changed", "parameters", *figures), rows),
    ]


def _row(ablations: Ablations, run: Run, shared: dict[str, Any]) -> tuple[str, ...]:
    best, other = run["best"], reference(ablations, run)
    gap = md.NOT_MEASURED if other is None else f"{best[MONITOR] - other['best'][MONITOR]:+.3f}"
    own = {key: value for key, value in run["changed"].items() if key not in shared}
    return (
        f"`{run['name']}`",
        _changed(own),
        md.count(run["parameters"]),
        *(md.number(best.get(part)) for part in PARTS),
        "-" if other is run else gap,
        md.count(best["epoch"]),
        md.count(run["epochs"]),
    )


def _changed(values: dict[str, Any]) -> str:
    return ", ".join(f"`{key}` = {written(value)}" for key, value in values.items()) or NOTHING
