"""Tables as the bytes of an Arrow stream: what the server takes and gives."""

import json
from typing import Any

import pyarrow as pa

from contracts.errors import ContractViolation, Violation

MEDIA_TYPE = "application/vnd.apache.arrow.stream"

_EXPECTED = "an Arrow stream of record batches, as pyarrow.ipc.new_stream writes it"


def read(body: bytes) -> Any:
    """The table in the bytes of a stream.

    Raises ContractViolation for other bytes, for a table that is not valid, and for compressed
    batches: a few bytes of these can fill the memory.
    """
    try:
        for message in pa.ipc.MessageReader.open_stream(body):
            if message.type == "dictionary":
                raise _violation("a dictionary of values", "columns of plain values")
            if message.type == "record batch" and _is_compressed(message.metadata.to_pybytes()):
                raise _violation("compressed batches", "batches without compression")
        table = pa.ipc.open_stream(body).read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise _violation(str(error).splitlines()[0], _EXPECTED) from error
    return table


def metadata(table: Any) -> dict[str, Any]:
    """What the schema's metadata say by name; a value that begins with a bracket is JSON.

    Raises ContractViolation for one that is not.
    """
    texts = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    texts.pop("pandas", None)  # what pandas adds for itself
    try:
        return {key: json.loads(text) if text[:1] in "[{" else text for key, text in texts.items()}
    except json.JSONDecodeError as error:
        raise _violation(f"metadata that is not JSON ({error})", "lists as JSON") from error


def with_metadata(table: Any, about: dict[str, Any]) -> Any:
    """The table with these facts as its schema's metadata, text as it is and all else as JSON."""
    texts = {key: one if isinstance(one, str) else json.dumps(one) for key, one in about.items()}
    return table.replace_schema_metadata(texts)


def from_frame(frame: Any) -> Any:
    """A DataFrame as a table, without its index."""
    return pa.Table.from_pandas(frame, preserve_index=False)


def write(table: Any) -> bytes:
    """The table as the bytes of a stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _is_compressed(metadata: bytes) -> bool:
    """Whether a record batch has the field `compression`, which pyarrow does not tell.

    https://github.com/apache/arrow/blob/main/format/Message.fbs
    """
    header = _field(metadata, int.from_bytes(metadata[:4], "little"), 2)
    batch = header + int.from_bytes(metadata[header : header + 4], "little")
    return _field(metadata, batch, 3) != 0


def _field(buffer: bytes, table: int, number: int) -> int:
    """Where a field of a flatbuffer's table is; 0 where it is not there."""
    places = table - int.from_bytes(buffer[table : table + 4], "little", signed=True)
    slot = 4 + 2 * number
    if slot >= int.from_bytes(buffer[places : places + 2], "little"):
        return 0
    offset = int.from_bytes(buffer[places + slot : places + slot + 2], "little")
    return offset and table + offset


def _violation(got: str, expected: str) -> ContractViolation:
    return ContractViolation([Violation("The body", got, expected)])
