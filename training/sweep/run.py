"""A sweep from its first trial to its last, going on where it was stopped.

A trial is a training without an entry, watched by its study.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning
import optuna
from optuna.trial import TrialState

from contracts.errors import InvalidOption
from training import recipe
from training.begin import Options, forget
from training.loop import MONITOR, Diverged, best
from training.perturbations import fits
from training.perturbations.fits import Job
from training.sweep import plan as plans
from training.sweep import space, study, table

RUNS, TRIALS = "sweeps", "trials"


class Watch(lightning.Callback):
    """Keeps every epoch's figures in the trial and ends the training where it is pruned."""

    def __init__(self, trial: optuna.Trial):
        self.trial = trial

    def on_validation_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """After an epoch. Raises TrialPruned."""
        history = pl_module.history
        self.trial.set_user_attr(study.HISTORY, history)
        self.trial.report(history[-1][MONITOR], history[-1]["epoch"])
        if self.trial.should_prune():
            raise optuna.TrialPruned


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
            options = Options(place, progress=progress)
            _try(found, begun.trial, job.other(chosen, options, (Watch(begun.trial),)))
            say(f"  {table.told(table.row(found, begun.trial.number))}")
    return table.table(found)


def _try(found: optuna.Study, trial: optuna.Trial, job: Job) -> None:
    """Train once; the best validation figure ends the trial, and nothing of the model is kept.

    A training that diverges is pruned, with its reason. Whatever else stops it is raised again,
    and the trial has then failed.
    """
    started, value, state = time.perf_counter(), None, TrialState.FAIL
    try:
        value, state = best(fits.fit(job).history)[MONITOR], TrialState.COMPLETE
    except optuna.TrialPruned:
        state = TrialState.PRUNED
    except Diverged as error:
        state = TrialState.PRUNED
        trial.set_user_attr(study.REASON, str(error))
    finally:
        trial.set_user_attr(study.SECONDS, round(time.perf_counter() - started, 1))
        found.tell(trial, value, state)
        forget(job.options.folder)
