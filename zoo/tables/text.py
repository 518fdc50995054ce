"""Tables as text: CSV and TSV, UTF-8, with a header."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contracts.errors import BadTable
from zoo.results import Columns
from zoo.tables.chunks import Broken, Chunk, Limits

DELIMITERS = {".csv": ",", ".tsv": "\t"}
# What a header may be separated by instead, and what to do about it.
OTHERS = {
    "\t": ("tabs", "Name the file .tsv."),
    ";": ("semicolons", "Save it as CSV with commas, or as tab-separated text named .tsv."),
    ",": ("commas", "Name the file .csv."),
}
CELL_BYTES = 64
"""What Python needs for a short text beside its characters, and for its place in a list."""


def read(path: Path) -> tuple[Columns, Sequence[int]]:
    """All columns by name, and the line each row ends on; raises BadTable. Blank lines are none."""
    lines: list[int] = []
    rows: list[list[str]] = []
    with _reading(path) as (header, reader):
        for line, row in _records(reader):
            if len(row) != len(header):
                raise _wrong_width(path, row, header, line)
            rows.append(row)
            lines.append(line)
    columns = zip(*rows, strict=True) if rows else ((),) * len(header)
    return {name: list(column) for name, column in zip(header, columns, strict=True)}, lines


def names(path: Path, name: str, column: Any) -> list[Any]:
    """The column as names: it is text already."""
    return list(column)


class Source:
    """A text file that is read chunk by chunk; all its columns are text."""

    total = None

    def __init__(self, path: Path) -> None:
        """Read the header; raises BadTable."""
        import pyarrow as pa

        self.path = path
        with _reading(path) as (header, _):
            self.schema = pa.schema([(name, pa.string()) for name in header])

    def row_bytes(self) -> int:
        """Nothing known beforehand: chunks end where Limits.bytes are reached."""
        return 0

    def chunks(self, limits: Limits, lenient: bool) -> Iterator[Chunk]:
        """The rows in order; with `lenient`, lines with too many or few cells are set apart.

        Raises:
            BadTable: such a line otherwise, or text that cannot be read.
        """
        with _reading(self.path) as (header, reader):
            width, gathered = len(header), _Gathered(self.schema)
            for number, (line, row) in enumerate(_records(reader)):
                if len(row) == width:
                    gathered.numbers.append(number)
                    gathered.lines.append(line)
                    gathered.cells.extend(row)
                    gathered.bytes += sum(map(len, row)) + CELL_BYTES * width
                elif lenient:
                    gathered.broken.append(Broken(number, line, "wrong-number-of-cells"))
                else:
                    raise _wrong_width(self.path, row, header, line)
                if gathered.full(limits):
                    yield gathered.chunk()
                    gathered = _Gathered(self.schema)
            if gathered.numbers or gathered.broken:
                yield gathered.chunk()


class Writer:
    """Text that is written batch by batch; what is missing becomes an empty cell."""

    def __init__(self, path: Path, schema: Any, suffix: str) -> None:
        self._stream = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._stream, delimiter=DELIMITERS[suffix], lineterminator="\n")
        self._writer.writerow(schema.names)

    def write(self, batch: Any) -> None:
        """Add the rows of a record batch."""
        self._writer.writerows(zip(*map(_cells, batch.columns), strict=True))

    def close(self) -> None:
        """Write what is left in memory."""
        self._stream.close()


def write(path: Path, columns: Columns, suffix: str) -> None:
    """Write the columns; what is missing becomes an empty cell."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=DELIMITERS[suffix], lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


class _Gathered:
    """The rows of the next chunk: their cells one after the other, which is quick."""

    def __init__(self, schema: Any) -> None:
        self.numbers: list[int] = []
        self.lines: list[int] = []
        self.cells: list[str] = []
        self.broken: list[Broken] = []
        self.bytes = 0
        self._schema = schema

    def full(self, limits: Limits) -> bool:
        rows = len(self.numbers) + len(self.broken)
        return rows >= limits.rows or self.bytes >= limits.bytes

    def chunk(self) -> Chunk:
        import pyarrow as pa

        width = len(self._schema)
        arrays = [pa.array(self.cells[column::width], pa.string()) for column in range(width)]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        return Chunk(batch, self.numbers, self.lines, tuple(self.broken))


@contextmanager
def _reading(path: Path) -> Iterator[tuple[list[str], Any]]:
    """Open a text table: its header, and a reader of the rows below; faults become BadTable."""
    reader: Any = None
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=DELIMITERS[path.suffix.lower()], strict=True)
            header = _header(path, next(reader, []), reader.dialect.delimiter)
            yield header, reader
    except UnicodeDecodeError as error:
        raise BadTable(
            path, f"it is not UTF-8 text ({error.reason})", "Save it as UTF-8."
        ) from None
    except csv.Error as error:
        hint = "Close every quote, or write the file again."
        raise BadTable(path, f"it cannot be read: {error}", hint, reader.line_num) from None
    except OSError as error:
        hint = "Give a file that you may read."
        raise BadTable(path, f"it cannot be read: {error.strerror}", hint) from error


def _records(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line that it ends on."""
    return ((reader.line_num, row) for row in reader if row)


def _cells(column: Any) -> list[Any]:
    """The values of an Arrow array as csv writes them: float32 as short as it can be."""
    import pyarrow as pa

    if pa.types.is_float32(column.type) and not column.null_count:
        return list(column.to_numpy())
    return column.to_pylist()


def _header(path: Path, header: list[str], delimiter: str) -> list[str]:
    if not header:
        hint = "Begin it with a header: tf and gene, or perturbation."
        raise BadTable(path, "it has no first line", hint, line=1)
    for other, (called, hint) in OTHERS.items():
        if len(header) == 1 and other != delimiter and other in header[0]:
            reason = f"its header is separated by {called}, expected {OTHERS[delimiter][0]}"
            raise BadTable(path, reason, hint, line=1)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        reason = f"the header has {', '.join(map(repr, twice))} more than once"
        raise BadTable(path, reason, "Give every column a name of its own.", line=1)
    return header


def _wrong_width(path: Path, row: list[str], header: list[str], line: int) -> BadTable:
    reason = f"got {len(row)} cells, expected {len(header)} as in the header"
    hint = "Put values that contain the separator in quotes, or complete the line."
    return BadTable(path, reason, hint, line)
