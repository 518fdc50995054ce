"""Tables as Parquet: columns keep their types."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from contracts.errors import BadTable
from zoo.results import Columns
from zoo.tables.chunks import Chunk, Limits, numbered

READ_BYTES = 1 << 17
"""What is read from the file at once, for each column."""
SAMPLE = 1024


def read(path: Path) -> tuple[Columns, Sequence[int]]:
    """All columns by name as Arrow arrays, and row numbers from 1; raises BadTable."""
    from pyarrow import parquet

    with _reading(path):
        table = parquet.read_table(path)
    _check_columns(path, table.column_names)
    return dict(zip(table.column_names, table.columns, strict=True)), range(1, table.num_rows + 1)


def names(path: Path, name: str, column: Any) -> list[Any]:
    """The column as names; raises BadTable where it does not hold text."""
    check_text(path, name, column.type)
    return column.to_pylist()


def check_text(path: Path, name: str, kind: Any) -> None:
    """Raise BadTable where a column of this type holds no text."""
    import pyarrow as pa

    from zoo.pairs.batches import holds_text

    if not holds_text(kind):
        shown = kind.value_type if pa.types.is_dictionary(kind) else kind
        reason = f"column {name!r} holds {shown}, expected text"
        raise BadTable(path, reason, "Store gene names as strings.")


class Source:
    """A Parquet file that is read chunk by chunk, and page by page beneath."""

    def __init__(self, path: Path) -> None:
        """Read the footer; raises BadTable."""
        self.path = path
        with _reading(path), self._open() as file:
            self.schema = file.schema_arrow.remove_metadata()
            self.total: int | None = file.metadata.num_rows
        _check_columns(path, self.schema.names)

    def row_bytes(self) -> int:
        """The most that a row of any row group takes, by the footer or by its first rows."""
        with _reading(self.path), self._open() as file:
            groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
            written = [group.total_byte_size / max(1, group.num_rows) for group in groups]
            first = next(file.iter_batches(SAMPLE, use_threads=False), None)
            seen = first.nbytes / first.num_rows if first is not None and first.num_rows else 0
            return int(max([seen, *written])) + 1

    def chunks(self, limits: Limits, lenient: bool) -> Iterator[Chunk]:
        """The rows in order; raises BadTable where the file is cut off or damaged."""
        with _reading(self.path), self._open() as file:
            first = 0
            for batch in file.iter_batches(limits.rows, use_threads=False):
                yield numbered(batch.replace_schema_metadata(None), first)
                first += batch.num_rows

    def _open(self) -> Any:
        from pyarrow import parquet

        # Without these two, a whole row group is read at once, however large it is.
        return parquet.ParquetFile(self.path, buffer_size=READ_BYTES, pre_buffer=False)


class Writer:
    """A Parquet file that is written batch by batch, a row group each."""

    def __init__(self, path: Path, schema: Any, suffix: str) -> None:
        from pyarrow import parquet

        self._writer = parquet.ParquetWriter(path, schema)

    def write(self, batch: Any) -> None:
        """Add the rows of a record batch."""
        if batch.num_rows:
            self._writer.write_batch(batch)

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()


def write(path: Path, columns: Columns, suffix: str) -> None:
    """Write the columns, each with the type of its values."""
    import pyarrow as pa
    from pyarrow import parquet

    arrays = {
        name: pa.array(column) if isinstance(column, list | np.ndarray | range) else column
        for name, column in columns.items()
    }
    parquet.write_table(pa.table(arrays), path)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Faults of the file become BadTable."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = f"it cannot be read as Parquet: {str(error).splitlines()[0]}"
        hint = "It may be cut off: copy or write it again."
        raise BadTable(path, reason, hint) from error


def _check_columns(path: Path, found: list[str]) -> None:
    twice = sorted({name for name in found if found.count(name) > 1})
    if twice:
        reason = f"it has columns {', '.join(map(repr, twice))} more than once"
        raise BadTable(path, reason, "Give every column a name of its own.")
