"""From a record batch to a record batch: what `zoo predict` does with files.

As the functions of zoo.pairs.batches, one for distributed engines, too:

    model = zoo.load("cls_transformer-yeast")
    spark_frame.mapInArrow(lambda some: (predict_batch(model, one).scored for one in some), schema)

A row does not depend on the others: however the rows are divided into batches, the same ones come
out, in the same order.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from contracts.errors import InvalidInput
from contracts.sets.kinds import WILDTYPE
from zoo.batch.tasks import Task
from zoo.perturbations.scorer import PerturbationScorer
from zoo.sets.located import Located, located, read_cells
from zoo.tables.arrow import (
    BatchResult,
    distinct,
    joined,
    output_schema,
    rejection,
    rows_of,
)
from zoo.tables.chunks import Chunk

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
"""What PerturbationScorer.predict has; its perturbation and names are here the first two."""

SLICE = 1 << 13
"""Rows that are read and predicted at once: what Python keeps of them takes a few megabytes."""


def predict_batch(
    model: PerturbationScorer,
    batch: pa.RecordBatch,
    column: str = "perturbation",
    allow_unseen: bool = False,
) -> BatchResult:
    """Predict the sets of a batch: one row for each row whose set can be used.

    The `column` has sets as zoo.sets.notation has them, text or a dictionary of text; the
    other columns are carried through, whatever they hold, and then come PREDICT_FIELDS. With
    `allow_unseen`, sets with a kind that training has not seen are NaN, and not rejected. The
    reasons of `rejected` are those of contracts.genes.vocabulary.REASONS and of
    zoo.sets.located.

    Raises ContractViolation for a column that is lacking, holds no text, or is called as a new one.
    """
    schema = output_schema(batch.schema, PREDICT_FIELDS, (column,))
    scored: list[pa.RecordBatch] = []
    rejected: list[pa.RecordBatch] = []
    for start in range(0, max(1, batch.num_rows), SLICE):
        some = batch.slice(start, SLICE)
        texts, rows = distinct(some.column(column))
        found = _located(model, texts, allow_unseen)
        place = np.full(len(texts), -1)
        place[found.kept] = np.arange(len(found.kept))
        kept = np.flatnonzero(place[rows] >= 0)
        added = _predictions(model, found, place[rows[kept]])
        scored.append(joined(schema, rows_of(some, kept), added))
        rejected.append(_rejected(found, rows, column, start))
    return BatchResult(pa.concat_batches(scored), pa.concat_batches(rejected))


@dataclass(frozen=True)
class PredictTask(Task):
    """Predict sets; `columns` is that of the sets alone."""

    allow_unseen: bool = False
    name = "predict"
    called = "sets"
    example = "YAL002W+YBR001C"
    added = PREDICT_FIELDS
    lacking = ("a set of genes", f"Write {WILDTYPE} for the empty set, or delete the row.")

    def __call__(self, batch: pa.RecordBatch) -> BatchResult:
        """Predict one batch."""
        return predict_batch(self.model, batch, *self.columns, allow_unseen=self.allow_unseen)

    def error(self, chunk: Chunk, facts: list[dict[str, Any]]) -> tuple[int, InvalidInput]:
        """The first set with an unknown name, or else the first that cannot be used."""
        column = chunk.batch.column(self.columns[0])
        texts = [column[fact["row"]].as_py() for fact in facts]
        error = _located(self.model, texts, self.allow_unseen).error(self.model.vocabulary)
        assert error is not None, "a rejected row has a fault"
        return error


def _located(model: PerturbationScorer, texts: list[str | None], allow_unseen: bool) -> Located:
    """The sets that texts stand for, and what is wrong with the others."""
    kinds = None if allow_unseen else model.evidence.trained_kinds
    return located(read_cells(texts, True), model.vocabulary, model.members_limit, kinds)


def _predictions(model: PerturbationScorer, found: Located, which: np.ndarray) -> list[pa.Array]:
    """The columns added, for rows of these sets; each distinct set is predicted once."""
    predicted = model.predicted_of(found.sets)
    columns = zip(predicted.columns().values(), PREDICT_FIELDS, strict=True)
    return [pa.array(column, field.type).take(pa.array(which)) for column, field in columns]


def _rejected(found: Located, rows: np.ndarray, column: str, start: int) -> pa.RecordBatch:
    first = found.first_faults
    at_fault = np.flatnonzero(np.isin(rows, list(first)))
    faults = [first[text] for text in rows[at_fault].tolist()]
    names, reasons = [fault.name for fault in faults], [fault.reason for fault in faults]
    return rejection(at_fault + start, [column] * len(at_fault), names, reasons)
