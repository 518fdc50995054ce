"""One trial: a training without an entry, watched by its study."""

import shutil
import time
from pathlib import Path

import lightning
import optuna
from optuna.trial import TrialState

from training.begin import Options
from training.loop import CHECKPOINTS, MONITOR, Diverged
from training.perturbations import fits
from training.perturbations.fits import Job
from training.recipe import Recipe
from training.sweep.study import HISTORY, REASON, SECONDS, Draw


class Watch(lightning.Callback):
    """Keeps every epoch's figures in the trial and ends the training where it is pruned."""

    def __init__(self, trial: optuna.Trial):
        self.trial = trial

    def on_validation_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """After an epoch. Raises TrialPruned."""
        history = pl_module.history
        self.trial.set_user_attr(HISTORY, history)
        self.trial.report(history[-1][MONITOR], history[-1]["epoch"])
        if self.trial.should_prune():
            raise optuna.TrialPruned


def run(
    study: optuna.Study,
    drawn: Draw,
    chosen: Recipe,
    base: Job,
    folder: Path,
    progress: bool = False,
) -> None:
    """Train by a trial's recipe on the data of `base`; its best validation figure ends the trial.

    A training that diverges is pruned, with its reason. Whatever else stops it is raised again,
    and the trial has then failed. Nothing of the model is kept.
    """
    trial, started = drawn.trial, time.perf_counter()
    job = base.other(chosen, Options(folder, progress=progress), (Watch(trial),))
    value, state = None, TrialState.FAIL
    try:
        history = fits.fit(job).history
        value, state = max(row[MONITOR] for row in history), TrialState.COMPLETE
    except optuna.TrialPruned:
        state = TrialState.PRUNED
    except Diverged as error:
        state = TrialState.PRUNED
        trial.set_user_attr(REASON, str(error))
    finally:
        trial.set_user_attr(SECONDS, round(time.perf_counter() - started, 1))
        study.tell(trial, value, state)
        shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
