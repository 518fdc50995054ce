"""How `zoo score`, `regulators` and `predict` go through files: their options, what they tell."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.errors import BadTable, InvalidOption
from zoo.batch import memory
from zoo.cli.console import print_json, progress, say
from zoo.pairs.cli.search import say_reranked
from zoo.pairs.scorer import PairScorer
from zoo.perturbations.scorer import PerturbationScorer
from zoo.scorer import Scorer
from zoo.tables import files
from zoo.tables.chunks import Source

OnUnknown = Annotated[
    str, typer.Option(help="raise, or skip: leave out names that cannot be used.")
]
Rejected = Annotated[
    Path | None,
    typer.Option(help="Where rows left out are listed (default: OUTPUT.rejected.csv)."),
]
Memory = Annotated[
    str | None, typer.Option(help="The most memory to take for files, such as 800MB or 2GB.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")]

SHOWN_ROWS = 10
"""Rows left out that are told one by one; the side file has them all."""


@dataclass(frozen=True)
class Places:
    """Which file becomes which, and how; rows that cannot be used go to `rejected`."""

    source: Path
    output: Path
    rejected: Path
    skip: bool
    memory: str | None
    resume: bool

    def check(self, source: Source, added: tuple[str, ...]) -> None:
        """Refuse, before any work, an output that could not be written or would lose something."""
        for option, path in (("--output", self.output), ("--rejected", self.rejected)):
            files.check_target(path)
            if path.resolve() == source.path.resolve():
                raise InvalidOption(option, str(path), "another file than the one that is read")
        if self.rejected.resolve() == self.output.resolve():
            raise InvalidOption("--rejected", str(self.rejected), "another file than the output")
        if twice := [name for name in source.schema.names if name in added]:
            reason = f"it has a column {twice[0]!r} already, as the result will"
            raise BadTable(source.path, reason, f"Rename the column {twice[0]!r}.")


@dataclass(frozen=True)
class Files:
    """The options of a command that say which file becomes which, and how."""

    source: Path | None
    output: Path | None
    on_unknown: str
    rejected: Path | None
    memory: str | None
    resume: bool

    def places(self, typed: list[str] | None, called: str) -> Places | None:
        """Where to go from and to, if there is a file to go through to another.

        Args:
            typed: what was given without a file.
            called: what that is called.

        Raises:
            InvalidOption: an option is none that there is, or does not go with the others.
        """
        if typed and self.source is not None:
            raise InvalidOption("--input", str(self.source), f"{called} or a file, not both")
        if self.on_unknown not in ("raise", "skip"):
            raise InvalidOption("on_unknown", self.on_unknown, "'raise' or 'skip'")
        if self.memory is not None:
            memory.size(self.memory)
        if self.source is None or self.output is None:
            self._check_none_alone()
            return None
        side = self.rejected or self.output.with_name(f"{self.output.name}.rejected.csv")
        skip = self.on_unknown == "skip"
        return Places(self.source, self.output, side, skip, self.memory, self.resume)

    def _check_none_alone(self) -> None:
        told = {"--rejected": self.rejected, "--memory": self.memory, "--resume": self.resume}
        for option, value in told.items():
            if value:
                got = value if value is True else str(value)
                raise InvalidOption(option, got, "it together with --input and --output")


def score(
    model: PairScorer,
    places: Places,
    source: Source,
    columns: tuple[str, str],
    table: str | None,
    as_json: bool,
) -> None:
    """Score the pairs of a file into another."""
    from zoo.batch.tasks import ScoreTask

    _run(ScoreTask(model, columns), places, source, as_json, {"table": table})


def regulators(
    model: PairScorer,
    places: Places,
    source: Source,
    column: str,
    k: int,
    search: dict[str, Any],
    as_json: bool,
) -> None:
    """List the regulators of the genes of a file into another, by the options of `search`."""
    from zoo.batch.tasks import RegulatorsTask

    # Any gene will do: options that can't be met are refused before the file is gone through.
    tried = model.regulators(model.vocabulary.genes[:1], k, **search | {"exclude": None})
    if about := tried.attrs.get("rerank"):
        say_reranked(about)
    k = len(tried)  # filters may leave fewer
    told = {name: _told(value) for name, value in search.items() if value not in (None, False)}
    task = RegulatorsTask(model, (column,), k, search)
    _run(task, places, source, as_json, {"search": told})


def predict(
    model: PerturbationScorer, places: Places, source: Source, column: str, as_json: bool
) -> None:
    """Predict the perturbed sets of a file into another."""
    from zoo.perturbations.batches import PredictTask

    _run(PredictTask(model, (column,)), places, source, as_json, {})


def _told(value: Any) -> Any:
    """An option as a plan holds it: of a long list its digest."""
    if not isinstance(value, list):
        return value
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _run(task: Any, places: Places, source: Source, as_json: bool, options: dict[str, Any]) -> None:
    from zoo.batch import run
    from zoo.batch.plan import Run

    job = Run(
        task=task,
        source=source,
        output=places.output,
        rejected=places.rejected,
        skip=places.skip,
        memory=places.memory,
        resume=places.resume,
        options=options,
    )
    try:
        with progress("scoring", source.total) as advance:
            outcome = run.run(job, advance)
    except KeyboardInterrupt:
        say("Stopped. Type the same with --resume to go on.")
        raise
    if as_json:
        _print(task.model, job, outcome)
    else:
        say(f"Wrote {outcome.rows} rows to {job.output}.")
    _say_rejected(job, outcome, as_json)


def _print(model: Scorer, job: Any, outcome: Any) -> None:
    skipped = [{key: row[key] for key in ("row", "name", "reason")} for row in outcome.first]
    told: dict[str, Any] = {
        "model": model.entry,
        "version": model.manifest.version,
        "output": str(job.output),
        "rows": outcome.rows,
        "skipped": skipped,
    }
    if outcome.rejected:
        told |= {"skipped_rows": outcome.rejected, "rejected": str(job.rejected)}
    print_json(told)


def _say_rejected(job: Any, outcome: Any, as_json: bool) -> None:
    """Tell the first rows left out, how many there are and where all of them are listed."""
    if not outcome.rejected or (as_json and outcome.rows):
        return
    for row in () if as_json else outcome.first[:SHOWN_ROWS]:
        name = f"{row['name']!r} " if (row["name"] or "").strip() else ""
        where = f"{job.source.path}, line {row['line']}"
        say(f"{where} was left out: {name}({row['reason']}).")
    nothing = "" if outcome.rows else ": nothing was scored"
    exact = job.task.k if not job.options.get("search", {}).get("exclude") else None
    total = f" of {outcome.rows // exact + outcome.rejected}" if exact else ""
    say(f"{outcome.rejected}{total} {job.task.called} were left out{nothing}.")
    if not as_json:
        say(f"They are listed in {job.rejected}.")
