"""What zoo.batch does with the rows of a file: a family's batch function, and what it is about.

The families' tasks are in zoo.pairs.tasks and zoo.perturbations.batches.
"""

from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import pyarrow as pa

from contracts.errors import BadTable
from zoo.tables.arrow import BatchResult
from zoo.tables.chunks import Chunk

HINT = "Correct the name, or leave such rows out with --on-unknown skip."


@runtime_checkable
class Task(Protocol):
    """What is done with a file: `k` rows come of each of its rows, with `added` columns."""

    name: ClassVar[str]
    """Of the command."""
    called: ClassVar[str]
    """What rows are called."""
    example: ClassVar[str]
    """A row."""
    added: ClassVar[pa.Schema]
    row_bytes: ClassVar[int]
    """What a row of the result takes as Python objects."""

    @property
    def model(self) -> Any:
        """The loaded entry."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file that are looked at."""
        ...

    @property
    def k(self) -> int:
        """How many rows come of one."""
        ...

    def __call__(self, batch: pa.RecordBatch) -> BatchResult:
        """Do it for one batch."""
        ...

    def fault(self, path: Path, chunk: Chunk, rejected: pa.RecordBatch) -> BadTable:
        """The error of a chunk that has rejected rows: what is wrong, in which line, what to do."""
        ...
