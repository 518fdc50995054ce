"""The Lightning module of a training over perturbation sets: what a step and an epoch are."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import lightning
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from training.loop import MONITOR, Diverged, History
from training.perturbations.batches import Batch, SetBatches
from training.recipe import Fit


@runtime_checkable
class Learns(Protocol):
    """What is trained: a module with its `model`, its loss terms, and z-scores in evaluation."""

    model: nn.Module

    def losses(self, batch: Batch, rng: np.random.Generator) -> Mapping[str, Tensor]:
        """The weighted terms of one step."""
        ...

    def predict(self, batch: Batch) -> Float[Tensor, "sets sources"]:
        """z-scores of sets, one a source."""
        ...


class SetTraining(lightning.LightningModule):
    """AdamW on the sum of the loss terms; Pearson of the headline source's held-out parts.

    The monitored figure is the mean of these correlations.
    """

    def __init__(self, learner: Learns, fit: Fit, seed: int, batches: SetBatches):
        super().__init__()
        assert isinstance(learner, nn.Module)
        self.learner, self.model, self.fit_numbers, self.seed = learner, learner.model, fit, seed
        self.parts = batches.monitored
        labels = batches.labels
        self.headline = labels.sources.index(labels.epsilon_source)
        self.held_out: dict[int, tuple[Tensor, Tensor]] = {}
        self.history: History = []

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """AdamW with decoupled weight decay."""
        fit = self.fit_numbers
        return torch.optim.AdamW(
            self.learner.parameters(), lr=fit.learning_rate, weight_decay=fit.weight_decay
        )

    def on_fit_start(self) -> None:
        """End a resumed run at once where early stopping had ended it."""
        early = self.trainer.early_stopping_callback
        self.trainer.should_stop = early is not None and early.wait_count >= early.patience

    def on_train_batch_start(self, _: Batch, index: int) -> None:
        """Seed dropout by the epoch, so that a resumed run equals an undisturbed one."""
        if index == 0:
            torch.manual_seed(self.seed * 100_003 + self.current_epoch)

    def training_step(self, batch: Batch, index: int) -> Float[Tensor, ""]:
        """The sum of the loss terms of one step."""
        rng = np.random.default_rng([self.seed, self.current_epoch, index])
        terms = self.learner.losses(batch, rng)
        total = torch.stack(list(terms.values())).sum()
        logged = {name: value.detach() for name, value in terms.items()}
        self.log_dict(logged, on_step=False, on_epoch=True, batch_size=1)
        self.log("loss", total, prog_bar=True, on_step=False, on_epoch=True, batch_size=1)
        return total

    def validation_step(self, batch: Batch, _: int, dataloader_idx: int = 0) -> None:
        """Keep the headline source's predictions of a held-out part (each is one batch)."""
        z = self.learner.predict(batch)[: len(batch.z), self.headline]
        self.held_out[dataloader_idx] = (z.float().cpu(), batch.z.cpu())

    def on_validation_epoch_end(self) -> None:
        """Pearson of every part; the monitored figure is their mean. Raises Diverged."""
        if not all(z.isfinite().all() for z, _ in self.held_out.values()):
            raise Diverged(
                f"In epoch {self.current_epoch} the predictions are not finite: the training has "
                f"diverged. Lower learning_rate, {self.fit_numbers.learning_rate} in the recipe."
            )
        figures = {self.parts[i]: pearson(z, label) for i, (z, label) in self.held_out.items()}
        figures[MONITOR] = sum(figures.values()) / len(figures)
        self.held_out.clear()
        self.log_dict(figures, prog_bar=True)
        if not self.trainer.sanity_checking:
            self.history.append({"epoch": self.current_epoch, **figures})

    def on_save_checkpoint(self, checkpoint: dict) -> None:
        """Keep the figures so far beside the weights."""
        checkpoint["history"] = self.history

    def on_load_checkpoint(self, checkpoint: dict) -> None:
        """Go on with the figures of the interrupted run."""
        self.history = list(checkpoint["history"])


def pearson(prediction: Float[Tensor, "sets"], label: Float[Tensor, "sets"]) -> float:
    """Correlation over the sets that have a label; 0 where one side does not vary."""
    known = ~label.isnan()
    pair = torch.stack([prediction[known], label[known]]).double()
    found = torch.corrcoef(pair)[0, 1]
    return float(found) if found.isfinite() else 0.0
