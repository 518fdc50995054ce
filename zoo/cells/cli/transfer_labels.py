"""The command transfer-labels: types of known cells to those of a file."""

from typing import Annotated

import typer

from zoo.cells.cli import options as own
from zoo.cells.cli.reading import as_typed, columns_of, coverage, watched
from zoo.cli import files as cli_files
from zoo.cli import options
from zoo.cli.console import about_model, print_columns, print_json, progress, say
from zoo.loading import load_of


def transfer_labels(
    entry: own.Entry,
    reference: own.cells("--reference", "Cells whose types are known"),
    labels: Annotated[str, typer.Option(help="The column of the reference's obs with the types.")],
    reference_species: own.species("--reference-species", "Of the reference"),
    source: own.cells("--input", "The cells to label", "-i"),
    species: own.species("--species", "Of the cells to label"),
    output: options.Output = None,
    threshold: Annotated[
        float | None,
        typer.Option(help="A cell is unassigned below this confidence; the entry's if left out."),
    ] = None,
    layer: own.Layer = None,
    genes: own.Genes = None,
    standardise: own.Standardise = "entry",
    backend: options.Backend = "onnx",
    device: options.Device = "auto",
    threads: options.Threads = 1,
    as_json: options.AsJson = False,
) -> None:
    """Label cells with the types of other cells, of the same species or another.

    The result has a row for each cell: cell, label, confidence, and second, the runner-up. The
    options --layer and --genes are for both files.
    """
    from zoo.matrices.files import opened

    cli_files.check_target(output)
    with (
        opened(reference, layer, genes) as known,
        opened(source, layer, genes) as cells,
        as_typed(),
    ):
        types = known.labels(labels)
        model = load_of("cells", entry, "zoo transfer-labels", backend, device, threads)
        there = [
            columns_of(
                model, known.matrix, reference_species, reference, as_json, "--reference-species"
            ),
            columns_of(model, cells.matrix, species, source, as_json),
        ]
        passes = 2 if standardise == "data" else 1
        total = passes * (len(known.matrix) + len(cells.matrix))
        with progress("embedding", total) as advance:
            table = model.transfer_labels(
                watched(known.matrix, advance),
                types,
                watched(cells.matrix, advance),
                (reference_species, species),
                standardise=standardise,
                threshold=threshold,
            )
    rows = {name: table[name].tolist() for name in table}
    if output is not None:
        cli_files.write(output, rows, len(table), as_json)
    if as_json:
        labelled = {"output": str(output), "cells": len(table)}
        if output is None:
            labelled = {"labels": table.to_dict("records")}
        about = dict(zip(("reference", "query"), map(coverage, there), strict=True))
        print_json({**about_model(model), "coverage": about, **labelled})
        return
    if output is None:
        print_columns(rows)
    say(f"{rows['label'].count('unassigned')} of {len(table)} cells are unassigned.")
