"""The command explain: which nodes of the cell a set of deletions moves."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.errors import EmptyInput, InvalidOption
from contracts.perturbations.kinds import WILDTYPE
from zoo.cli.console import AsJson, print_json, print_table, say
from zoo.loading import load_of
from zoo.pairs.cli.score import Backend, Device, Threads
from zoo.perturbations import figure as explanation_figure
from zoo.perturbations.explain import check_options
from zoo.perturbations.notation import PLUS, check_names, read_set
from zoo.results import Columns, records

_EXAMPLE = "zoo explain hetero_cell-yeast ADE2 YBR001C"


def explain(
    entry: Annotated[str, typer.Argument(help="Name of the entry, such as hetero_cell-yeast.")],
    genes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="GENE", help="The deleted genes of one set: ADE2 YBR001C, or ADE2+YBR001C."
        ),
    ] = None,
    top: Annotated[int, typer.Option("--top", "-k", help="How many nodes to list.")] = 20,
    kind: Annotated[
        str | None, typer.Option(help="Only these: gene, reaction or metabolite.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Draw them as well: a .png, .svg or .pdf.")
    ] = None,
    backend: Backend = "onnx",
    device: Device = "auto",
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """List the genes, reactions and metabolites that one set of deletions moves most.

    A node moves by the distance between its states in the cell with and without the genes; one that
    is gone by that from its state to 0. A gene's share is how long its part is of what the whole
    cell moves. All of it is what the model computes, no measurement. Not all that moves has a say
    in the prediction: only genes are pooled, and a model of one layer hears nothing from
    metabolites.
    """
    if not genes:
        raise EmptyInput("The list of genes", _EXAMPLE)
    try:
        check_options(top, kind)
    except InvalidOption as error:
        raise InvalidOption(f"--{error.option}", error.got, error.expected) from None
    members = list(read_set(PLUS.join(genes)))
    if figure is not None:
        explanation_figure.check_target(figure)
    model = load_of(
        "perturbations", entry, "zoo explain", backend=backend, device=device, threads=threads
    )
    for one in genes:
        check_names(one, read_set(one), model.vocabulary)
    columns = model.explained(members, top, kind)
    title = " ".join(genes) if members else WILDTYPE
    if figure is not None:
        explanation_figure.draw(columns, title, figure)
    rows = _plain(columns)
    if as_json:
        about: dict[str, Any] = {"model": model.entry, "version": model.manifest.version}
        print_json({**about, "nodes": rows} | ({"figure": str(figure)} if figure else {}))
        return
    if not rows:
        say(f"No {kind or 'node'} moves.")
    else:
        print_table(list(columns), [list(row.values()) for row in rows])
    if figure is not None:
        say(f"Drew {len(rows)} nodes to {figure}.")


def _plain(columns: Columns) -> list[dict[str, Any]]:
    """One dict a node; a share that there is not is None."""
    return [
        {**row, "share": None if math.isnan(row["share"]) else row["share"]}
        for row in records(columns)
    ]
