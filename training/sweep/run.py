"""A sweep from its first trial to its last, going on where it was stopped."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contracts.errors import InvalidOption
from training import recipe
from training.begin import Options
from training.perturbations.fits import Job
from training.sweep import plan as plans
from training.sweep import space, study, table, trial

RUNS, TRIALS = "sweeps", "trials"


def folder_of(entry: str, runs: Path) -> Path:
    """Where the sweep of an entry lies below a folder of run folders."""
    return runs / RUNS / entry


def sweep(
    entry: str,
    runs: Path,
    trials: int | None = None,
    minutes: float | None = None,
    *,
    progress: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Run the trials that are missing and return the study's table, see training.sweep.table.

    `trials` is how many more to run instead, even past the plan's end; no trial is begun after so
    many `minutes`. Raises InvalidOption, InvalidSweep or InvalidRecipe for what can't be swept,
    OtherStudy where the folder has a study of something else, and what loading the data raises.
    KeyboardInterrupt leaves a study that the same call goes on with.
    """
    if trials is not None and trials < 1:
        raise InvalidOption("--trials", trials, "1 or more")
    if minutes is not None and not minutes > 0:
        raise InvalidOption("--timeout", minutes, "a number of minutes above 0")
    base = recipe.load(entry)
    plan = plans.load(entry)
    space.check(plan, base)
    started, folder = time.monotonic(), folder_of(entry, runs)
    with study.held(entry, folder):
        job = Job.open(base, Options(folder))
        found = study.begin(plan, base, job.split.digest, folder)
        last = plan.total if trials is None else study.drawn(found) + trials
        while study.drawn(found) < last:
            if minutes is not None and time.monotonic() - started > 60 * minutes:
                say(f"{minutes:g} minutes are over. To go on, type: zoo sweep {entry}")
                break
            begun = study.draw(found, plan)
            chosen = space.with_values(base, plan.fixed | begun.values)
            say(f"Trial {begun.trial.number} ({begun.sampler}): {table.spoken(begun.values)}")
            place = folder / TRIALS / f"{begun.trial.number:03d}"
            trial.run(found, begun, chosen, job, place, progress)
            say(f"  {table.told(table.row(found, begun.trial.number))}")
    return table.table(found)
