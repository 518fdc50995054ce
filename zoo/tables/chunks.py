"""What a table is read in: chunks of rows that know where they stand in their file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from contracts.errors import BadTable

GZ = ".gz"


@dataclass(frozen=True)
class Limits:
    """How large a chunk may become: at most so many rows, and about so many bytes."""

    rows: int
    bytes: int


@dataclass(frozen=True)
class Broken:
    """A row of a text file that is no row of the table; `row` from 0, `line` from 1."""

    row: int
    line: int
    reason: str


@dataclass(frozen=True)
class Chunk:
    """Rows as a record batch: their numbers in the file from 0, their lines from 1.

    In Parquet and h5ad the line of a row is its number, from 1. `broken` are the rows between
    them, or after them, that the batch does not have.
    """

    batch: Any
    rows: Sequence[int]
    lines: Sequence[int]
    broken: tuple[Broken, ...] = ()


@runtime_checkable
class Source(Protocol):
    """An open table: its `schema` (Arrow), and its `total` of rows where that is known."""

    path: Path
    schema: Any
    total: int | None

    def row_bytes(self) -> int:
        """About how many bytes of Arrow a row takes; 0 where chunks are bounded by themselves."""
        ...

    def chunks(self, limits: Limits, lenient: bool) -> Iterator[Chunk]:
        """The rows in order. The same file and limits always give the same chunks."""
        ...


def ending(path: Path) -> str:
    """The extension in small letters, with the one before it where the file is compressed."""
    return "".join(path.suffixes[-2:] if path.suffix.lower() == GZ else [path.suffix]).lower()


@contextmanager
def reading(path: Path, form: str, hint: str, *faults: type[Exception]) -> Iterator[None]:
    """These faults of a file, which is of the format `form`, become BadTable."""
    try:
        yield
    except faults as error:
        reason = f"it cannot be read as {form}: {str(error).splitlines()[0]}"
        raise BadTable(path, reason, hint) from error


def numbered(batch: Any, first: int) -> Chunk:
    """A chunk of a file in which a row's line is its number."""
    numbers = range(first, first + batch.num_rows)
    return Chunk(batch, numbers, range(first + 1, first + batch.num_rows + 1))
