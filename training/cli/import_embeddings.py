"""The command `zoo import-embeddings`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.errors import InvalidOption


def import_embeddings(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Vectors of genes: .parquet or .csv (gene, and vector or a column a number), "
            ".safetensors or .h5 (a vector a gene), .h5ad (genes in obs, vectors in X)."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call them, such as scgpt.")] = None,
    licence: Annotated[str | None, typer.Option(help="Their licence, such as MIT.")] = None,
    about: Annotated[str, typer.Option(help="A sentence on what they are.")] = "",
    show: Annotated[bool, typer.Option("--list", help="List those that are kept.")] = False,
    remove: Annotated[str | None, typer.Option(help="Forget those of this name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check gene vectors that others made, and keep them under a name for zoo train.

    The file is read and no code of anybody runs. It needs ZOO_DATA, for the names of genes.
    """
    if [file is not None, show, remove is not None].count(True) != 1:
        raise InvalidOption("FILE", file and str(file), "a file, or --list, or --remove NAME alone")
    if show:
        _list(as_json)
    elif remove is not None:
        _remove(remove, as_json)
    elif file is not None:
        _import(file, name, licence, about, as_json)


def _import(file: Path, name: str | None, licence: str | None, about: str, as_json: bool) -> None:
    from training.data.files import DataFiles
    from training.data.vectors import checked, coverage, imported
    from zoo.cli import console
    from zoo.store.files import sha256

    if name is None:
        raise InvalidOption("--name", name, "a word to call them by, such as scgpt")
    if licence is None or not licence.strip():
        raise InvalidOption("--licence", licence, "that of the vectors, such as MIT, or unknown")
    imported.check_name(name)
    content = checked.read(file, DataFiles.find())
    covered = coverage.of(content.symbols)
    coverage.require(file.name, covered)
    record = imported.Record(
        name=name,
        about=about,
        licence=licence.strip(),
        source=file.name,
        sha256=sha256(file),
        genes=len(content.symbols),
        dim=content.matrix.shape[1],
        date=datetime.now(UTC).date().isoformat(),
    )
    path = imported.save(record, content)
    left_out = {"unknown": content.unknown, "ambiguous": content.ambiguous}
    if as_json:
        lines = [each.as_json() for each in covered]
        console.print_json({**record.model_dump(), **left_out, "coverage": lines})
        return
    typer.echo(f"{name}: {record.dim} numbers for each of {record.genes:,} genes, in {path}")
    typer.echo(
        f"Names left out: {content.unknown:,} unknown, {content.ambiguous:,} of several genes"
    )
    for each in covered or ["No entry on this machine predicts expression, so none is covered."]:
        typer.echo(str(each))
    typer.echo(f"Type: zoo train linear-norman19 --gene-vectors {name}")


def _list(as_json: bool) -> None:
    from training.data.vectors import imported
    from zoo.cli import console

    rows: list[dict[str, Any]] = [record.model_dump() for record in imported.records()]
    if as_json:
        console.print_json(rows)
        return
    columns = ["name", "genes", "dim", "licence", "date", "source", "sha256", "about"]
    cells = [[row[column] for column in columns] for row in rows]
    console.print_table(columns, cells, drop=("sha256", "source", "date"), text=("about",))


def _remove(name: str, as_json: bool) -> None:
    from training.data.vectors import imported
    from zoo.cli import console

    imported.remove(name)
    if as_json:
        console.print_json({"removed": name})
    else:
        typer.echo(f"{name} is removed.")
