"""Tables as text: CSV and TSV, UTF-8, with a header, perhaps compressed with gzip."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from contracts.errors import BadTable
from zoo.tables.chunks import GZ, Broken, Chunk, Limits, ending

DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
# What a header may be separated by instead, and what to do about it.
OTHERS = {
    "\t": ("tabs", "Name the file .tsv."),
    ";": ("semicolons", "Save it as CSV with commas, or as tab-separated text named .tsv."),
    ",": ("commas", "Name the file .csv."),
}
CELL_BYTES = 64
"""What Python needs for a short text beside its characters, and for its place in a list."""


class Source:
    """A text file that is read chunk by chunk; all its columns are text."""

    total = None

    def __init__(self, path: Path, stream: Any, listed: Sequence[str]) -> None:
        """Read the header; raises BadTable. `listed` is what the header of a list may be.

        A file of one column without such a header is a plain list: its column is called by the
        first of `listed`.
        """
        self.path = path
        self._stream = stream
        self._delimiter = DELIMITERS[ending(path).removesuffix(GZ)]
        with self._reading() as reader:
            header = _header(path, next(reader, []), self._delimiter)
        plain = len(header) == 1 and listed and header[0].strip().lower() not in listed
        self._header_rows = 0 if plain else 1
        names = list(listed[:1]) if plain else header
        self.schema = pa.schema([(name, pa.string()) for name in names])

    def row_bytes(self) -> int:
        """Nothing known beforehand: chunks end where Limits.bytes are reached."""
        return 0

    def chunks(self, limits: Limits, lenient: bool) -> Iterator[Chunk]:
        """The rows in order; with `lenient`, lines with too many or few cells are set apart.

        Raises:
            BadTable: such a line otherwise, or text that cannot be read.
        """
        with self._reading() as reader:
            for _ in range(self._header_rows):
                next(reader, [])
            rows = enumerate((reader.line_num, row) for row in reader if row)  # blank ones are none
            while chunk := self._gathered(rows, limits, lenient):
                yield chunk

    def _gathered(
        self, rows: Iterator[tuple[int, tuple[int, list[str]]]], limits: Limits, lenient: bool
    ) -> Chunk | None:
        """The next chunk: cells are gathered one after the other, which is quick."""
        numbers: list[int] = []
        lines: list[int] = []
        cells: list[str] = []
        broken: list[Broken] = []
        width, size = len(self.schema), 0
        for number, (line, row) in rows:
            if len(row) == width:
                numbers.append(number)
                lines.append(line)
                cells.extend(row)
                size += sum(map(len, row)) + CELL_BYTES * width
            elif lenient:
                broken.append(Broken(number, line, "wrong-number-of-cells"))
            else:
                reason = f"got {len(row)} cells, expected {width} as in the header"
                hint = "Put values that contain the separator in quotes, or complete the line."
                raise BadTable(self.path, reason, hint, line)
            if len(numbers) + len(broken) >= limits.rows or size >= limits.bytes:
                break
        if not numbers and not broken:
            return None
        arrays = [pa.array(cells[column::width], pa.string()) for column in range(width)]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
        return Chunk(batch, numbers, lines, tuple(broken))

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        """Begin at the first line; faults become BadTable."""
        self._stream.seek(0)
        reader = csv.reader(self._stream, delimiter=self._delimiter, strict=True)
        with _faults(self.path):
            try:
                yield reader
            except csv.Error as error:
                hint = "Close every quote, or write the file again."
                reason = f"it cannot be read: {error}"
                raise BadTable(self.path, reason, hint, reader.line_num) from None


@contextmanager
def opened(path: Path, listed: Sequence[str] = ()) -> Iterator[Source]:
    """Open a text table, once; see Source. Raises BadTable."""
    zipped = path.suffix.lower() == GZ
    with _faults(path):
        raw = path.open("rb")
    with (
        raw,
        io.TextIOWrapper(
            gzip.GzipFile(fileobj=raw) if zipped else raw, "utf-8-sig", newline=""
        ) as stream,
    ):
        yield Source(path, stream, listed)


class Writer:
    """Text that is written batch by batch; what is missing becomes an empty cell."""

    def __init__(self, path: Path, schema: Any, suffix: str) -> None:
        self._raw = raw = path.open("wb")
        # Without the time in it: the same rows give the same file.
        zipped = gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if suffix.endswith(GZ) else raw
        self._stream = io.TextIOWrapper(zipped, encoding="utf-8", newline="")
        delimiter = DELIMITERS[suffix.removesuffix(GZ)]
        self._writer = csv.writer(self._stream, delimiter=delimiter, lineterminator="\n")
        self._writer.writerow(schema.names)

    def write(self, batch: Any) -> None:
        """Add the rows of a record batch."""
        self._writer.writerows(zip(*map(_cells, batch.columns), strict=True))

    def close(self) -> None:
        """Write what is left in memory."""
        try:
            self._stream.close()
        finally:
            self._raw.close()


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """What makes text unreadable becomes BadTable."""
    try:
        yield
    except UnicodeDecodeError as error:
        reason = f"it is not UTF-8 text ({error.reason})"
        raise BadTable(path, reason, "Save it as UTF-8.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = f"it cannot be read as gzip: {error}"
        raise BadTable(path, reason, "It may be cut off: copy or write it again.") from error
    except OSError as error:
        hint = "Give a file that you may read."
        raise BadTable(path, f"it cannot be read: {error.strerror}", hint) from error


def _cells(column: Any) -> list[Any]:
    """The values of an Arrow array as csv writes them: float32 as short as it can be."""
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
