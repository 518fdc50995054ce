"""Tables as text: CSV and TSV, UTF-8, with a header."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contracts.errors import BadTable
from zoo.results import Columns

DELIMITERS = {".csv": ",", ".tsv": "\t"}
# What a header may be separated by instead, and what to do about it.
OTHERS = {
    "\t": ("tabs", "Name the file .tsv."),
    ";": ("semicolons", "Save it as CSV with commas, or as tab-separated text named .tsv."),
    ",": ("commas", "Name the file .csv."),
}


def read(path: Path) -> tuple[Columns, Sequence[int]]:
    """All columns by name, and the line each row ends on; raises BadTable. Blank lines are none."""
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=DELIMITERS[path.suffix.lower()], strict=True)
            header = _header(path, next(reader, []), reader.dialect.delimiter)
            for row in reader:
                if row:
                    _check_width(path, row, header, reader.line_num)
                    rows.append(row)
                    lines.append(reader.line_num)
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
    columns = zip(*rows, strict=True) if rows else ((),) * len(header)
    return {name: list(column) for name, column in zip(header, columns, strict=True)}, lines


def names(path: Path, name: str, column: Any) -> list[Any]:
    """The column as names: it is text already."""
    return list(column)


def write(path: Path, columns: Columns, suffix: str) -> None:
    """Write the columns; what is missing becomes an empty cell."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=DELIMITERS[suffix], lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _header(path: Path, header: list[str], delimiter: str) -> list[str]:
    if not header:
        hint = "Begin it with a header: tf and gene."
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


def _check_width(path: Path, row: list[str], header: list[str], line: int) -> None:
    if len(row) != len(header):
        reason = f"got {len(row)} cells, expected {len(header)} as in the header"
        hint = "Put values that contain the separator in quotes, or complete the line."
        raise BadTable(path, reason, hint, line)
