"""Commands about entries: list, search, info, card, verify."""

import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts import evidence as ladder
from contracts.errors import EmptyInput
from zoo.cli import plugins
from zoo.cli.console import print_json, print_markdown, print_table, progress, say
from zoo.cli.options import AnyEntry, AsJson, Entry
from zoo.store import catalogue, figures, folders

if TYPE_CHECKING:
    from zoo.verification import Report

_STATES = ("FAILED", "ok")

# What a narrow terminal does not show, the first one first.
DROPPED = ("licence", "tissue", "high", "low", "task", "species", "evidence")

_PICTURE = re.compile(
    r"!\[(?P<alt>[^]]*)\]\([^)]*\)|<img\b[^>]*?(?:\balt=\"(?P<html>[^\"]*)\")?[^>]*>"
)


def list_entries(
    pattern: Annotated[str, typer.Argument(help="Names to list, with wildcards: '*-brain'.")] = "*",
    as_json: AsJson = False,
) -> None:
    """List the entries on this machine: each with one figure, and that of its best baseline."""
    wanted, rows = set(catalogue.names(pattern)), _sound(*catalogue.found())
    rows = [row for row in rows if row["entry"] in wanted]
    _show(rows, as_json, beside=True)
    if not rows:
        part = f"*{pattern.strip('*')}*"
        say(f"No entry is named {pattern}. Type zoo list '{part}' for a part of a name.")


def search(
    text: Annotated[
        str | None, typer.Argument(help="A word of the name, species or summary, such as yeast.")
    ] = None,
    task: Annotated[str | None, typer.Option(help="Such as pair_score, or 'pair_*'.")] = None,
    tissue: Annotated[str | None, typer.Option(help="Such as brain.")] = None,
    species: Annotated[str | None, typer.Option(help="Such as human.")] = None,
    licence: Annotated[str | None, typer.Option(help="Of the weights, such as 'CC-BY*'.")] = None,
    metric: Annotated[
        str | None, typer.Option(help="Such as uniform/auroc, or 'uniform/auroc >= 0.9'.")
    ] = None,
    evidence: Annotated[
        str | None, typer.Option(help=f"The evidence: {', '.join(ladder.NAMES)}.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find entries by what they are; wildcards are allowed, capitals do not matter."""
    rows = _sound(*catalogue.found(text, task, tissue, species, licence, metric, evidence))
    _show(rows, as_json, beside=metric is None)
    if not rows:
        say("No entry matches. Leave out a condition, or type zoo list for all entries.")
    if not rows and evidence is not None:
        rung = ladder.rung(evidence)
        say(f"{rung.name}: {rung.meaning} {rung.elsewhere}")


def info(entry: Entry, as_json: AsJson = False) -> None:
    """Show what an entry is made of and where it comes from."""
    folder = folders.locate(entry)
    manifest = folders.read_manifest(folder, entry)
    if as_json:
        print_json(manifest.model_dump(mode="json"))
        return
    facts = manifest.model_dump(mode="json", exclude={"files", "config", "data", "metrics"})
    rows = [("folder", str(folder)), *_facts(facts)]
    rows += [(f"metric {name}", f"{value:.3f}") for name, value in sorted(manifest.metrics.items())]
    rows += [(f"bytes of {name}", str(one.bytes)) for name, one in sorted(manifest.files.items())]
    print_table(("field", "value"), rows, text=("value",))


def card(
    entry: Entry,
    render: Annotated[
        bool, typer.Option("--render", help="Render it from what it ships (needs the extra train).")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Show all of it, not only its summary.")] = (
        False
    ),
    as_json: AsJson = False,
) -> None:
    """Show an entry's model card: what it is for, how it was trained, how good it is.

    A terminal gets the summary, a pipe the whole card.
    """
    if render:
        plugins.run("report", [entry, "--print", *(["--json"] if as_json else [])])
        return
    text = catalogue.card(entry)
    if as_json:
        print_json({"entry": entry, "card": text})
        return
    # What a hub reads comes first in the file, and is nothing for a person.
    text = text.partition("\n---\n")[2].lstrip() if text.startswith("---") else text
    shown = text if full else text.partition("\n## ")[0]
    print_markdown(text, _PICTURE.sub(_caption, shown), full)
    if not full and sys.stdout.isatty():
        say(f"The whole card: zoo card {entry} --full")


def verify(entry: AnyEntry = None, as_json: AsJson = False) -> None:
    """Check digests, golden vectors and contracts; ends with 1 where one does not hold."""
    from zoo import verification

    names = [entry] if entry else catalogue.names()
    if not names:
        raise EmptyInput("The zoo on this machine", "an entry fetched with ZOO_REMOTE set")
    reports = []
    with progress("verifying", len(names)) as advance:
        for name in names:
            reports.append(verification.verify(name))
            advance(1)
    if as_json:
        print_json(
            [
                {"entry": r.entry, "ok": r.ok, "checks": [asdict(c) for c in r.checks]}
                for r in reports
            ]
        )
    else:
        _show_reports(reports, every_check=entry is not None)
    if not all(report.ok for report in reports):
        raise typer.Exit(1)


def _sound(rows: list[dict[str, Any]], broken: dict[str, str]) -> list[dict[str, Any]]:
    """The rows, once it is said which entries are in no list, and why."""
    for entry, reason in broken.items():
        say(f"{entry} is left out: {reason}")
    return rows


def _show(rows: list[dict[str, Any]], as_json: bool, beside: bool) -> None:
    """Show entries; `beside` puts their evaluations' headlines beside their best baselines'."""
    rows = [{**row, **_headline(row["entry"])} for row in rows] if beside else rows
    if as_json:
        print_json(rows)
        return
    columns = ["entry", "task", "species", "tissue", "metric", "value", "licence"]
    if beside:
        columns[-1:] = ["low", "high", "baseline", "baseline_value", "kind", "licence"]
    telling = any(row["evidence"] != ladder.NATIVE for row in rows)
    columns.insert(1 if telling else len(columns) - 1, "evidence")
    if "kind" in columns and sys.stdout.isatty():  # for want of width, marked in another column
        columns.remove("kind")
        rows = [_marked(row) for row in rows]
    cells = [[row.get(name) for name in columns] for row in rows]
    drop = DROPPED if telling else ("evidence", *DROPPED)
    print_table(columns, cells, drop=drop, text=("metric", "baseline"))


def _marked(row: dict[str, Any]) -> dict[str, Any]:
    if row.get("kind") != "baseline":
        return row
    return {**row, "baseline": f"(is a baseline) {row.get('baseline') or ''}".rstrip()}


def _caption(picture: re.Match[str]) -> str:
    """What a picture shows, in place of it: the first sentence of its description."""
    return (picture["alt"] or picture["html"] or "").partition(". ")[0]


def _headline(entry: str) -> dict[str, Any]:
    """The figures of an entry's evaluation; nothing where it has none."""
    figure = figures.headline(folders.locate(entry))
    facts = {} if figure is None else asdict(figure)
    return {name: value for name, value in facts.items() if value is not None}


def _facts(fields: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested fields as rows of two cells, those without a value left out."""
    rows: list[tuple[str, str]] = []
    for name, value in fields.items():
        if isinstance(value, dict):
            rows += _facts(value, f"{prefix}{name} ")
        elif value not in (None, "", []):
            listed = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            rows.append((prefix + name, listed))
    return rows


def _show_reports(reports: list["Report"], every_check: bool) -> None:
    rows = []
    for report in reports:
        shown = report.checks if every_check else report.failures
        rows += [(report.entry, _STATES[c.ok], c.name, c.detail) for c in shown]
        if not shown:
            rows.append((report.entry, _STATES[True], f"all {len(report.checks)} checks", ""))
    print_table(("entry", "state", "check", "seen"), rows, text=("seen",))


COMMANDS: dict[str, Callable[..., Any]] = {
    "list": list_entries,
    "search": search,
    "info": info,
    "card": card,
    "verify": verify,
}
