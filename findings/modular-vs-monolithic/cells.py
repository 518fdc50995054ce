"""The runs that make up the table: which they are, in which order, and the file of each.

A cell is done when its file is there and was written with the settings that the table asks for.
"""

import fnmatch
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

import scores
from baselines import BASELINES
from contracts.errors import InvalidOption
from fit import Record, Run, Settings, fit
from gradients import Failures
from pairs import SPLIT_SEED, Benchmark, benchmark
from prior import Prior
from zoo.store.files import replacing

SEEDS = (42, 123, 456, 789, 1337)
RATIOS = (1, 5, 10, 50)
# Two seeds already have an interval: the gradient failures come before the other seeds.
FIRST = 2
STUDY = {
    "two_tower": Settings(look_every=10, first_look=10, patience=10),
    "cross_encoder": Settings(look_every=5, first_look=1, patience=3),
}
SMOKE = {"width": 16, "epochs": 2, "pairs": 2000}
FAILURES = (
    Failures(double_sigmoid=True),
    Failures(replaced_gradient=True),
    Failures(double_sigmoid=True, replaced_gradient=True, tight_clip=True),
    Failures(tight_clip=True),
)


class Cell(BaseModel):
    """One run: a baseline (no seed, no settings) or a network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    ratio: int = 1
    seed: int | None = None
    failures: Failures = Failures()

    @property
    def name(self) -> str:
        """The name that `--only` matches and the result's file has."""
        seed = [] if self.seed is None else [f"seed{self.seed}"]
        return "-".join([self.model, f"{self.ratio}to1", *seed, *self.failures.names])

    def settings(self, smoke: bool = False) -> Settings | None:
        """How the network is trained; None for a baseline."""
        usual = STUDY.get(self.model)
        return usual.model_copy(update=SMOKE) if usual and smoke else usual


def _table() -> Iterator[Cell]:
    yield from (Cell(model=name) for name in BASELINES)
    for ratio in RATIOS:
        for place, seed in enumerate(SEEDS):
            if ratio == 1 and place == FIRST:
                yield from (Cell(model="two_tower", seed=SEEDS[0], failures=f) for f in FAILURES)
            yield from (Cell(model=name, ratio=ratio, seed=seed) for name in STUDY)


TABLE = [*_table()]
"""Every cell, the ones that answer most first."""


def chosen(patterns: Sequence[str]) -> list[Cell]:
    """The cells whose name matches one of the patterns; all where none is given."""
    names = [cell.name for cell in TABLE]
    wanted: set[str] = set()
    for pattern in patterns:
        matching = fnmatch.filter(names, pattern)
        if not matching:
            some = ", ".join(names[3:8])
            raise InvalidOption("--only", pattern, f"the name of a cell or a pattern: {some}, ...")
        wanted.update(matching)
    return [cell for cell in TABLE if not patterns or cell.name in wanted]


def read(folder: Path, cell: Cell, smoke: bool = False) -> dict[str, Any] | None:
    """The result of `cell`, or None where it was not run with the settings asked for."""
    path = folder / f"{cell.name}.json"
    if not path.is_file():
        return None
    result = json.loads(path.read_text())
    settings = cell.settings(smoke)
    wanted = settings.model_dump() if settings else None
    return result if (result["settings"], result["smoke"]) == (wanted, smoke) else None


def run(
    cell: Cell,
    prior: Prior,
    smoke: bool = False,
    report: Callable[[Record], None] = lambda _: None,
) -> dict[str, Any]:
    """Run `cell` and return what its file holds."""
    parts, settings = benchmark(prior, cell.ratio), cell.settings(smoke)
    if smoke:
        sets = (part[: SMOKE["pairs"]] for part in (parts.train, parts.valid, parts.test))
        parts = Benchmark(*sets, parts.test_negatives_in_train)
    shared = {
        "cell": cell.name,
        "smoke": smoke,
        "split_seed": SPLIT_SEED,
        "expression_coverage": prior.expression_coverage(),
        "settings": settings.model_dump() if settings else None,
        "pairs": {n: len(getattr(parts, n)) for n in ("train", "valid", "test")},
        "test_negatives": int((~parts.test.label).sum()),
        "test_negatives_in_train": parts.test_negatives_in_train,
    }
    resamples, label = 20 if smoke else 1000, parts.test.label
    if settings is None:
        logit = BASELINES[cell.model](prior, parts)
        return shared | {"variants": {"fitted": scores.evaluate(label, logit, resamples)}}
    assert cell.seed is not None
    trained = fit(Run(cell.model, prior, cell.seed, cell.failures, settings), parts, report)
    variants = {
        name: {
            **scores.evaluate(label, logit, resamples),
            "corrected": scores.evaluate_corrected(label, logit, cell.ratio),
            "saturated": scores.saturated(logit),
        }
        for name, logit in trained.logits.items()
    }
    return shared | {"variants": variants} | trained.record


def write(folder: Path, cell: Cell, result: dict[str, Any]) -> Path:
    """Put the result into its file in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{cell.name}.json"
    with replacing(path) as draft:
        draft.write_text(json.dumps(result, indent=1) + "\n")
    return path
