"""The command `zoo export`."""

from pathlib import Path
from typing import Annotated

import typer

from zoo.store.folders import BUNDLED


def export(
    entry: Annotated[str, typer.Argument(help="A trained entry, such as two_tower-brain.")],
    run: Annotated[Path | None, typer.Option(help="Its run folder [default: runs/ENTRY].")] = None,
    output: Annotated[Path, typer.Option(help="Where the entry's folder goes.")] = BUNDLED,
    smoke: Annotated[bool, typer.Option(help="Accept a run cut short by --max-steps.")] = False,
) -> None:
    """Export a finished training: ONNX graphs, golden vectors, certified parity, manifest."""
    from export.package import PARITY, package

    manifest = package(run or Path("runs") / entry, output / entry, smoke=smoke)
    total = sum(record.bytes for record in manifest.files.values()) / 1e6
    typer.echo(f"{manifest.entry} {manifest.version}: {len(manifest.files)} files, {total:.1f} MB")
    typer.echo(f"Parity: {(output / entry / PARITY).read_text()}")
