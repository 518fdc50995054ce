"""Tables of any size through a batch function, in bounded memory, whole or not at all.

The input is read in chunks, the results are kept in parts (zoo.batch.parts), and the parts are
joined to the output in the end. Chunks, parts and row groups depend on the input and on the limits
that the first run chose alone, so that a run which was killed and resumed gives what an undisturbed
one gives.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from contracts.errors import BadTable, EmptyInput, InvalidOption
from zoo.batch import memory, parts
from zoo.batch.plan import Run, changed, plan_of
from zoo.tables import files
from zoo.tables.arrow import REJECTED, BatchResult
from zoo.tables.chunks import Chunk, Limits

Progress = Callable[[int], object]

PART_CHUNKS = 8
CHUNK_ROWS = 1 << 17
"""Rows of a chunk where memory allows; they become a row group of a Parquet output."""
LEAST_ROWS = 256

RESERVE = 150_000_000
"""What scoring itself and the libraries' buffers take."""
COLUMN_BYTES = 3_000_000
"""What the pages of a Parquet column take beside its rows, while they are read and written."""
COPIES = 6
"""How often a row is in memory at once: read, chosen, joined, compressed, encoded, written."""
ADDED_BYTES = 150
CELL_BYTES = 80
"""What a cell takes as a Python object, when text is written."""

TOLD = 1000
"""Rejected rows that an Outcome lists; all are in the side file."""

PLACED = REJECTED.insert(1, pa.field("line", pa.int64()))
SIDE_FILE = pa.schema([PLACED.field(name) for name in PLACED.names if name != "row"])


@dataclass(frozen=True)
class Outcome:
    """What a run has written: rows of the output, rows left out, and the first TOLD of these."""

    rows: int
    rejected: int
    first: tuple[dict[str, Any], ...]


def run(job: Run, progress: Progress) -> Outcome:
    """Do it; `progress` is called with the number of rows done since its last call.

    An error leaves neither an output nor parts; a kill, or Ctrl-C, leaves parts to resume from.

    Raises:
        BadTable: the input cannot be read or used, or the output cannot be written.
        EmptyInput: the input has no rows.
        InvalidOption: the memory does not suffice.
        CannotResume: see zoo.batch.parts.opened.
    """
    room = memory.allowed(job.places.memory) - memory.peak() - RESERVE
    room -= COLUMN_BYTES * len(job.source.schema)
    limits = _limits(job, room)
    plan = plan_of(job, limits)
    try:
        with parts.opened(job.places.output, plan, job.places.resume) as kept:
            if (begun := kept.plan["limits"]["rows"]) > 1.25 * limits.rows:
                what = f"what the stopped run had, for chunks of {begun} rows instead of"
                raise InvalidOption("--memory", job.places.memory, f"{what} {limits.rows}")
            try:
                _make_parts(job, kept, room, progress)
                if changed(job.source.path, kept.plan["input"]):
                    reason = "it was changed while it was read"
                    raise BadTable(job.source.path, reason, "Leave it as it is, and begin again.")
                outcome = _join(job, kept)
            except Exception:  # not after a kill or Ctrl-C: such a run can go on
                kept.remove()
                raise
            kept.remove()
            return outcome
    except OSError as error:
        raise files.unwritable(job.places.output, error) from error


def _make_parts(job: Run, kept: parts.Parts, room: int, progress: Progress) -> None:
    """Make the parts that are not there yet."""
    limits, done = Limits(**kept.plan["limits"]), kept.finished()
    chunks = job.source.chunks(limits, job.places.skip)
    for chunk in islice(chunks, done * PART_CHUNKS):
        progress(len(chunk.rows) + len(chunk.broken))
    while (first := next(chunks, None)) is not None:
        part = chain([first], islice(chunks, PART_CHUNKS - 1))
        kept.save(done, _results(job, part, room, progress))
        pa.default_memory_pool().release_unused()
        done += 1
    if not done:
        raise EmptyInput(f"The table {job.source.path}", f"a row such as {job.task.example}")


def _results(
    job: Run, chunks: Iterator[Chunk], room: int, progress: Progress
) -> Iterator[BatchResult]:
    for chunk in chunks:
        if chunk.batch.nbytes * COPIES > room:
            needed = memory.shown(memory.peak() + chunk.batch.nbytes * COPIES + RESERVE)
            what = f"at least {needed}: its rows from {chunk.lines[0]} on are wider than the first"
            raise InvalidOption("--memory", job.places.memory, what)
        result = job.task(chunk.batch)
        if result.rejected.num_rows and not job.places.skip:
            raise job.task.fault(job.source.path, chunk, result.rejected)
        yield BatchResult(result.scored, _placed(chunk, result.rejected))
        progress(len(chunk.rows) + len(chunk.broken))


def _placed(chunk: Chunk, rejected: pa.RecordBatch) -> pa.RecordBatch:
    """Rejected rows by their place in the file, those that are no rows of the table among them."""
    rows = rejected.column("row").to_numpy()
    known = {
        "row": np.asarray(chunk.rows, dtype=np.int64)[rows],
        "line": np.asarray(chunk.lines, dtype=np.int64)[rows],
        **{name: rejected.column(name) for name in ("column", "name", "reason")},
    }
    placed = pa.RecordBatch.from_pydict(known, PLACED)
    if not chunk.broken:
        return placed
    broken = pa.RecordBatch.from_pylist([asdict(row) for row in chunk.broken], PLACED)
    return pa.concat_batches([placed, broken]).sort_by("row")


def _join(job: Run, kept: parts.Parts) -> Outcome:
    """Put the side file and then the output in their places, each in one step."""
    first: list[dict[str, Any]] = []
    for batch in kept.batches("rejected"):
        first += batch.slice(0, max(0, TOLD - len(first))).to_pylist()
    rejected = 0
    if first:
        rejected = _written(kept, "rejected", job.places.rejected, SIDE_FILE, files.writer)
    elif job.places.skip:
        job.places.rejected.unlink(missing_ok=True)  # that of an earlier run
    schema = job.task.schema(job.source.schema)
    rows = _written(kept, "scored", job.places.output, schema, job.task.writer)
    return Outcome(rows, rejected, tuple(first))


def _written(
    kept: parts.Parts, kind: str, path: Path, schema: pa.Schema, open_writer: Callable[..., Any]
) -> int:
    """Join one kind of batches to a file; the number of its rows."""
    draft, rows = kept.folder / f"{kind}.draft", 0
    with closing(open_writer(path, draft, schema)) as writer:
        for batch in kept.batches(kind):
            writer.write(batch.select(schema.names))
            rows += batch.num_rows
    parts.to_disk(draft)
    draft.replace(path)
    return rows


def _limits(job: Run, room: int) -> Limits:
    """How large chunks may be, so that the process stays within its memory; or InvalidOption."""
    row_bytes = job.source.row_bytes() if room > 0 else 0  # to look takes memory as well
    row = COPIES * (row_bytes + ADDED_BYTES)
    row += CELL_BYTES * (len(job.source.schema) + len(job.task.added))
    row = (row + job.task.row_bytes) * job.task.k
    least = max(1, LEAST_ROWS // job.task.k)
    if room < row * least:
        needed = memory.shown(memory.allowed(job.places.memory) - room + row * least)
        raise InvalidOption("--memory", job.places.memory, f"at least {needed} here")
    most = min(CHUNK_ROWS, job.task.most_rows) // job.task.k or 1
    return Limits(min(most, room // row), room // COPIES)
