"""What zoo.batch does with the rows of a file: a family's batch function, and what it is about.

The families' tasks are in zoo.pairs.tasks, zoo.perturbations.batches and zoo.cells.tasks.
"""

import abc
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from contracts.errors import BadTable, ContractViolation, InvalidInput
from contracts.genes.faults import NO_NAME, REASONS
from zoo.tables import files
from zoo.tables.arrow import BatchResult, output_schema
from zoo.tables.chunks import Chunk
from zoo.tables.files import missing_name

HINT = "Correct the name, or leave such rows out with --on-unknown skip."


@dataclass(frozen=True)
class Task(abc.ABC):
    """What is done with a file by a loaded entry: `k` rows come of each of its rows.

    `columns` are those of the file that are looked at.
    """

    model: Any
    columns: tuple[str, ...]
    k: int = 1

    name: ClassVar[str]
    """Of the command."""
    called: ClassVar[str]
    """What rows are called."""
    example: ClassVar[str]
    """A row."""
    added: ClassVar[pa.Schema]
    row_bytes: ClassVar[int] = 0
    """What a row of the result takes as Python objects."""
    most_rows: ClassVar[int] = 1 << 17
    """Rows of a chunk where memory allows."""
    lacking: ClassVar[tuple[str, ...]] = ()
    """What is expected where a cell has nothing, and what to do about it, if it is no gene name."""

    @abc.abstractmethod
    def __call__(self, batch: pa.RecordBatch) -> BatchResult:
        """Do it for one batch."""

    def schema(self, source: pa.Schema) -> pa.Schema:
        """The columns of the result, given those of the file."""
        return output_schema(source, self.added, self.columns)

    def writer(self, path: Path, draft: Path, schema: pa.Schema) -> Any:
        """What writes results to `draft`, in the format that `path` names."""
        return files.writer(path, draft, schema)

    @abc.abstractmethod
    def error(self, chunk: Chunk, facts: list[dict[str, Any]]) -> tuple[int, InvalidInput]:
        """Which of the rejected rows to tell, and the error that it is where its names are typed.

        All unknown names of the chunk are in one message.
        """

    def fault(self, path: Path, chunk: Chunk, rejected: pa.RecordBatch) -> BadTable:
        """The error of a chunk that has rejected rows: what is wrong, in which line, what to do.

        Lacking names are told before others.
        """
        facts = rejected.to_pylist()
        if lacking := [fact for fact in facts if fact["reason"] == REASONS[NO_NAME]]:
            first = min(lacking, key=lambda fact: self.columns.index(fact["column"]))
            line = chunk.lines[first["row"]]
            return missing_name(path, first["column"], first["name"], line, *self.lacking)
        where, error = self.error(chunk, facts)
        reason = str(error)
        if isinstance(error, ContractViolation):
            first = error.violations[0]
            reason = f"its set has {first.got}, expected {first.expected}"
        found = BadTable(path, reason, HINT, chunk.lines[facts[where]["row"]])
        found.__cause__ = error
        return found
