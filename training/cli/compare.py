"""The command `zoo compare`."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from training.scoring.table import Evaluation


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
    from training.scoring.compare import compare as run

    found = run(entries, protocol, stage, rung or ())
    if as_json:
        typer.echo(found.json())
    else:
        _print(found)


def _print(found: "Evaluation") -> None:
    """Print each model's figures, and the first's less its own."""
    from rich.console import Console
    from rich.table import Table

    from training.scoring import printed

    table = Table(title=f"{found.about.stage} split, 95 % intervals, paired differences")
    for column in ("protocol", "figure", "model", "value", f"{found.about.entry} less it"):
        table.add_column(column, no_wrap=column == "protocol")
    for cells in printed.side_by_side(found):
        table.add_row(*cells)
    Console(soft_wrap=True).print(table)
