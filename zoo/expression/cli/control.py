"""The control of a command: unperturbed cells of an .h5ad file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from contracts.errors import InvalidOption
from contracts.wording import listed
from zoo.cli.console import say

if TYPE_CHECKING:
    from zoo.expression.control import Control
    from zoo.expression.scorer import ExpressionPredictor

Cells = Annotated[
    Path | None,
    typer.Option(
        help="An .h5ad of unperturbed cells, in the entry's unit; those of training if left out."
    ),
]
Where = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN=VALUE", help="Only the cells of --control with this value in obs."
    ),
]


def condition(path: Path | None, where: str | None) -> tuple[str, str] | None:
    """The column and the value of --control-where; raises InvalidOption where it is none."""
    if where is None:
        return None
    column, sign, value = where.partition("=")
    if path is None or not (sign and column.strip()):
        expected = "COLUMN=VALUE, such as perturbation=control, together with --control FILE"
        raise InvalidOption("--control-where", where, expected)
    return column.strip(), value.strip()


def read(
    model: "ExpressionPredictor", path: Path | None, where: tuple[str, str] | None, quiet: bool
) -> "Control":
    """The mean of the cells; says what may be wrong with it unless `quiet`."""
    if path is None:
        return model.unperturbed.read()
    from zoo.matrices.files import opened

    with opened(path) as cells:
        wanted = None if where is None else _wanted(cells, *where)
        control = model.unperturbed.of_cells(cells.matrix, wanted)
    for doubt in () if quiet else control.doubts:
        say(f"Warning: {doubt}")
    return control


def _wanted(cells: Any, column: str, value: str) -> np.ndarray:
    labels = cells.labels(column, "--control-where")
    wanted = np.array([label == value for label in labels])
    if not wanted.any():
        there = listed(sorted({label for label in labels if label is not None}))
        raise InvalidOption("--control-where", f"{column}={value}", f"a value of it: {there}")
    return wanted
