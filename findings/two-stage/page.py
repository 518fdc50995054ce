"""The findings page on training in two stages, from results/runs.jsonl.

zoo reproduce two-stage --measure    # train what has no record yet
"""

from pathlib import Path
from typing import Annotated

import typer

import measure as measuring
import results

FINDINGS = Path(__file__).parent


def main(
    measured: Annotated[
        bool, typer.Option("--measure", help="Train what has no record yet, and write no page.")
    ] = False,
    only: Annotated[list[str] | None, typer.Option(help="A variant; may be repeated.")] = None,
    seeds: Annotated[int, typer.Option(help="So many seeds, from 0.")] = results.SEEDS,
    fold: Annotated[int | None, typer.Option(help="0 or 1; without it, both.")] = None,
    runs: Annotated[Path, typer.Option(help="Where trainings leave what they share.")] = Path(
        "runs/two-stage"
    ),
    folder: Annotated[Path, typer.Option(help="Where results and page lie.")] = FINDINGS,
) -> None:
    """Train the variants of the recipe of SATURN, or write the findings page of them."""
    if measured:
        for each in measuring.measure(folder, runs, measuring.planned(only or (), seeds, fold)):
            typer.echo(each.name)


if __name__ == "__main__":
    typer.run(main)
