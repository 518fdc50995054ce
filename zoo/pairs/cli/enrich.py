"""The commands `zoo enrich` and `zoo net`: regulators of a gene list, and networks for others."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import EmptyInput, InvalidOption
from zoo.cli import files as cli_files
from zoo.cli import options
from zoo.cli.console import about_model, print_columns, print_json, say
from zoo.loading import load_of
from zoo.pairs.enrich.table import records
from zoo.tables import files

# What a narrow terminal does not show, the first one first.
DROPPED = ("tf_edges", "known_share", "expected", "activity", "p_value", "predicted")


def _names(help_text: str, *flags: str) -> object:
    text = f"{help_text}: a text file, one name a line."
    return Annotated[Path | None, typer.Option(*flags, help=text)]


def enrich(
    entry: options.Entry,
    genes: Annotated[list[str] | None, typer.Argument(metavar="GENE", help="Such as GFAP.")] = None,
    source: _names("The list", "--input", "-i") = None,
    background: _names("All genes that could have been in the list") = None,
    up: _names("Genes that go up, in place of a list") = None,
    down: _names("Genes that go down, beside --up") = None,
    k: Annotated[int, typer.Option("--top", "-k", help="How many regulators to list.")] = 20,
    output: options.Output = None,
    on_unknown: options.OnUnknown = "raise",
    backend: options.Backend = "onnx",
    device: options.Device = "auto",
    threads: options.Threads = 1,
    as_json: options.AsJson = False,
) -> None:
    """List the regulators that best explain a list of genes.

    The list is typed or in a file. With --up and --down, `activity` says whether the genes go as
    the regulator sends them.
    """
    cli_files.check_target(output)
    names, signs = _list(genes, source, up, down)
    others = None if background is None else files.read_names(background)
    model = load_of("pairs", entry, "zoo enrich", backend, device, threads)
    table = model.enrich(names, others, signs, k, on_unknown=on_unknown)
    columns = {name: table[name].to_numpy() for name in table.columns}
    about = about_model(model) | table.attrs
    if output is not None:
        cli_files.write(output, columns, len(table), as_json)
        if as_json:
            print_json({**about, "output": str(output), "rows": len(table)})
    elif as_json:
        print_json({**about, "regulators": records(table)})
    else:
        print_columns(columns, drop=DROPPED)
        say(f"{about['genes']} genes against a background of {about['background']}.")


def _list(
    genes: list[str] | None, source: Path | None, up: Path | None, down: Path | None
) -> tuple[list[str], dict[str, int] | None]:
    """The names, and the sign of each where they came by --up and --down."""
    given = {"GENE": bool(genes), "--input": source is not None, "--up or --down": bool(up or down)}
    ways = [way for way, there in given.items() if there]
    if not ways:
        raise EmptyInput("The list of genes", "zoo enrich two_tower-brain GFAP AQP4 SOX9")
    if len(ways) > 1:
        raise InvalidOption(ways[1], True, f"it without {ways[0]}")
    if genes or source:
        return genes or files.read_names(source), None
    sides = {sign: files.read_names(path) for sign, path in ((1, up), (-1, down)) if path}
    both = sorted(set(sides.get(1, [])) & set(sides.get(-1, [])))
    if both:
        raise InvalidOption("--down", both[0], "genes that are not in --up as well")
    signs = {name: sign for sign, names in sides.items() for name in names}
    return list(signs), signs


def net(
    entry: options.Entry,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Write here: .tsv, .csv or .parquet; - is stdout."),
    ],
    known: Annotated[
        bool, typer.Option("--known/--no-known", help="The edges that resources list.")
    ] = True,
    top: Annotated[int, typer.Option(help="As many unlisted targets of each regulator.")] = 0,
    min_score: Annotated[float, typer.Option(help="Those with at least this probability.")] = 0.0,
    backend: options.Backend = "onnx",
    device: options.Device = "auto",
    threads: options.Threads = 1,
    as_json: options.AsJson = False,
) -> None:
    """Write a network for decoupler: source, target and weight, negative for a repression.

    Where the sign of an edge is not known, its weight is positive.
    """
    from zoo.pairs.net import table

    cli_files.check_target(output)
    model = load_of("pairs", entry, "zoo net", backend, device, threads)
    edges = table(model, known, top, min_score)
    columns = {name: edges[name].to_numpy() for name in edges.columns}
    cli_files.write(output, columns, len(edges), as_json)
    if as_json:
        print_json({**about_model(model), "output": str(output), "edges": len(edges)})
