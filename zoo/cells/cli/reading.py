"""What the commands do with a file of cells before it is embedded: coverage, statistics, words."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.errors import InvalidOption, LowCoverage
from zoo.cli.console import say

if TYPE_CHECKING:
    from zoo.cells.scorer import CellEmbedder
    from zoo.matrices.cells import CellMatrix
    from zoo.matrices.genes import GeneColumns

# What the scorer's errors call an option in Python, and how it is typed here.
_TYPED = {
    "standardise='entry'": "--standardise entry",
    "'entry', 'data' or GeneStatistics": "entry or data",
}
_SPECIES = re.compile(r"species='(\w+)'")


def columns_of(
    model: "CellEmbedder",
    matrix: "CellMatrix",
    species: str,
    path: Path,
    quiet: bool,
    option: str = "--species",
) -> "GeneColumns":
    """The entry's genes among those of the file; how many there are is said unless `quiet`.

    Raises LowCoverage, which names the file, and the `option` for its species where that is wrong.
    """
    try:
        columns = model.columns_of(matrix, species)
    except LowCoverage as error:
        typed = _SPECIES.sub(rf"{option} \1", error.cause)
        cause = f"It is that of {path}. {typed}"
        raise LowCoverage(error.species, error.found, error.total, error.floor, cause) from None
    if not quiet:
        found, total = int(columns.present.sum()), len(columns.symbols)
        say(f"{path} has {found} of the entry's {total} {species} genes ({found / total:.0%}).")
    return columns


def coverage(columns: "GeneColumns") -> dict[str, Any]:
    """The same for JSON."""
    found, total = int(columns.present.sum()), len(columns.symbols)
    return {"share": found / total, "found": found, "genes": total}


def watched(matrix: "CellMatrix", advance: Callable[[int], None]) -> "CellMatrix":
    """The matrix, saying of how many cells its rows were read."""

    def reader(columns: Any) -> Any:
        rows = matrix.reader(columns)

        def some(start: int, stop: int) -> Any:
            read = rows(start, stop)
            advance(stop - start)
            return read

        return some

    return replace(matrix, reader=reader)


@contextmanager
def as_typed() -> Iterator[None]:
    """Tell errors of the scorer in the words that are typed here."""
    try:
        yield
    except InvalidOption as error:
        if error.option.startswith("--"):
            raise
        raise InvalidOption(f"--{error.option}", error.got, _typed(error.expected)) from None
    except LowCoverage as error:
        cause = _typed(error.cause)
        raise LowCoverage(error.species, error.found, error.total, error.floor, cause) from None


def _typed(text: str) -> str:
    for python, words in _TYPED.items():
        text = text.replace(python, words)
    return text
