"""The command embed: a file of cells to vectors."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.errors import InvalidOption
from zoo.batch import memory as sizes
from zoo.batch.places import Places
from zoo.cells.cli import options as own
from zoo.cells.cli.reading import as_typed, columns_of, coverage, watched
from zoo.cli import files as cli_files
from zoo.cli import options
from zoo.cli.console import about_model, print_json, progress, say
from zoo.loading import load_of
from zoo.tables import files as tables

if TYPE_CHECKING:
    from zoo.cells.scorer import CellEmbedder
    from zoo.cells.statistics import GeneStatistics
    from zoo.matrices.cells import CellMatrix
    from zoo.matrices.genes import GeneColumns

Output = Annotated[
    Path,
    typer.Option(
        "--output", "-o", help="Write the vectors here: .h5ad, .parquet, .csv or .tsv (or .gz)."
    ),
]


def embed(
    entry: own.Entry,
    source: own.cells("--input", "The cells", "-i"),
    species: own.species("--species", "Of the cells"),
    output: Output,
    layer: own.Layer = None,
    genes: own.Genes = None,
    standardise: own.Standardise = "entry",
    key: Annotated[str, typer.Option(help="What an .h5ad calls the vectors in obsm.")] = "X_saturn",
    memory: options.Memory = None,
    resume: options.Resume = False,
    backend: options.Backend = "onnx",
    device: options.Device = "auto",
    threads: options.Threads = 1,
    as_json: options.AsJson = False,
) -> None:
    """Make a vector of each cell, in one space for the cells of all species.

    An .h5ad output is the input with the vectors in obsm. Any other is a table: a column cell, and
    one for each dimension. Files may be of any size.
    """
    from zoo.batch.plan import Run
    from zoo.cells.tasks import ENDINGS, EmbedTask
    from zoo.matrices.files import opened

    if memory is not None:
        sizes.size(memory)
    if not key or "/" in key:
        raise InvalidOption("--key", key, "a name without a slash")
    tables.check_target(output, ENDINGS)
    if output.resolve() == source.resolve():
        raise InvalidOption("--output", str(output), "another file than the one that is read")
    with opened(source, layer, genes) as cells, as_typed():
        model = load_of("cells", entry, "zoo embed", backend, device, threads)
        columns = columns_of(model, cells.matrix, species, source, as_json)
        statistics = _statistics(model, cells.matrix, columns, standardise)
        task = EmbedTask(model, (), source=cells, genes=columns, statistics=statistics, key=key)
        side = output.with_name(f"{output.name}.rejected.csv")
        places = Places(source, output, side, False, memory, resume, to_stdout=False)
        given = {"species": species, "layer": layer, "genes": genes, "standardise": standardise}
        outcome = cli_files.ran(Run(task, cells, places, given | {"key": key}), "embedding")
    if as_json:
        facts = {"output": str(output), "cells": outcome.rows, "coverage": coverage(columns)}
        print_json({**about_model(model), **facts})
    else:
        say(f"Wrote {outcome.rows} vectors to {output}.")


def _statistics(
    model: "CellEmbedder", matrix: "CellMatrix", columns: "GeneColumns", standardise: str
) -> "GeneStatistics":
    """What genes are standardised by; for means over the cells themselves the file is read."""
    statistics = model.statistics_for(columns, standardise)
    if statistics is not None:
        return statistics
    from zoo.cells.counts import counts_of

    with progress("reading", len(matrix)) as advance:
        return model.statistics_of(counts_of(watched(matrix, advance), columns), columns)
