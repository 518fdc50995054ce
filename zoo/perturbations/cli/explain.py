"""The command explain: which nodes of the cell a set of deletions moves."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import EmptyInput, InvalidOption
from contracts.sets.kinds import WILDTYPE
from zoo.cli.console import about_model, print_json, print_table, say
from zoo.cli.options import AsJson, Backend, CellEntry, Device, Threads
from zoo.loading import load_of
from zoo.perturbations import figure as explanation_figure
from zoo.perturbations.explain import check_options
from zoo.results import records, without_nan
from zoo.sets.notation import PLUS, check_names, read_set

_EXAMPLE = "zoo explain hetero_cell-yeast ADE2+YBR001C"


def explain(
    entry: CellEntry,
    sets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SET", help="One set, as for zoo predict: ADE2, or ADE2+YBR001C for two genes."
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

    `moved` is the distance between a node's states in the cell with and without the genes; for a
    node that is gone, the distance from its state to 0. `share` is the fraction of the change of
    the whole cell that a gene accounts for. The model computes all of it; nothing is measured.
    A node can move without changing the prediction: the model pools genes only, and with one layer
    no message goes from metabolites to genes.
    """
    if not sets:
        raise EmptyInput("The set of genes", _EXAMPLE)
    if len(sets) > 1:
        expected = f"one set: type {PLUS.join(sets)} for the set of all these genes"
        raise InvalidOption("sets", " ".join(sets), expected)
    (text,) = sets
    try:
        check_options(top, kind)
    except InvalidOption as error:
        raise InvalidOption(f"--{error.option}", error.got, error.expected) from None
    members = list(read_set(text))
    if figure is not None:
        explanation_figure.check_target(figure)
    model = load_of("perturbations", entry, "zoo explain", backend, device, threads)
    check_names(text, tuple(members), model.vocabulary)
    columns = model.explained(members, top, kind)
    title = text if members else WILDTYPE
    if figure is not None:
        explanation_figure.draw(columns, title, figure)
    rows = without_nan(records(columns))
    if as_json:
        drawn = {"figure": str(figure)} if figure else {}
        print_json({**about_model(model), "nodes": rows, **drawn})
        return
    if not rows:
        say(f"No {kind or 'node'} moves.")
    else:
        table = [list(row.values()) for row in rows]
        print_table(list(columns), table, drop=("share", "rank", "status"), text=("name",))
    if figure is not None:
        say(f"Drew {len(rows)} nodes to {figure}.")
