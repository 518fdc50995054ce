"""From a record batch of sets to a record batch of answers, whatever family gives these."""

import abc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from contracts.errors import InvalidInput
from contracts.sets.kinds import WILDTYPE
from zoo.batch.tasks import Task
from zoo.results import Columns
from zoo.sets.located import Located
from zoo.sets.members import Sets
from zoo.tables.arrow import BatchResult, distinct, joined, output_schema, rejection, rows_of
from zoo.tables.chunks import Chunk

SLICE = 1 << 13
"""Rows that are read and answered at once: what Python keeps of them takes a few megabytes."""

Locate = Callable[[list[str | None]], Located]
"""The sets that texts stand for, and what is wrong with the others."""


def sets_batch(
    batch: pa.RecordBatch,
    column: str,
    fields: pa.Schema,
    locate: Locate,
    answer: Callable[[Sets], Columns],
    k: int = 1,
) -> BatchResult:
    """Answer the sets of a batch: k rows for each row whose set can be used.

    The `column` has sets as zoo.sets.notation has them, text or a dictionary of text; the other
    columns are carried through, and then come the `fields`, which are the columns of `answer`: k
    rows for each set, each distinct text asked for once.

    Raises ContractViolation for a column that is lacking, holds no text, or is called as a new one.
    """
    schema = output_schema(batch.schema, fields, (column,))
    scored: list[pa.RecordBatch] = []
    rejected: list[pa.RecordBatch] = []
    step = max(1, SLICE // k)
    for start in range(0, max(1, batch.num_rows), step):
        some = batch.slice(start, step)
        texts, rows = distinct(some.column(column))
        found = locate(texts)
        place = np.full(len(texts), -1)
        place[found.kept] = np.arange(len(found.kept))
        kept = np.flatnonzero(place[rows] >= 0)
        which = pa.array((place[rows[kept]][:, None] * k + np.arange(k)).ravel())
        columns = zip(answer(found.sets).values(), fields, strict=True)
        added = [pa.array(values, field.type).take(which) for values, field in columns]
        scored.append(joined(schema, rows_of(some, np.repeat(kept, k)), added))
        rejected.append(_rejected(found, rows, column, start))
    return BatchResult(pa.concat_batches(scored), pa.concat_batches(rejected))


def _rejected(found: Located, rows: np.ndarray, column: str, start: int) -> pa.RecordBatch:
    first = found.first_faults
    at_fault = np.flatnonzero(np.isin(rows, list(first)))
    faults = [first[text] for text in rows[at_fault].tolist()]
    names, reasons = [fault.name for fault in faults], [fault.reason for fault in faults]
    return rejection(at_fault + start, [column] * len(at_fault), names, reasons)


@dataclass(frozen=True)
class SetsTask(Task):
    """Answer sets; `columns` is that of the sets alone."""

    called = "sets"
    example = "YAL002W+YBR001C"
    lacking = ("a set of genes", f"Write {WILDTYPE} for the empty set, or delete the row.")

    @abc.abstractmethod
    def located(self, texts: list[str | None]) -> Located:
        """The sets that texts stand for, and what is wrong with the others."""

    def error(self, chunk: Chunk, facts: list[dict[str, Any]]) -> tuple[int, InvalidInput]:
        """The first set with an unknown name, or else the first that cannot be used."""
        column = chunk.batch.column(self.columns[0])
        texts = [column[fact["row"]].as_py() for fact in facts]
        error = self.located(texts).error(self.model.vocabulary)
        assert error is not None, "a rejected row has a fault"
        return error
