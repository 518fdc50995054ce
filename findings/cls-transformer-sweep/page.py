"""The findings page of a sweep, from what results/study.json holds and from nothing else.

zoo sweep cls_transformer-yeast --export findings/cls-transformer-sweep/results/study.json
zoo reproduce cls-transformer-sweep
"""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from training import finding
from training.cards import render as pages
from training.cards.filters import setting
from training.cards.render import figure
from training.sweep.plan import Choices, Plan, Range
from training.sweep.table import COMPLETE, DIVERGED, INTERRUPTED, PRUNED, ranked, short

FINDINGS = Path(__file__).parent
STUDY = Path("results") / "study.json"
PARTS = {"valid": "random sets", "one_new_valid": "one gene unseen"}
COLUMNS = ("trial", "drawn", "state", "value")

Row = dict[str, Any]


def page(study: dict[str, Any]) -> str:
    """The page as Markdown, of a study that `training.sweep.table.table` gave."""
    plan, rows = Plan.model_validate(study["plan"]), study["trials"]
    best, shown = None if study["winner"] is None else rows[study["winner"]], ranked(rows)
    complete = [row["value"] for row in shown if row["state"] == COMPLETE]
    states = Counter(row["state"] for row in rows)
    parts = [name for name in (shown[0]["best"] or {} if shown else {}) if name in PARTS]
    return pages.render(
        FINDINGS / "README.md.j2",
        filters={"written": setting},
        plan=plan,
        best=best,
        ahead=complete[0] - complete[1] if len(complete) > 1 else None,
        space=[
            (f"`{key}`", searched(each), setting(best["parameters"][key]) if best else pages.NONE)
            for key, each in plan.space.items()
        ],
        counts={state: states[state] for state in (COMPLETE, PRUNED, DIVERGED, INTERRUPTED)},
        hours=sum(row["seconds"] or 0 for row in rows) / 3600,
        head=[*COLUMNS, *map(PARTS.get, parts), "epochs", "seconds", *short(plan.space).values()],
        trials=[_trial(plan, row, parts) for row in shown],
        rows=rows,
        importance=[(f"`{k}`", f"{share:.2f}") for k, share in (study["importance"] or {}).items()],
        digest=study["records"][:12],
    )


def searched(dimension: Range | Choices) -> str:
    """The values that were offered to a search."""
    if isinstance(dimension, Choices):
        return ", ".join(map(setting, dimension.values))
    log = ", logarithmic" if dimension.log else ""
    return f"{setting(dimension.low)} to {setting(dimension.high)}{log}"


def _trial(plan: Plan, row: Row, parts: list[str]) -> tuple[object, ...]:
    best = row["best"] or {}
    figures = (figure(each, ".4f") for each in (row["value"], *map(best.get, parts)))
    drawn = (setting(row["parameters"][key]) for key in plan.space)
    length = row["epochs"], f"{row['seconds']:.0f}"
    return row["trial"], row["sampler"], row["state"], *figures, *length, *drawn


def main(
    folder: Annotated[Path, typer.Argument(help="Where results and page lie.")] = FINDINGS,
) -> None:
    """Write the findings page of a sweep from its results."""
    typer.echo(str(finding.publish(folder, page(finding.read(folder / STUDY)))))


if __name__ == "__main__":
    typer.run(main)
