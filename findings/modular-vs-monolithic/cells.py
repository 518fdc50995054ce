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
from fit import Record, Run, Settings, Trained, fit, saturated
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
        parts = [self.model, f"{self.ratio}to1"]
        parts += [] if self.seed is None else [f"seed{self.seed}"]
        return "-".join([*parts, *self.failures.names])

    def settings(self, smoke: bool = False) -> Settings | None:
        """How the network is trained; None for a baseline."""
        usual = STUDY.get(self.model)
        return usual.model_copy(update=SMOKE) if usual and smoke else usual


def table() -> Iterator[Cell]:
    """Every cell, the ones that answer most first."""
    yield from (Cell(model=name) for name in BASELINES)
    for ratio in RATIOS:
        for place, seed in enumerate(SEEDS):
            if ratio == 1 and place == FIRST:
                yield from (Cell(model="two_tower", seed=SEEDS[0], failures=f) for f in FAILURES)
            yield from (Cell(model=name, ratio=ratio, seed=seed) for name in STUDY)


def chosen(patterns: Sequence[str]) -> list[Cell]:
    """The cells whose name matches one of the patterns; all where none is given."""
    cells = list(table())
    for pattern in patterns:
        if not any(fnmatch.fnmatch(cell.name, pattern) for cell in cells):
            some = ", ".join(cell.name for cell in cells[3:8])
            raise InvalidOption("--only", pattern, f"the name of a cell or a pattern: {some}, ...")
    return [c for c in cells if not patterns or any(fnmatch.fnmatch(c.name, p) for p in patterns)]


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
        sets = (part.first(SMOKE["pairs"]) for part in (parts.train, parts.valid, parts.test))
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
    resamples = 20 if smoke else 1000
    if settings is None:
        logit = BASELINES[cell.model](prior, parts)
        scored = scores.evaluate(parts.test.label, logit, resamples)
        return shared | {"variants": {"fitted": scored}}
    assert cell.seed is not None
    network = Run(cell.model, prior, cell.seed, cell.failures, settings)
    trained = fit(network, parts, report)
    return shared | _record(trained, parts, cell.ratio, resamples)


def _record(trained: Trained, parts: Benchmark, ratio: int, resamples: int) -> dict[str, Any]:
    """The figures of both variants, and how training went."""
    label, variants = parts.test.label, {}
    for name, logit in (("last", trained.last), ("restored", trained.restored)):
        variants[name] = scores.evaluate(label, logit, resamples)
        variants[name]["corrected"] = scores.evaluate_corrected(label, logit, ratio)
        variants[name]["saturated"] = saturated(logit)
    return {
        "parameters": trained.parameters,
        "seconds": trained.seconds,
        "epochs": len(trained.history),
        "best_epoch": trained.best_epoch,
        "frozen_epoch": trained.frozen_epoch,
        "variants": variants,
        "history": [{k: _short(v) for k, v in epoch.items()} for epoch in trained.history],
    }


def _short(value: int | float) -> int | float:
    """Six digits are enough for a record of training."""
    return value if isinstance(value, int) else float(f"{value:.6g}")


def write(folder: Path, cell: Cell, result: dict[str, Any]) -> Path:
    """Put the result into its file in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{cell.name}.json"
    with replacing(path) as draft:
        draft.write_text(json.dumps(result, indent=1) + "\n")
    return path
