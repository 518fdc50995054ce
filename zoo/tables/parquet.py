"""Tables as Parquet: columns keep their types."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from contracts.errors import BadTable
from zoo.tables.chunks import Chunk, Limits, numbered, reading

READ_BYTES = 1 << 17
"""What is read from the file at once, for each column."""
SAMPLE = 1024
READING = ("Parquet", "It may be cut off: copy or write it again.", pa.ArrowException, OSError)


class Source:
    """A Parquet file that is read chunk by chunk, and page by page beneath."""

    def __init__(self, path: Path, file: Any) -> None:
        """Look at the footer; raises BadTable."""
        self.path = path
        self._file = file
        self.schema = file.schema_arrow.remove_metadata()
        self.total: int | None = file.metadata.num_rows
        names = self.schema.names
        if twice := sorted({name for name in names if names.count(name) > 1}):
            reason = f"it has columns {', '.join(map(repr, twice))} more than once"
            raise BadTable(path, reason, "Give every column a name of its own.")

    def row_bytes(self) -> int:
        """The most that a row of any row group takes, by the footer or by its first rows."""
        with reading(self.path, *READING):
            metadata = self._file.metadata
            groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
            written = [group.total_byte_size / max(1, group.num_rows) for group in groups]
            first = next(self._file.iter_batches(SAMPLE, use_threads=False), None)
            seen = first.nbytes / first.num_rows if first is not None and first.num_rows else 0
            return int(max([seen, *written])) + 1

    def chunks(self, limits: Limits, lenient: bool) -> Iterator[Chunk]:
        """The rows in order; raises BadTable where the file is cut off or damaged."""
        with reading(self.path, *READING):
            first = 0
            for batch in self._file.iter_batches(limits.rows, use_threads=False):
                yield numbered(batch.replace_schema_metadata(None), first)
                first += batch.num_rows


@contextmanager
def opened(path: Path, listed: Sequence[str] = ()) -> Iterator[Source]:
    """Open a Parquet file, once; raises BadTable."""
    with reading(path, *READING):
        # Without these two, a whole row group is read at once, however large it is.
        file = parquet.ParquetFile(path, buffer_size=READ_BYTES, pre_buffer=False)
    with file:
        yield Source(path, file)


class Writer:
    """A Parquet file that is written batch by batch, a row group each."""

    def __init__(self, path: Path, schema: Any, suffix: str) -> None:
        self._writer = parquet.ParquetWriter(path, schema)

    def write(self, batch: Any) -> None:
        """Add the rows of a record batch."""
        if batch.num_rows:
            self._writer.write_batch(batch)

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()
