"""The commands `zoo train`, `zoo evaluate` and `zoo report`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.errors import InvalidOption

RUNS = Path("runs")

Entry = Annotated[str, typer.Argument(help="An entry with a recipe, such as two_tower-brain.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def train(
    entry: Entry,
    max_steps: Annotated[int, typer.Option(help="Stop after so many steps (a smoke test).")] = -1,
    resume: Annotated[bool, typer.Option(help="Go on from the last checkpoint.")] = False,
    seed: Annotated[int | None, typer.Option(help="Another seed than the recipe's.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder of run folders.")] = RUNS,
    as_json: Json = False,
) -> None:
    """Train an entry by its recipe; the data is found through ZOO_DATA."""
    from training.run import Options
    from training.run import train as run

    folder = runs / entry
    options = Options(folder, max_steps, resume, seed, progress=not as_json)
    try:
        report = run(entry, options)
    except KeyboardInterrupt:
        given = {"--max-steps": (max_steps, -1), "--seed": (seed, None), "--runs": (runs, RUNS)}
        changed = [f" {name} {value}" for name, (value, usual) in given.items() if value != usual]
        again = f"zoo train {entry} --resume" + "".join(changed)
        typer.echo(f"Stopped. To go on from the last finished epoch, type: {again}", err=True)
        raise typer.Exit(130) from None
    shown = {name: report[name] for name in ("entry", "seed", "best", "calibration", "seconds")}
    _print(shown | {"folder": str(folder)}, as_json)


def evaluate(
    entry: Entry,
    protocol: Annotated[
        list[str] | None, typer.Option(help="One protocol; may be given again [default: all].")
    ] = None,
    stage: Annotated[str, typer.Option(help="valid or test.")] = "test",
    predictions: Annotated[
        Path | None, typer.Option(help="Write pairs, labels and scores to this Parquet file.")
    ] = None,
    save: Annotated[bool, typer.Option(help="Write evaluation.json into the entry.")] = False,
    as_json: Json = False,
) -> None:
    """Score an exported entry on its own held-out pairs, beside the degree baseline."""
    from training import evaluate as evaluation
    from training.questions import PROTOCOLS
    from zoo.files import replacing

    names = protocol or list(PROTOCOLS)
    if predictions and len(names) != 1:
        raise InvalidOption("--predictions", f"{len(names)} protocols", "one --protocol with it")
    if predictions and not predictions.parent.is_dir():
        raise InvalidOption("--predictions", str(predictions), "a file in a folder that exists")
    if save:
        evaluation.check_complete(names, stage)
    report, tables = evaluation.evaluate(entry, names, stage)
    if predictions:
        with replacing(predictions) as draft:
            tables[names[0]].to_parquet(draft, index=False)
    if save:
        evaluation.save(entry, report)
    if as_json:
        _print(report, as_json)
    else:
        _print_table(report)


def report(
    entries: Annotated[list[str] | None, typer.Argument(help="Entries [default: all].")] = None,
    root: Annotated[Path, typer.Option(help="The checkout whose cards are written.")] = Path(),
) -> None:
    """Render model cards, the leaderboard and the README's table from what the entries ship."""
    from training import report as reports

    for path in reports.write(root, entries or None):
        typer.echo(str(path))


def _print(values: dict[str, Any], as_json: bool) -> None:
    """Print a flat report as JSON or line by line."""
    import json

    if as_json:
        typer.echo(json.dumps(values, indent=2))
        return
    for name, value in values.items():
        typer.echo(f"{name}: {value}")


def _print_table(report: dict[str, Any]) -> None:
    """Print the figures of an evaluation with their intervals, the rival's beside them."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{report['entry']}, {report['stage']} split, 95 % intervals")
    for column in ("protocol", "figure", "value", "rival", "difference"):
        table.add_column(column, no_wrap=column == "protocol")
    for protocol, body in report["protocols"].items():
        for name, figure in body["metrics"].items():
            rival, gap = (body[part].get(name) for part in ("rival_metrics", "difference"))
            table.add_row(protocol, name, _shown(figure), _shown(rival), _shown(gap))
    Console().print(table)


def _shown(figure: dict[str, float] | None) -> str:
    """A figure as 0.763 [0.741, 0.784]."""
    if figure is None:
        return "-"
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"
