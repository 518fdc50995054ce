"""What scorers give back: columns of equal length, as a DataFrame or as records."""

import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from contracts.genes.vocabulary import Skipped

if TYPE_CHECKING:
    import pandas as pd

Columns = dict[str, Iterable[Any]]
"""Columns of equal length by name, in order: lists, arrays or Arrow arrays."""


def sigmoid(
    logits: Float32[np.ndarray, "*axes"], out: Float32[np.ndarray, "*axes"] | None = None
) -> Float32[np.ndarray, "*axes"]:
    """1 / (1 + exp(-logit)), into `out` where it is given."""
    with np.errstate(over="ignore"):  # exp of a very negative logit is inf, and 1 / inf the right 0
        out = np.negative(logits, out=out)
        np.exp(out, out=out)
        out += 1
        return np.reciprocal(out, out=out)


def frame(columns: Columns) -> "pd.DataFrame":
    """The columns as a DataFrame."""
    import pandas as pd

    return pd.DataFrame(columns)


def indexed(answer: Any, given: Any, called: str) -> "pd.DataFrame":
    """What a scorer says of what was given, lined up with it; warns of rows that were left out.

    The index is that of a DataFrame or Series, at the rows kept; else it is the rows themselves.
    """
    table = frame(answer.columns())
    index = getattr(given, "index", None)
    labelled = index is not None and not callable(index)  # a list has a method of that name
    table.index = index[answer.kept] if labelled else answer.kept
    warn_left_out(answer.skipped, len(answer.kept), called, "They have no row in the result.", 4)
    return table


def warn_left_out(
    skipped: Sequence[Skipped], kept: int, called: str, instead: str, level: int = 3
) -> None:
    """Warn that some of the `called` were left out, if any; `instead` says what stands for them."""
    if skipped:
        first, total = skipped[0], len(skipped) + kept
        told = f"{len(skipped)} of {total} {called} were left out, the first in row {first.row}: "
        warnings.warn(f"{told}{first.name!r} ({first.reason}). {instead}", stacklevel=level)


def records(columns: Columns) -> list[dict[str, Any]]:
    """The columns as one dict a row, with plain Python numbers."""
    plain = [c.tolist() if isinstance(c, np.ndarray) else c for c in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*plain, strict=True)]


def without_nan(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same records with None, which JSON has, for every NaN."""
    return [{name: None if one != one else one for name, one in row.items()} for row in rows]
