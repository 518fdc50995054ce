"""The command `zoo score-matrix`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.console import print_json, progress, say
from zoo.cli.options import AsJson, Backend, Device, Entry, Threads
from zoo.loading import load_of
from zoo.pairs import matrix
from zoo.tables import files

Names = Annotated[Path | None, typer.Option(help="A text file with one name a line.")]


def score_matrix(
    entry: Entry,
    output: Annotated[Path, typer.Option("--output", "-o", help="Write here: .npy.")],
    tfs: Names = None,
    genes: Names = None,
    backend: Backend = "onnx",
    device: Device = "auto",
    threads: Threads = 1,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUTPUT.")] = False,
    as_json: AsJson = False,
) -> None:
    """Score every regulator with every gene, into a .npy file to map into memory.

    A run that was stopped goes on where it was: type the same command again. OUTPUT.json beside it
    has the names of rows and columns and the digest.
    """
    matrix.check_target(output)
    rows, columns = (None if path is None else files.read_names(path) for path in (tfs, genes))
    model = load_of("pairs", entry, "zoo score-matrix", backend, device, threads)
    total = len(model.vocabulary.regulators) if rows is None else len(rows)
    try:
        with progress("regulators", total) as advance:
            about = matrix.write(model, output, rows, columns, advance, overwrite)
    except KeyboardInterrupt:
        say("Stopped. Type the same to go on.")
        raise
    if as_json:
        shown = {name: about[name] for name in ("entry", "version", "shape", "dtype", "sha256")}
        print_json({**shown, "output": str(output)})
    else:
        height, width = about["shape"]
        say(f"Wrote {height} regulators x {width} genes to {output}.")
