"""The commands `zoo train`, `zoo evaluate` and `zoo report`."""

from pathlib import Path
from typing import Annotated

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
    overwrite: Annotated[bool, typer.Option(help="Replace a finished run.")] = False,
    seeds: Annotated[int, typer.Option(help="Train from so many seeds, to compare them.")] = 1,
    variant: Annotated[str | None, typer.Option(help="One of the recipe's variants.")] = None,
    from_stage: Annotated[
        str | None,
        typer.Option(help="Begin at this stage, with the saved weights of the stage before."),
    ] = None,
    gene_vectors: Annotated[
        Path | None,
        typer.Option(
            help="Gene vectors in place of the recipe's: imported ones by name, or a file such as "
            "zoo import-embeddings takes. Genes go by symbol or Ensembl id."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train an entry by its recipe; the data is found through ZOO_DATA."""
    from training.begin import Options, can_resume
    from training.data.vectors import imported
    from training.run import train as run
    from training.seeds import first, repeat
    from zoo.cli import console

    if seeds < 1:
        raise InvalidOption("--seeds", seeds, "1 or more")
    folder = runs / (entry if variant is None else f"{entry}.{variant}")
    file = None if gene_vectors is None else imported.located(gene_vectors)
    options = Options(
        folder, max_steps, resume, seed, not as_json, overwrite, variant, from_stage, file
    )
    try:
        report = run(entry, options) if seeds == 1 else first(entry, options)
        spread = repeat(entry, options, seeds) if seeds != 1 else None
    except KeyboardInterrupt:
        given = {"--max-steps": (max_steps, -1), "--seed": (seed, None), "--runs": (runs, RUNS)}
        given |= {"--seeds": (seeds, 1), "--variant": (variant, None)}
        given |= {"--gene-vectors": (gene_vectors, None)}
        there = can_resume(folder)
        given |= {} if there else {"--from-stage": (from_stage, None)}
        changed = [f" {name} {value}" for name, (value, usual) in given.items() if value != usual]
        again = f"zoo train {entry}" + " --resume" * there + "".join(changed)
        how = "go on from the last finished epoch" if there else "begin again (no epoch was done)"
        typer.echo(f"Stopped. To {how}, type: {again}", err=True)
        raise typer.Exit(130) from None
    shown = {name: report[name] for name in ("entry", "seed", "best", "calibration", "seconds")}
    shown |= {"seeds": spread["figures"]} if spread else {}
    shown |= {"folder": str(folder)}
    if as_json:
        console.print_json(shown)
        return
    for name, value in shown.items():
        typer.echo(f"{name}: {value}")


def evaluate(
    entry: Entry,
    protocol: Annotated[
        list[str] | None, typer.Option(help="One protocol; may be given again [default: all].")
    ] = None,
    stage: Annotated[str, typer.Option(help="valid or test.")] = "test",
    predictions: Annotated[
        Path | None, typer.Option(help="Write labels and predictions to this Parquet file.")
    ] = None,
    save: Annotated[bool, typer.Option(help="Write the evaluation into the entry.")] = False,
    runs: Annotated[
        Path, typer.Option(help="Folder of run folders, for an entry that a model a fold tests.")
    ] = RUNS,
    as_json: Json = False,
) -> None:
    """Score an exported entry on its own held-out records, beside the ladder of baselines."""
    from training.begin import UnfitOptions
    from training.cli import printed
    from training.scoring.evaluate import evaluate as run
    from training.scoring.keeping import keep
    from zoo.store.files import replacing

    if predictions and len(protocol or ()) != 1:
        asked = f"{len(protocol)} protocols" if protocol else "all protocols"
        raise UnfitOptions(
            f"--predictions writes one table, and {asked} were asked: give one --protocol."
        )
    if predictions and not predictions.parent.is_dir():
        raise InvalidOption("--predictions", str(predictions), "a file in a folder that exists")
    if save and (protocol or stage != "test"):
        raise UnfitOptions("--save keeps a whole test report: leave --protocol and --stage out.")
    found, tables = run(entry, protocol, stage, runs=runs)
    if predictions and protocol:
        with replacing(predictions) as draft:
            tables[protocol[0]].to_parquet(draft, index=False)
    if save:
        keep(entry, found)
    if as_json:
        typer.echo(found.json())
    else:
        printed.beside_best(found)


def report(
    entries: Annotated[list[str] | None, typer.Argument(help="Entries [default: all].")] = None,
    root: Annotated[Path, typer.Option(help="The checkout whose cards are written.")] = Path(),
    show: Annotated[
        bool, typer.Option("--print", help="Print one entry's card, and write nothing.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; end with 1 where a page was changed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --print: print JSON.")] = False,
) -> None:
    """Render model cards, the leaderboard and the README's table from what the entries ship."""
    if show:
        _print_card(entries or [], as_json)
        return
    if as_json:
        raise InvalidOption("--json", "no --print with it", "zoo report ENTRY --print --json")
    from training.cards import report as reports

    if check:
        stale = reports.stale(root)
        for path in stale:
            typer.echo(f"{path} is not what the entries give. Type: zoo report", err=True)
        raise typer.Exit(1 if stale else 0)
    for path in reports.write(root, entries or None):
        typer.echo(str(path))


def _print_card(entries: list[str], as_json: bool) -> None:
    """Print the card of one entry, rendered now."""
    from training.cards import card
    from zoo.cli import console

    if len(entries) != 1:
        raise InvalidOption("--print", f"{len(entries)} entries", "one entry with it")
    text = card.card(entries[0])
    if as_json:
        console.print_json({"entry": entries[0], "card": text})
    else:
        console.print_markdown(text, text, paged=False)
