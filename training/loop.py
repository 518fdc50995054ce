"""The training loop: Lightning runs it, this says what a training of pairs does at a step."""

import abc
import logging
import warnings
from collections.abc import Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import lightning
import torch
from jaxtyping import Float
from lightning.pytorch.callbacks import (
    EarlyStopping,
    EMAWeightAveraging,
    ModelCheckpoint,
    RichProgressBar,
)
from lightning.pytorch.loggers import CSVLogger
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from contracts.errors import ZooError
from training.begin import CHECKPOINTS, LAST, Options
from training.stages.stage import Fit, Stage

MONITOR = "monitor"
History = list[dict[str, int | float | str]]
"""For each epoch its number, the figure of each monitored part and their mean; and its stage."""

_HARMLESS = (
    # The tables are in memory: worker processes would only copy them.
    ".*does not have many workers.*",
    # Steps are made in this process, so that their number is what they say it is.
    ".*IterableDataset. has .__len__. defined.*",
    # An epoch may be shorter than the logging interval.
    ".*The number of training batches.*",
    # metrics.csv holds the epochs since the last start; the history in run.json is whole.
    ".*Experiment logs directory.*",
    ".*Checkpoint directory.*exists and is not empty.*",
    # Lightning 2.6 still asks torch for its tree utilities under the old name.
    ".*LeafSpec.*is deprecated.*",
)


class Diverged(ZooError):
    """The network gives predictions that are no finite numbers."""


class Monitored(lightning.LightningModule):
    """What all trainings share: AdamW, figures of the held-out `parts`, and a history of them.

    The monitored figure is the mean over the parts. Raises Diverged for predictions that are not
    finite. `stage` is what is run of a recipe with stages, see training.stages.
    """

    stage: Stage | None = None

    def __init__(self, fit: Fit, seed: int, parts: Sequence[str]):
        super().__init__()
        self.fit_numbers, self.seed, self.parts = fit, seed, tuple(parts)
        self.held_out: dict[int, tuple[Tensor, Tensor]] = {}
        self.history: History = []

    @property
    def is_monitored(self) -> bool:
        """Whether held-out parts are looked at, and say which epoch is the best and when to end."""
        return self.stage is None or self.stage.monitored

    @abc.abstractmethod
    def figure(
        self, prediction: Float[Tensor, "held_out"], label: Float[Tensor, "held_out"]
    ) -> float:
        """The figure of one held-out part; the higher, the better."""

    def on_train_batch_start(self, _: Any, index: int) -> None:
        """Seed dropout by the epoch, so that a resumed run equals an undisturbed one."""
        if index == 0:
            torch.manual_seed(self.seed * 100_003 + self.current_epoch)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW with decoupled weight decay, and a lower rate where the figure stops rising."""
        fit = self.fit_numbers
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=fit.learning_rate, weight_decay=fit.weight_decay
        )
        if fit.plateau_patience is None or not self.is_monitored:
            return optimizer
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, "max", fit.plateau_factor, fit.plateau_patience
        )
        return {"optimizer": optimizer, "lr_scheduler": schedule, "monitor": MONITOR}

    def lr_scheduler_step(self, scheduler: object, metric: object) -> None:
        """Nothing: Lightning's turn comes after the checkpoint, which would miss an epoch."""

    def watched(self) -> dict[str, float]:
        """What else is looked at after every epoch, and kept in the history."""
        return {}

    def on_fit_start(self) -> None:
        """End a resumed run at once where early stopping had ended it."""
        early = self.trainer.early_stopping_callback
        self.trainer.should_stop = early is not None and early.wait_count >= early.patience

    def on_validation_epoch_end(self) -> None:
        """Figures of every part, whose predictions `held_out` has by the loader's number."""
        if not all(prediction.isfinite().all() for prediction, _ in self.held_out.values()):
            raise Diverged(
                f"In epoch {self.current_epoch} the predictions are not finite: the training has "
                f"diverged. Lower learning_rate, {self.fit_numbers.learning_rate} in the recipe."
            )
        figures = {
            self.parts[index]: self.figure(prediction.float().cpu(), label.cpu())
            for index, (prediction, label) in self.held_out.items()
        }
        figures[MONITOR] = sum(figures.values()) / len(figures)
        self.held_out.clear()
        self.log_dict(figures, prog_bar=True)
        watched = self.watched()
        self.log_dict(watched)
        if not self.trainer.sanity_checking:
            self.note(figures | watched)
            if (schedule := self.lr_schedulers()) is not None:
                schedule.step(figures[MONITOR])

    def note(self, figures: Mapping[str, float]) -> None:
        """Add an epoch to the history."""
        self.history.append({"epoch": self.current_epoch, **figures})

    def on_save_checkpoint(self, checkpoint: dict) -> None:
        """Keep the figures so far beside the weights."""
        checkpoint["history"] = self.history

    def on_load_checkpoint(self, checkpoint: dict) -> None:
        """Go on with the figures of the interrupted run."""
        self.history = list(checkpoint["history"])


def best(history: History) -> dict[str, int | float] | None:
    """Figures of the epoch that the weights are taken from, of the last stage if there are stages.

    None where nothing was held out, or no gradient followed.
    """
    last = [row for row in history if row.get("stage") == history[-1].get("stage")]
    judged = (row for row in last if MONITOR in row)
    row = max(judged, key=itemgetter(MONITOR), default=None)
    return row and {name: value for name, value in row.items() if name != "stage"}


def run(
    task: Monitored,
    batches: lightning.LightningDataModule,
    options: Options,
    callbacks: Sequence[lightning.Callback] = (),
) -> History:
    """Run a training whose `task` has a `model`, on `batches` that tell the `steps` of an epoch.

    Returns the figures of every epoch, and leaves the model with the weights of its best one.
    Checkpoints go to the options' folder: the best epoch, and the last one, from which training
    goes on with `resume`. A run that `max_steps` cuts short in its first epoch is validated at its
    last step. A task with a `stage` has its checkpoints in a folder below, and where it is not
    monitored its last epoch in place of the best. `callbacks` are further ones of Lightning. A
    Ctrl-C leaves the last checkpoint in place and is raised again as KeyboardInterrupt. Raises
    Diverged for figures of predictions that are not finite.
    """
    numbers, max_steps, stage = task.fit_numbers, options.max_steps, task.stage
    checkpoints = options.folder / CHECKPOINTS / (stage.name if stage else "")
    judges: list[lightning.Callback] = []
    if task.is_monitored:
        judges = [
            ModelCheckpoint(
                checkpoints, "best", monitor=MONITOR, mode="max", enable_version_counter=False
            ),
            EarlyStopping(MONITOR, mode="max", patience=numbers.patience),
        ]
    last = ModelCheckpoint(checkpoints, "last", enable_version_counter=False)
    # Tables such as 8-bit profiles are copied, not averaged.
    decay = numbers.ema_decay
    averaging = [EMAWeightAveraging(decay=decay, use_buffers=False)] if decay else []
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        for message in _HARMLESS:
            warnings.filterwarnings("ignore", message)
        trainer = lightning.Trainer(
            accelerator="auto",
            devices=1,
            max_epochs=numbers.max_epochs,
            max_steps=max_steps,
            gradient_clip_val=numbers.gradient_clip,
            callbacks=[
                *judges,
                last,
                *averaging,
                *([RichProgressBar()] if options.progress else []),
                *callbacks,
            ],
            logger=CSVLogger(checkpoints if stage else options.folder, name="", version=""),
            enable_progress_bar=options.progress,
            enable_model_summary=False,
            reload_dataloaders_every_n_epochs=1,
            num_sanity_val_steps=0,
            limit_val_batches=1.0 if task.is_monitored else 0,
            # At the end of an epoch, or at the last step where that comes in the first.
            val_check_interval=max_steps if 0 < max_steps < batches.steps else 1.0,
            log_every_n_steps=10,
        )
        path = checkpoints / LAST
        _run(trainer, task, batches, path if options.resume and path.is_file() else None)
    final = checkpoints / ("best.ckpt" if task.is_monitored else LAST)
    weights = torch.load(final, weights_only=True, map_location="cpu")["state_dict"].items()
    own = {k.removeprefix("model."): v for k, v in weights if k.startswith("model.")}
    task.model.cpu().load_state_dict(own)
    return task.history


def _run(
    trainer: lightning.Trainer,
    task: lightning.LightningModule,
    batches: lightning.LightningDataModule,
    checkpoint: Path | None,
) -> None:
    """Fit; on Ctrl-C, where Lightning ends the process, raise KeyboardInterrupt instead."""
    try:
        trainer.fit(task, batches, ckpt_path=checkpoint, weights_only=True)
    except SystemExit:
        if not trainer.interrupted:
            raise
        raise KeyboardInterrupt from None
