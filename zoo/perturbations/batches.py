"""From a record batch to a record batch: what `zoo predict` does with files.

As the functions of zoo.pairs.batches, one for distributed engines, too:

    model = zoo.load("cls_transformer-yeast")
    spark_frame.mapInArrow(lambda some: (predict_batch(model, one).scored for one in some), schema)

A row does not depend on the others: however the rows are divided into batches, the same ones come
out, in the same order.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from contracts.errors import (
    AmbiguousGene,
    BadTable,
    ContractViolation,
    InvalidInput,
    UnknownGene,
)
from contracts.genes.vocabulary import REASONS
from contracts.perturbations.kinds import WILDTYPE
from zoo.batch.tasks import HINT
from zoo.perturbations.columns import SetColumn, read_column
from zoo.perturbations.notation import check_names, read_set
from zoo.perturbations.scorer import PerturbationScorer
from zoo.tables.arrow import REJECTED, BatchResult, joined, output_schema, rows_of
from zoo.tables.chunks import Chunk
from zoo.tables.columns import FAULTS, NO_NAME

PREDICT_FIELDS = pa.schema(
    [
        ("perturbation_symbols", pa.string()),
        ("perturbation_names", pa.string()),
        ("fitness", pa.float32()),
        ("gene_interaction", pa.float32()),
        ("expectation", pa.float32()),
        ("expectation_basis", pa.string()),
        ("support", pa.string()),
    ]
)
"""What PerturbationScorer.predict has; its perturbation and names are here the first two.

`perturbation_symbols` has the approved symbols, for yeast systematic names (YAL002W|YBR001C:added),
and `perturbation_names` the common ones (VPS8|NTH2).
"""

SLICE = 1 << 13
"""Rows that are read and predicted at once: what Python keeps of them takes a few megabytes."""


def predict_batch(
    model: PerturbationScorer,
    batch: pa.RecordBatch,
    column: str = "perturbation",
    allow_unseen: bool = False,
) -> BatchResult:
    """Predict the sets of a batch: one row for each row whose set can be used.

    Args:
        model: a loaded entry.
        batch: with a column of sets as zoo.perturbations.notation has them, text or a dictionary of
            text; the other columns are carried through, whatever they hold.
        column: the name of the column of sets.
        allow_unseen: give NaN for sets with a kind that training has not seen, in place of
            rejecting them.

    Returns:
        `scored` has the batch's own columns and then PREDICT_FIELDS. The reasons of `rejected` are
        those of zoo.tables.columns.FAULTS and of zoo.perturbations.columns.

    Raises:
        ContractViolation: a column that is lacking, holds no text, or is called as a new one.
    """
    schema = output_schema(batch.schema, PREDICT_FIELDS, (column,))
    kinds = None if allow_unseen else model.trained_kinds
    scored: list[pa.RecordBatch] = []
    rejected: list[pa.RecordBatch] = []
    for start in range(0, max(1, batch.num_rows), SLICE):
        some = batch.slice(start, SLICE)
        read = read_column(some.column(column), model.vocabulary, model.members_limit, kinds)
        kept = np.flatnonzero(read.place >= 0)
        added = _predictions(model, read, read.place[kept])
        scored.append(joined(schema, rows_of(some, kept), added))
        rejected.append(_rejected(read, column, start))
    return BatchResult(_one(scored, schema), _one(rejected, REJECTED))


@dataclass(frozen=True)
class PredictTask:
    """Predict sets; `columns` is that of the sets alone."""

    model: PerturbationScorer
    columns: tuple[str, ...]
    k: int = 1
    allow_unseen: bool = False
    name: ClassVar[str] = "predict"
    called: ClassVar[str] = "sets"
    example: ClassVar[str] = "YAL002W+YBR001C"
    added: ClassVar[pa.Schema] = PREDICT_FIELDS
    row_bytes: ClassVar[int] = 0

    def __call__(self, batch: pa.RecordBatch) -> BatchResult:
        """Predict one batch."""
        return predict_batch(self.model, batch, *self.columns, allow_unseen=self.allow_unseen)

    def fault(self, path: Path, chunk: Chunk, rejected: pa.RecordBatch) -> BadTable:
        """The error of a chunk that has rejected rows: what is wrong, in which line, what to do.

        Lacking sets are told before others, and all unknown names of the chunk in one message.
        """
        facts = rejected.to_pylist()
        for fact in facts:
            if fact["reason"] == FAULTS[NO_NAME]:
                shown = "nothing" if fact["name"] is None else repr(fact["name"])
                reason = f"column {fact['column']!r} has {shown} where a set of genes is expected"
                hint = f"Write {WILDTYPE} for the empty set, or delete the row."
                return BadTable(path, reason, hint, chunk.lines[fact["row"]])
        where, error = self._error(chunk, facts)
        reason = str(error)
        if isinstance(error, ContractViolation):
            first = error.violations[0]
            reason = f"its set has {first.got}, expected {first.expected}"
        found = BadTable(path, reason, HINT, chunk.lines[facts[where]["row"]])
        found.__cause__ = error
        return found

    def _error(self, chunk: Chunk, facts: list[dict[str, Any]]) -> tuple[int, InvalidInput]:
        """Which fact to tell, and the error that it is where its set is typed."""
        names = [fact["name"] if fact["reason"] in REASONS.values() else None for fact in facts]
        try:
            self.model.vocabulary.gene_index([name for name in names if name is not None])
        except (UnknownGene, AmbiguousGene) as error:
            return names.index(error.name), error
        text = chunk.batch.column(self.columns[0])[facts[0]["row"]].as_py()
        try:
            members = read_set(text)
            check_names(text, members, self.model.vocabulary)
            self.model.predicted([members])
        except InvalidInput as error:
            return 0, error
        raise AssertionError("a rejected row has a fault")


def _predictions(model: PerturbationScorer, read: SetColumn, which: np.ndarray) -> list[pa.Array]:
    """The columns added, for rows of these sets; each distinct set is predicted once."""
    predicted = model.predicted_of(read.sets)
    columns = zip(predicted.columns().values(), PREDICT_FIELDS, strict=True)
    return [pa.array(column, field.type).take(pa.array(which)) for column, field in columns]


def _rejected(read: SetColumn, column: str, start: int) -> pa.RecordBatch:
    rows = np.flatnonzero(read.place < 0)
    faults = [read.faults[-1 - place] for place in read.place[rows].tolist()]
    told = [
        pa.array(rows + start),
        pa.array([column] * len(rows), pa.string()),
        pa.array([fault.name for fault in faults], pa.string()),
        pa.array([fault.reason for fault in faults], pa.string()),
    ]
    return pa.RecordBatch.from_arrays(told, schema=REJECTED)


def _one(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    (whole,) = pa.Table.from_batches(batches, schema).combine_chunks().to_batches() or [None]
    return whole if whole is not None else pa.RecordBatch.from_pylist([], schema)
