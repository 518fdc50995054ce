"""The command `zoo compare`."""

import json
from typing import Annotated, Any

import typer


def compare(
    entries: Annotated[
        list[str], typer.Argument(help="Two entries or more; the first is held against each other.")
    ],
    protocol: Annotated[
        list[str] | None, typer.Option(help="One protocol; may be given again [default: all].")
    ] = None,
    stage: Annotated[str, typer.Option(help="valid or test.")] = "valid",
    rung: Annotated[
        list[str] | None, typer.Option(help="A baseline to stand beside them; may be given again.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Compare exported entries on the same held-out records, with paired intervals."""
    from training import family

    report = family.of_all(entries).compare(entries, protocol, stage, rung or ())
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        _print(report)


def _print(report: dict[str, Any]) -> None:
    """Print each model's figures, and the first's less its own."""
    from rich.console import Console
    from rich.table import Table

    from training.cards import markdown as md

    first = report["entries"][0]
    title = f"{report['stage']} split, 95 % intervals, paired differences"
    table = Table(title=title)
    for column in ("protocol", "figure", "model", "value", f"{first} less it"):
        table.add_column(column, no_wrap=column == "protocol")
    for protocol, body in report["protocols"].items():
        for model, figures in body["metrics"].items():
            gaps = body["difference"].get(model, {})
            for name, figure in figures.items():
                gap = md.difference(gaps[name]) if name in gaps else "-"
                table.add_row(protocol, name, model, md.figure(figure), gap)
    Console(soft_wrap=True).print(table)
