"""How `zoo score`, `regulators` and `predict` go through files: from where to where, what they say.

A dash is the standard input or the standard output, which is also where a result goes without
--output: what comes in is put into a temporary file first, what goes out is written there and
copied when it is whole.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from contracts.errors import BadTable, InvalidOption
from contracts.genes.vocabulary import Skipped
from zoo.batch import memory as sizes
from zoo.batch.places import Places
from zoo.cli.console import about_model, print_json, print_tsv, progress, say
from zoo.results import Columns, without_nan
from zoo.tables import files
from zoo.tables.chunks import Source
from zoo.tables.files import Table

if TYPE_CHECKING:
    from zoo.batch.plan import Run
    from zoo.batch.run import Outcome
    from zoo.batch.tasks import Task

DASH = Path("-")
NOTHING_LEFT = 2
"""The exit code where every row was left out: the input cannot be used."""

_PREFIX = "zoo-pipe-"
"""What temporary folders begin with."""

SHOWN_ROWS = 10
"""Rows left out that are told one by one; the side file has them all."""


def places(
    typed: list[str] | None,
    called: str,
    source: Path | None,
    output: Path | None,
    on_unknown: str,
    rejected: Path | None,
    memory: str | None,
    resume: bool,
) -> Places | None:
    """Where to go from and to, if there is a file to go through.

    `typed` is what was given without a file, and `called` what that is called. Raises
    InvalidOption for an option that is none, or does not go with the others.
    """
    if typed and source is not None:
        raise InvalidOption("--input", str(source), f"{called} or a file, not both")
    if on_unknown not in ("raise", "skip"):
        raise InvalidOption("on_unknown", on_unknown, "'raise' or 'skip'")
    if memory is not None:
        sizes.size(memory)
    if source is None or output is None:
        output = DASH
        for option, value in (("rejected", rejected), ("memory", memory), ("resume", resume)):
            if value:
                got = value if value is True else str(value)
                raise InvalidOption(f"--{option}", got, "it together with --input and --output")
    if source is None:
        return None
    to_stdout = output == DASH
    if resume and DASH in (source, output):
        raise InvalidOption("--resume", True, "files for --input and --output, not -")
    source = _standard_input() if source == DASH else source
    if to_stdout:
        output = _temporary() / f"standard-output{'.csv' if source.suffix == '.csv' else '.tsv'}"
    side = rejected or output.with_name(f"{output.name}.rejected.csv")
    return Places(source, output, side, on_unknown == "skip", memory, resume, to_stdout)


def _check(places: Places, source: Source, added: Sequence[str]) -> None:
    """Refuse, before any work, an output that could not be written or would lose something."""
    for option, path in (("--output", places.output), ("--rejected", places.rejected)):
        files.check_target(path)
        if path.resolve() == source.path.resolve():
            raise InvalidOption(option, str(path), "another file than the one that is read")
    if places.rejected.resolve() == places.output.resolve():
        raise InvalidOption("--rejected", str(places.rejected), "another file than the output")
    if twice := [name for name in source.schema.names if name in added]:
        reason = f"it has a column {twice[0]!r} already, as the result will"
        raise BadTable(source.path, reason, f"Rename the column {twice[0]!r}.")


def _standard_input() -> Path:
    """What comes in, in a file that lasts as long as the command: .tsv with a tab in the header."""
    content = typer.get_binary_stream("stdin")
    first = content.readline()
    path = _temporary() / ("standard-input.tsv" if b"\t" in first else "standard-input.csv")
    with path.open("wb") as stream:
        stream.write(first)
        shutil.copyfileobj(content, stream)
    return path


def check_target(output: Path | None) -> None:
    """Raise BadTable where a result cannot go, before any work is done for it."""
    if output not in (None, DASH):
        files.check_target(output)


def write(output: Path, columns: Columns, rows: int, quiet: bool) -> None:
    """Write a result to a file, or as TSV to stdout for a dash, and say so unless `quiet`."""
    if output == DASH:
        print_tsv(list(columns), zip(*columns.values(), strict=True))
        return
    files.write(output, columns)
    if not quiet:
        say(f"Wrote {rows} rows to {output}.")


def print_scores(
    model: Any, scores: list[dict[str, Any]], skipped: tuple[Skipped, ...], output: Path | None
) -> None:
    """Write scores as JSON, or where they are if they were written to `output`."""
    place = {"output": str(output), "rows": len(scores)}
    answer = {"scores": without_nan(scores)} if output is None else place
    print_json({**about_model(model), **answer, "skipped": [asdict(row) for row in skipped]})


def say_skipped(called: str, skipped: tuple[Skipped, ...], as_json: bool) -> None:
    """Tell each row left out, where JSON does not."""
    for left in () if as_json else skipped:
        say(f"{called} {left.row + 1} was left out: {left.name!r} ({left.reason}).")


def conclude(kept: int, skipped: int, called: str, done: str, as_json: bool) -> None:
    """Say how many of the typed were left out, and end with NOTHING_LEFT where all were."""
    if skipped and not (as_json and kept):
        nothing = "" if kept else f": nothing was {done}"
        say(f"{skipped} of {kept + skipped} {called} were left out{nothing}.")
    if not kept:
        raise typer.Exit(NOTHING_LEFT)


def go_through(
    places: Places,
    opening: Callable[[Path], AbstractContextManager[Table]],
    kind: "type[Task]",
    task_for: Callable[[Table], "Task"],
    as_json: bool,
    options: dict[str, Any],
) -> None:
    """Do a task of zoo.batch for every row of a table, and say what came of it.

    What is wrong with the table or the output is told before the task is made, which may be slow.
    Ends with NOTHING_LEFT where every row was left out.
    """
    if as_json and places.to_stdout:
        raise InvalidOption("--json", True, "it together with --output FILE")
    try:
        with opening(places.source) as table:
            _check(places, table.source, kind.added.names)
            _go(task_for(table), table.source, places, as_json, options)
    except BadTable as error:
        if error.path != str(places.source):
            raise
        raise BadTable(_named(places.source), error.reason, error.hint, error.line) from error


def _go(
    task: "Task", source: Source, places: Places, as_json: bool, options: dict[str, Any]
) -> None:
    from zoo.batch.plan import Run

    job = Run(task, source, places, options)
    outcome = ran(job, "scoring")
    if places.to_stdout:
        with places.output.open("rb") as whole:
            shutil.copyfileobj(whole, typer.get_binary_stream("stdout"))
    elif as_json:
        _print(job, outcome)
    else:
        say(f"Wrote {outcome.rows} rows to {places.output}.")
    _say_rejected(job, outcome, as_json)
    if not outcome.rows:
        raise typer.Exit(NOTHING_LEFT)


def ran(job: "Run", what: str) -> "Outcome":
    """Do a run, with a bar that says `what` is done; Ctrl-C says how to go on."""
    from zoo.batch.run import run

    try:
        with progress(what, job.source.total) as advance:
            return run(job, advance)
    except KeyboardInterrupt:
        stdout = job.places.to_stdout
        say("Stopped." if stdout else "Stopped. Type the same with --resume to go on.")
        raise


def _named(source: Path) -> str:
    """A table as it was typed."""
    return "standard input" if source.parent.name.startswith(_PREFIX) else str(source)


def _temporary() -> Path:
    """A folder that lasts as long as the command."""
    folder = tempfile.mkdtemp(prefix=_PREFIX)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _print(job: Any, outcome: Any) -> None:
    skipped = [{key: row[key] for key in ("row", "name", "reason")} for row in outcome.first]
    facts: dict[str, Any] = {
        **about_model(job.task.model),
        "output": str(job.places.output),
        "rows": outcome.rows,
        "skipped": skipped,
    }
    if outcome.rejected:
        facts |= {"skipped_rows": outcome.rejected, "rejected": str(job.places.rejected)}
    print_json(facts)


def _say_rejected(job: Any, outcome: Any, as_json: bool) -> None:
    """Tell the first rows left out, how many there are and where all of them are listed."""
    if not outcome.rejected or (as_json and outcome.rows):
        return
    for row in () if as_json else outcome.first[:SHOWN_ROWS]:
        name = f"{row['name']!r} " if (row["name"] or "").strip() else ""
        where = f"{_named(job.source.path)}, line {row['line']}"
        say(f"{where} was left out: {name}({row['reason']}).")
    nothing = "" if outcome.rows else ": nothing was scored"
    search = job.options.get("search", {})
    fewer = search.get("exclude") or search.get("known", "include") != "include"
    exact = None if fewer else job.task.k
    total = f" of {outcome.rows // exact + outcome.rejected}" if exact else ""
    say(f"{outcome.rejected}{total} {job.task.called} were left out{nothing}.")
    if job.places.to_stdout and job.places.rejected.parent == job.places.output.parent:
        say("Add --rejected FILE to have all of them listed.")
    elif not as_json:
        say(f"They are listed in {job.places.rejected}.")
