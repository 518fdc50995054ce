"""The command `zoo compare`."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.train import RUNS


def compare(
    entries: Annotated[
        list[str],
        typer.Argument(
            help="Two entries or more: the first one is compared with each of the others."
        ),
    ],
    protocol: Annotated[
        list[str] | None, typer.Option(help="One protocol; may be given again [default: all].")
    ] = None,
    stage: Annotated[str, typer.Option(help="valid or test.")] = "valid",
    rung: Annotated[
        list[str] | None,
        typer.Option(help="A baseline to evaluate beside them; may be given again."),
    ] = None,
    runs: Annotated[
        Path, typer.Option(help="Folder of run folders, for entries that a model a fold tests.")
    ] = RUNS,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Compare exported entries on the same held-out records, with paired intervals."""
    from training.cli import printed
    from training.scoring.compare import compare as run

    found = run(entries, protocol, stage, rung or (), runs=runs)
    if as_json:
        typer.echo(found.json())
    else:
        printed.side_by_side(found)
