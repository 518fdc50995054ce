"""Arrow streams as bytes: read whole, or refused before they can do harm."""

import pyarrow as pa
import pytest

from contracts.errors import ContractViolation
from zoo.tables import streams

TABLE = pa.table({"cell": ["a", "b"], "counts": [[1.5], [2.0, 3.0]]})


def packed(table: pa.Table, compression: str) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def test_what_is_written_is_read():
    table = streams.with_metadata(TABLE, {"model": "one", "genes": ["A", "B"], "threshold": 0.5})
    found = streams.read(streams.write(table))
    assert found.equals(TABLE)
    assert streams.metadata(found) == {"model": "one", "genes": ["A", "B"], "threshold": "0.5"}


def test_without_metadata_and_with_those_of_pandas():
    assert streams.metadata(TABLE) == {}
    assert streams.metadata(pa.Table.from_pandas(TABLE.to_pandas())) == {}


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_compressed_batches_are_refused(compression: str):
    """A few kilobytes of them can be gigabytes."""
    table = pa.table({"counts": pa.nulls(1 << 20, pa.float32()).fill_null(0)})
    with pytest.raises(ContractViolation, match="expected batches without compression"):
        streams.read(packed(table, compression))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        bytes(100),
        streams.write(TABLE)[:40],
        streams.write(TABLE)[:-60],
    ],
)
def test_other_bytes_are_refused(body: bytes):
    with pytest.raises(ContractViolation, match="expected an Arrow stream of record batches"):
        streams.read(body)


def test_dictionaries_and_broken_metadata_are_refused():
    table = pa.table({"cell": pa.array(["a", "a"]).dictionary_encode()})
    with pytest.raises(ContractViolation, match="expected columns of plain values"):
        streams.read(streams.write(table))
    with pytest.raises(ContractViolation, match="expected lists as JSON"):
        streams.metadata(TABLE.replace_schema_metadata({"genes": "[A"}))
