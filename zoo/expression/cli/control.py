"""The control of a command: unperturbed cells of an .h5ad file."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from contracts.errors import InvalidOption
from contracts.wording import SHOWN, listed
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
    list[str] | None,
    typer.Option(
        metavar="COLUMN=VALUE",
        help="Only the cells of --control with this value in obs; repeatable: all must hold.",
    ),
]
Conditions = list[tuple[str, str]]


def conditions(path: Path | None, where: list[str] | None) -> Conditions:
    """Each column and value of --control-where; raises InvalidOption where one is none."""
    read: Conditions = []
    for text in where or ():
        column, sign, value = map(str.strip, text.partition("="))
        if path is None or not (sign and column):
            expected = "COLUMN=VALUE, such as perturbation=control, together with --control FILE"
            raise InvalidOption("--control-where", text, expected)
        read.append((column, value))
    return read


def read(
    model: "ExpressionPredictor", path: Path | None, where: Conditions, quiet: bool
) -> "Control":
    """The mean of the cells; says what may be wrong with it unless `quiet`."""
    if path is None:
        return model.unperturbed.read()
    from zoo.matrices.files import opened

    with opened(path) as cells:
        control = model.unperturbed.of_cells(cells.matrix, _wanted(cells, where))
    for doubt in () if quiet else control.doubts:
        say(f"Warning: {doubt}")
    return control


def _wanted(cells: Any, where: Conditions) -> np.ndarray:
    """Which cells all conditions hold of; raises InvalidOption where there is none."""
    wanted = np.ones(cells.total, bool)
    for column, value in where:
        labels = cells.labels(column, "--control-where")
        left = {label for label, kept in zip(labels, wanted, strict=True) if kept and label}
        wanted &= np.array([label == value for label in labels])
        if not wanted.any():
            near = difflib.get_close_matches(value, left, SHOWN, 0.5) or sorted(left)
            expected = f"a value of it: {listed(near)}"
            raise InvalidOption("--control-where", f"{column}={value}", expected)
    return wanted
