"""What the batch functions of all families share: results, rejected rows, carried columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Int64

from contracts.errors import ContractViolation, Violation

Rows = Int64[np.ndarray, "rows"]

REJECTED = pa.schema(
    [("row", pa.int64()), ("column", pa.string()), ("name", pa.string()), ("reason", pa.string())]
)


@dataclass(frozen=True)
class BatchResult:
    """What came of a batch.

    `scored` has the batch's own columns and then those added. `rejected` has one row for each row
    left out: its number in the batch from 0, the column and the name at fault (null where there was
    none), and the reason, such as one of contracts.genes.vocabulary.REASONS.
    """

    scored: pa.RecordBatch
    rejected: pa.RecordBatch


def output_schema(schema: pa.Schema, added: pa.Schema, names: tuple[str, ...]) -> pa.Schema:
    """The columns of a result; raises ContractViolation for a batch that cannot give one."""
    wrong = []
    for name in names:
        if (count := schema.names.count(name)) != 1:
            wrong.append(Violation(f"column {name!r}", f"{count} of them", "one"))
        elif not holds_text(kind := schema.field(name).type):
            wrong.append(Violation(f"column {name!r}", str(kind), "text"))
    wrong += [
        Violation(f"column {name!r}", "one that the result will have as well", "another name")
        for name in schema.names
        if name in added.names
    ]
    if wrong:
        raise ContractViolation(wrong)
    return pa.schema([*schema, *added])


def holds_text(kind: pa.DataType) -> bool:
    """Whether a column of this type holds text, or a dictionary of text."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return text or pa.types.is_string_view(kind)


def distinct(column: pa.Array) -> tuple[list[str | None], Rows]:
    """The distinct texts of a column and then None, and where each row's is among them."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts = [*encoded.dictionary.to_pylist(), None]
    rows = pc.fill_null(encoded.indices.cast(pa.int64()), len(texts) - 1)
    return texts, rows.to_numpy(zero_copy_only=False)


def rejection(rows: Rows, *texts: list[str | None]) -> pa.RecordBatch:
    """REJECTED rows, given their numbers, columns, names and reasons."""
    columns = (pa.array(column, pa.string()) for column in texts)
    return pa.RecordBatch.from_arrays([pa.array(rows), *columns], schema=REJECTED)


def chosen(values: Sequence[str], positions: Rows) -> pa.Array:
    """The values at these positions, as text."""
    return pa.array(values, pa.string()).take(pa.array(positions))


def rows_of(batch: pa.RecordBatch, kept: Rows) -> pa.RecordBatch:
    """The batch with these rows only, perhaps repeated."""
    if np.array_equal(kept, np.arange(batch.num_rows)):
        return batch
    return pa.RecordBatch.from_arrays(
        [taken(column, kept) for column in batch.columns], schema=batch.schema
    )


def taken(column: pa.Array, kept: Rows) -> pa.Array:
    try:
        return column.take(pa.array(kept))
    except pa.ArrowNotImplementedError:  # Arrow has no way to take views, yet
        values = column.to_pylist()
        return pa.array([values[row] for row in kept.tolist()], column.type)


def joined(schema: pa.Schema, carried: pa.RecordBatch, added: list[Any]) -> pa.RecordBatch:
    """The columns carried through and then those added, as the schema has them."""
    fields = list(schema)[len(carried.schema) :]
    new = [
        column if isinstance(column, pa.Array) else pa.array(column, field.type)
        for column, field in zip(added, fields, strict=True)
    ]
    return pa.RecordBatch.from_arrays([*carried.columns, *new], schema=schema)
