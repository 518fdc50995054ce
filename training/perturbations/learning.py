"""The Lightning module of a training over perturbation sets: what a step and an epoch are."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from training.perturbations.batches import Batch, SetBatches
from training.stages.learning import Staged
from training.stages.stage import Fit


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


class SetTraining(Staged):
    """The sum of the loss terms; Pearson of the headline source's held-out parts."""

    def __init__(self, learner: Learns, fit: Fit, seed: int, batches: SetBatches):
        super().__init__(fit, seed, batches.monitored)
        assert isinstance(learner, nn.Module)
        self.learner, self.model = learner, learner.model
        labels = batches.labels
        self.headline = labels.sources.index(labels.epsilon_source)

    def terms(self, batch: Batch, index: int) -> Mapping[str, Float[Tensor, ""]]:
        """The loss terms of one step."""
        rng = np.random.default_rng([self.seed, self.current_epoch, index])
        return self.learner.losses(batch, rng)

    def validation_step(self, batch: Batch, _: int, dataloader_idx: int = 0) -> None:
        """Keep the headline source's predictions of a held-out part (each is one batch)."""
        z = self.learner.predict(batch)[: len(batch.z), self.headline]
        self.held_out[dataloader_idx] = (z, batch.z)

    def watched(self) -> dict[str, float]:
        """What the learner has to tell of itself, if anything."""
        return self.learner.watched() if hasattr(self.learner, "watched") else {}

    def figure(
        self, prediction: Float[Tensor, "held_out"], label: Float[Tensor, "held_out"]
    ) -> float:
        """Pearson's correlation."""
        return pearson(prediction, label)


def pearson(prediction: Float[Tensor, "sets"], label: Float[Tensor, "sets"]) -> float:
    """Correlation over the sets that have a label; 0 where one side does not vary."""
    known = ~label.isnan()
    pair = torch.stack([prediction[known], label[known]]).double()
    found = torch.corrcoef(pair)[0, 1]
    return float(found) if found.isfinite() else 0.0
