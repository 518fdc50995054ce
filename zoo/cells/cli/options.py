"""Options that the commands about cells share."""

from pathlib import Path
from typing import Annotated, Any

import typer

from zoo.cli.options import entry

Entry = entry("saturn-pancreas")
Layer = Annotated[
    str | None, typer.Option(help="The layer that has raw counts, or raw; X if left out.")
]
Genes = Annotated[
    str | None, typer.Option(help="The column of var that names the genes; its index if left out.")
]
Standardise = Annotated[
    str,
    typer.Option(
        help="entry: take cells as those of training; data: first bring each gene to its mean and "
        "deviation in training, over at least 20 cells."
    ),
]


def cells(option: str, what: str, *short: str) -> Any:
    """The option for a file of cells."""
    help_text = f"{what}: an .h5ad of raw counts."
    return Annotated[Path, typer.Option(option, *short, help=help_text)]


def species(option: str, whose: str) -> Any:
    """The option for a species."""
    return Annotated[str, typer.Option(option, help=f"{whose}: human or mouse.")]
