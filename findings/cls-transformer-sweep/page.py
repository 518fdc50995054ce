"""The findings page of a sweep, from what results/study.json holds and from nothing else.

    zoo sweep cls_transformer-yeast --export findings/cls-transformer-sweep/results/study.json
    python findings/cls-transformer-sweep/page.py

The second command writes findings/cls-transformer-sweep/README.md.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

import words
from training.cards import markdown as md
from training.loop import MONITOR
from training.sweep import plan as plans
from training.sweep.plan import Choices, Plan, Range
from training.sweep.table import COMPLETE, DIVERGED, INTERRUPTED, PRUNED, ranked, short, written
from zoo.store.files import replacing

FINDINGS = Path(__file__).parent
STUDY = Path("results") / "study.json"


def render(study: dict[str, Any]) -> str:
    """The page as Markdown, of a study that `training.sweep.table.table` gave."""
    plan, rows = Plan.model_validate(study["plan"]), study["trials"]
    best = None if study["winner"] is None else rows[study["winner"]]
    sections = (
        words.TITLE.format(entry=plan.entry),
        md.paragraph(words.METHOD.format(phases=_phases(plan), seed=plan.seed, made=_made(plan))),
        md.paragraph(_pruning(plan)),
        words.WINNER,
        md.paragraph(_won(best, rows)),
        md.table(("key of the recipe", "searched", "winner"), _space(plan, best)),
        words.TRIALS,
        md.paragraph(_counted(rows)),
        md.table(*_trials(plan, rows)),
        *_reasons(rows),
        words.IMPORTANCE,
        md.paragraph(words.IMPORTANCE_TEXT.format(trials=_count(rows, COMPLETE))),
        md.table(("key of the recipe", "share"), _importance(study["importance"])),
        words.LIMITS,
        md.paragraph(plan.note) if plan.note else "",
        words.AGAIN.format(entry=plan.entry, records=study["records"][:12]),
    )
    return "\n\n".join(section.strip() for section in sections if section) + "\n"


def _phases(plan: Plan) -> str:
    given = {plans.GIVEN: len(plan.first)} if plan.first else {}
    counts = [f"{count} {words.SAMPLERS[name]}" for name, count in (given | plan.phases).items()]
    return ", then ".join(counts)


def _made(plan: Plan) -> str:
    fixed = " and ".join(f"`{key}` = {written(value)}" for key, value in plan.fixed.items())
    return words.FIXED.format(fixed=fixed) if fixed else ""


def _pruning(plan: Plan) -> str:
    if plan.pruning is None:
        return words.WHOLE
    return words.PRUNING.format(**plan.pruning.model_dump())


def _won(best: dict[str, Any] | None, rows: list[dict[str, Any]]) -> str:
    if best is None:
        return words.NO_WINNER
    complete = [row["value"] for row in ranked(rows) if row["state"] == COMPLETE]
    second = words.SECOND.format(gap=best["value"] - complete[1]) if len(complete) > 1 else ""
    return words.WON.format(**best, second=second)


def _space(plan: Plan, best: dict[str, Any] | None) -> Iterator[tuple[str, str, str]]:
    for key, dimension in plan.space.items():
        won = md.NOT_MEASURED if best is None else written(best["parameters"][key])
        yield f"`{key}`", _searched(dimension), won


def _searched(dimension: Range | Choices) -> str:
    if isinstance(dimension, Choices):
        return ", ".join(map(written, dimension.values))
    log = ", logarithmic" if dimension.log else ""
    return f"{written(dimension.low)} to {written(dimension.high)}{log}"


def _count(rows: list[dict[str, Any]], state: str) -> int:
    return Counter(row["state"] for row in rows)[state]


def _counted(rows: list[dict[str, Any]]) -> str:
    counts = {state: _count(rows, state) for state in (COMPLETE, PRUNED, DIVERGED, INTERRUPTED)}
    hours = sum(row["seconds"] or 0 for row in rows) / 3600
    return words.COUNTED.format(**counts, hours=hours)


def _trials(
    plan: Plan, rows: list[dict[str, Any]]
) -> tuple[tuple[str, ...], Iterator[tuple[str, ...]]]:
    """Head and rows, best first."""
    shown = ranked(rows)
    parts = [name for row in shown[:1] for name in row["best"] or {}]
    parts = [name for name in parts if name not in ("epoch", MONITOR)]
    figures = ("value", *(words.PARTS.get(name, name) for name in parts))
    head = ("trial", "drawn", "state", *figures, "epochs", "seconds", *short(plan.space).values())
    return head, (_trial(plan, row, parts) for row in shown)


def _trial(plan: Plan, row: dict[str, Any], parts: list[str]) -> tuple[str, ...]:
    best = row["best"] or {}
    return (
        str(row["trial"]),
        row["sampler"],
        row["state"],
        *(_figure(each) for each in (row["value"], *map(best.get, parts))),
        str(row["epochs"]),
        f"{row['seconds']:.0f}",
        *(written(row["parameters"][key]) for key in plan.space),
    )


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _reasons(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Why trials came to nothing, if any did."""
    if told := [f"Trial {row['trial']}: {row['reason']}" for row in rows if row["reason"]]:
        yield md.items(told)


def _importance(shares: dict[str, float] | None) -> Iterator[tuple[str, str]]:
    for key, share in (shares or {}).items():
        yield f"`{key}`", f"{share:.2f}"


def write(folder: Path) -> Path:
    """Render `folder`/results/study.json to `folder`/README.md."""
    path = folder / "README.md"
    with replacing(path) as draft:
        draft.write_text(render(json.loads((folder / STUDY).read_text())))
    return path


def main(
    folder: Annotated[Path, typer.Argument(help="Where results and page lie.")] = FINDINGS,
) -> None:
    """Write the findings page of a sweep from its results."""
    typer.echo(str(write(folder)))


if __name__ == "__main__":
    typer.run(main)
