"""One trial: a training without an entry, watched by its study."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import lightning
import optuna
from optuna.trial import TrialState

from training import data as datasets
from training.begin import Options
from training.data.perturbations import PerturbationData
from training.loop import CHECKPOINTS, MONITOR, Diverged
from training.perturbations import fits
from training.perturbations.fits import Job
from training.perturbations.labels import Labels
from training.perturbations.split import SetSplit, make_split
from training.recipe import Recipe
from training.sweep.study import HISTORY, REASON, SECONDS, Draw


@dataclass(frozen=True)
class Ground:
    """What all trials of a sweep share: the data, its split and the labels."""

    data: PerturbationData
    split: SetSplit
    labels: Labels

    @classmethod
    def of(cls, base: Recipe) -> "Ground":
        """Load the recipe's data set once."""
        data = datasets.load(base.dataset)
        assert isinstance(data, PerturbationData)
        split = make_split(data, base.split_seed)
        return cls(data, split, Labels.of(data, split.rows(data, "train")))


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
    ground: Ground,
    folder: Path,
    progress: bool = False,
) -> None:
    """Train by a trial's recipe and end the trial with its best validation figure.

    A training that diverges is pruned, with its reason. Whatever else stops it is raised again,
    and the trial has then failed. Nothing of the model is kept.
    """
    trial, started = drawn.trial, time.perf_counter()
    options = Options(folder, progress=progress)
    job = Job(
        chosen, ground.data, ground.split, ground.labels, chosen.seed, options, (Watch(trial),)
    )
    lightning.seed_everything(chosen.seed, verbose=False)
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
