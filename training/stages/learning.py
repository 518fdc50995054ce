"""The Lightning module of a stage: the weighted sum of named losses, and what they were."""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from training.loop import Diverged, Monitored


class Staged(Monitored):
    """A training whose loss is a sum of terms by name, weighted by its stage if it has one.

    The history of a stage has the mean of every term and of their weighted sum, `loss`.
    """

    @abstractmethod
    def terms(self, batch: Any, index: int) -> Mapping[str, Float[Tensor, ""]]:
        """The terms of one step; of a stage at least those of `wanted`."""

    @property
    def weights(self) -> dict[str, float]:
        """The weight of every loss of the stage in this epoch."""
        assert self.stage is not None
        return self.stage.weights(self.current_epoch, self.fit_numbers.max_epochs)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Losses of the stage whose weight is not 0 in this epoch."""
        return tuple(name for name, weight in self.weights.items() if weight)

    def on_train_epoch_start(self) -> None:
        """Forget the terms of the former epoch."""
        self._seen: dict[str, list[Tensor]] = defaultdict(list)

    def training_step(self, batch: Any, index: int) -> Float[Tensor, ""]:
        """The sum of the loss terms of one step."""
        terms = dict(self.terms(batch, index))
        if self.stage is not None:
            weights = self.weights
            weighted = [weights[name] * terms[name] for name in self.wanted]
        else:
            weighted = list(terms.values())
        total = torch.stack(weighted).sum()
        logged = {name: value.detach() for name, value in terms.items()}
        self.log_dict(logged, on_step=False, on_epoch=True, batch_size=1)
        self.log("loss", total, prog_bar=True, on_step=False, on_epoch=True, batch_size=1)
        if self.stage is not None:
            for name, value in (logged | {"loss": total.detach()}).items():
                self._seen[name].append(value)
        return total

    def note(self, figures: Mapping[str, float]) -> None:
        """Add an epoch to the history, with the stage and its losses. Raises Diverged."""
        if self.stage is None:
            return super().note(figures)
        means = {name: float(torch.stack(seen).mean()) for name, seen in self._seen.items()}
        if not torch.tensor(list(means.values())).isfinite().all():
            raise Diverged(
                f"In epoch {self.current_epoch} of {self.stage.name} the losses are not finite: "
                "the training has diverged. Lower the stage's learning_rate, "
                f"{self.fit_numbers.learning_rate} in the recipe."
            )
        super().note(figures | means)
        self.history[-1]["stage"] = self.stage.name
        return None

    def on_train_epoch_end(self) -> None:
        """Add the epoch to the history where no held-out part has done so."""
        if not self.is_monitored:
            self.note(self.watched())
