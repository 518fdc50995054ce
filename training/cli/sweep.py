"""The command `zoo sweep`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

RUNS = Path("runs")


def sweep(
    entry: Annotated[
        str, typer.Argument(help="An entry with a sweep file, such as cls_transformer-yeast.")
    ],
    trials: Annotated[
        int | None, typer.Option(help="Run so many more trials [default: what the plan lacks].")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Begin no trial after so many minutes.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder of run folders.")] = RUNS,
    show: Annotated[bool, typer.Option("--list", help="Run nothing; show the trials.")] = False,
    winner: Annotated[
        bool, typer.Option("--winner", help="Run nothing; print the winner's recipe.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option(help="Run nothing; write the study's table to this JSON file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Try other numbers for an entry's recipe, in short trainings judged on validation.

    It goes on where it was stopped. The data is found through ZOO_DATA.
    """
    from training.begin import UnfitOptions
    from zoo.cli.console import say

    modes = {"--list": show, "--winner": winner, "--export": export is not None}
    looks = [name for name, on in modes.items() if on]
    if len(looks) > 1:
        raise UnfitOptions(f"{' and '.join(looks)} were given: give one of them.")
    if looks and (trials is not None or timeout is not None):
        raise UnfitOptions(f"{looks[0]} runs nothing: leave --trials and --timeout out.")
    if looks:
        _look(entry, runs, winner, export, as_json)
        return
    from training.sweep.run import sweep as run

    progress = not as_json and sys.stdout.isatty()
    try:
        found = run(entry, runs, trials, timeout, progress=progress, say=say)
    except KeyboardInterrupt:
        again = "" if runs == RUNS else f" --runs {runs}"
        say(f"Stopped. To try the same values again and go on, type: zoo sweep {entry}{again}")
        raise typer.Exit(130) from None
    _print(found, as_json)


def _look(entry: str, runs: Path, winner: bool, export: Path | None, as_json: bool) -> None:
    """Show what a study has, or write it; nothing is run."""
    from contracts.errors import InvalidOption
    from training.sweep import study, table
    from training.sweep.run import folder_of
    from training.sweep.winner import recipe_text
    from zoo.store.files import replacing

    if export and not export.parent.is_dir():
        raise InvalidOption("--export", str(export), "a file in a folder that exists")
    found = table.table(study.find(entry, folder_of(entry, runs)))
    if winner:
        text = recipe_text(found)
        typer.echo(json.dumps({"entry": entry, "recipe": text}) if as_json else text, nl=as_json)
    elif export:
        with replacing(export) as draft:
            draft.write_text(json.dumps(found, indent=1) + "\n")
        typer.echo(str(export))
    else:
        _print(found, as_json)


def _print(found: dict[str, Any], as_json: bool) -> None:
    """The study's table, best trial first."""
    from training.sweep import table
    from zoo.cli import console

    if as_json:
        console.print_json(found)
        return
    rows = [
        (
            each["trial"],
            each["sampler"],
            each["state"],
            "-" if each["value"] is None else f"{each['value']:.4f}",
            each["epochs"],
            round(each["seconds"]),
            table.spoken(each["parameters"]),
        )
        for each in table.ranked(found["trials"])
    ]
    columns = ("trial", "sampler", "state", "value", "epochs", "seconds", "values")
    console.say(f"Sweep of {found['plan']['entry']}, validation")
    console.print_table(columns, rows)
