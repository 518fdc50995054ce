"""What people hand over, lists, arrays or DataFrames, as plain lists. Nothing is changed."""

import reprlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from contracts.errors import ContractViolation, EmptyInput, InvalidOption, Violation
from zoo.tables.columns import WrongColumns, pair_names

PAIRS_EXPECTED = (
    "a list of (tf, gene) such as [('SOX2', 'GFAP')], an array [pairs, 2] of names, "
    "or a DataFrame with columns tf and gene"
)


def pair_columns(pairs: Any) -> tuple[list[Any], list[Any]]:
    """Regulators and genes of the pairs, row by row, duplicates kept.

    Args:
        pairs: a list of tuples, an array [pairs, 2] of names, or a DataFrame with columns tf and
            gene (see zoo.tables.columns). Whether each name is one is left to the vocabulary.

    Raises:
        EmptyInput: there is no pair.
        ContractViolation: it is none of the three, or a row is no pair.
    """
    if hasattr(pairs, "columns"):
        tfs, genes = _from_frame(pairs)
    elif isinstance(pairs, np.ndarray):
        if pairs.size and (pairs.ndim != 2 or pairs.shape[1] != 2):
            raise _violation("pairs", f"an array of shape {pairs.shape}", "an array [pairs, 2]")
        tfs, genes = pairs.reshape(-1, 2).T.tolist()
    elif isinstance(pairs, Iterable) and not isinstance(pairs, str | bytes | dict):
        tfs, genes = _from_rows(pairs)
    else:
        raise _violation("pairs", reprlib.repr(pairs), PAIRS_EXPECTED)
    if not tfs:
        raise EmptyInput("pairs", "[('SOX2', 'GFAP')]")
    return tfs, genes


def name_list(names: Any, what: str) -> list[Any]:
    """The names as a list, in order, duplicates kept; raises EmptyInput or ContractViolation."""
    if isinstance(names, str):
        raise _violation(what, repr(names), f"a list, such as [{names!r}]")
    if isinstance(names, bytes | dict) or not isinstance(names, Iterable):
        raise _violation(what, reprlib.repr(names), "a list of gene names, such as ['GFAP']")
    listed = names.tolist() if isinstance(names, np.ndarray) else list(names)
    if not listed:
        raise EmptyInput(what, "['SOX2']" if what == "tfs" else "['GFAP']")
    return listed


def check_k(k: object, total: int, what: str, filtered: bool = False) -> int:
    """The number k, from 1 to the `total` there is to rank; raises InvalidOption otherwise.

    Where filters leave fewer than k, it is as many as they leave.
    """
    whole = isinstance(k, int | np.integer) and not isinstance(k, bool)
    if whole and k >= 1 and (k <= total or filtered):
        return min(int(k), total)
    raise InvalidOption("k", k, f"a whole number from 1 to {total}, all {what} of this entry")


def _violation(where: str, got: str, expected: str) -> ContractViolation:
    return ContractViolation([Violation(where, got, expected)])


def _from_frame(frame: Any) -> tuple[list[Any], list[Any]]:
    try:
        tf, gene = pair_names(frame.columns)
    except WrongColumns as error:
        listed = ", ".join(str(column) for column in frame.columns) or "none"
        expected = "one column 'tf' and one 'gene': name them with frame.rename(columns={...})"
        raise _violation("pairs", f"a DataFrame with columns {listed}", expected) from error
    return list(frame[tf]), list(frame[gene])


def _from_rows(rows: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    tfs: list[Any] = []
    genes: list[Any] = []
    for number, row in enumerate(rows):
        if not isinstance(row, tuple | list | np.ndarray) or len(row) != 2:
            raise _violation(
                f"pairs[{number}]", reprlib.repr(row), "(tf, gene), as in ('SOX2', 'GFAP')"
            )
        tfs.append(row[0])
        genes.append(row[1])
    return tfs, genes
