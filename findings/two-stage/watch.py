"""What is looked at while a stage is trained: gradients of both losses, and counts held out."""

import time
from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from training.cells.batches import Batch, CellBatches
from training.cells.fits.saturn import Learner
from training.cells.job import Job
from training.cells.validation import Cells
from training.losses.counts import zinb

EVERY = 5
"""Epochs from one look to the next; the first and the last epoch of a stage are looked at, too."""
OF_TYPE = 6
"""Cells of each type and species in the batch whose gradients are compared: always the same."""
BOTH = ("zinb", "triplet")
SHARED = {"encoder": ["encoder"], "macrogenes": ["log_weight"], "both": ["encoder", "log_weight"]}
"""Parameters that both losses move, by the name of their cosine."""
AT_ONCE = 512


class Watch:
    """Looks at the stages of one training on cells of a fold; `valid` are those held out."""

    def __init__(self, job: Job, valid: Cells):
        self.job, self.valid, self.since = job, valid, time.perf_counter()

    @cached_property
    def batch(self) -> Batch:
        """Cells whose gradients are compared."""
        return next(CellBatches(self.job.labels, 2, OF_TYPE, 0).drawn(0))

    @cached_property
    def held_out(self) -> Mapping[str, tuple[Tensor, Tensor]]:
        """What the encoder takes of the cells held out, and their counts."""
        return {
            species: (
                torch.from_numpy(self._inputs(species, rows)),
                torch.from_numpy(self.job.counts(species, rows)),
            )
            for species, rows in self.valid.items()
        }

    def _inputs(self, species: str, rows: np.ndarray) -> np.ndarray:
        return self.job.inputs(species, self.job.counts(species, rows), self.job.numbers.over_cells)

    def look(self, task: Learner) -> dict[str, float]:
        """Figures after an epoch of a stage, for its history."""
        epoch, epochs = task.current_epoch, task.fit_numbers.max_epochs
        if epoch % EVERY and epoch != epochs - 1:
            return {}
        task.model.eval()
        figures = gradients(task, self.batch) | {
            "held_out_zinb": held_out(task.model, self.held_out)
        }
        task.model.train()
        return figures | {"seconds": time.perf_counter() - self.since}


def gradients(task: Learner, batch: Batch) -> dict[str, float]:
    """Cosine between the gradients of both losses with respect to what they share, and lengths.

    Nothing is dropped out, and which genes are hidden is always the same. What a stage has frozen
    is looked at all the same. 0 where a loss has no gradient.
    """
    named = dict(task.model.named_parameters())
    shared = {n: each for n, each in named.items() if n.startswith(("encoder.", "log_weight."))}
    frozen = [each for each in shared.values() if not each.requires_grad]
    for each in frozen:
        each.requires_grad_(True)
    with torch.enable_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        losses = task.losses(batch, BOTH)
        found = {
            name: dict(zip(shared, _gradient(losses[name], shared.values()), strict=True))
            for name in BOTH
        }
    for each in frozen:
        each.requires_grad_(False)
    figures = {}
    for title, starts in SHARED.items():
        one, other = (_stacked(found[name], starts) for name in BOTH)
        figures[f"cosine_{title}"] = float(nn.functional.cosine_similarity(one, other, dim=0))
    return figures | {
        f"length_{name}": float(_stacked(found[name], SHARED["both"]).norm()) for name in BOTH
    }


def _gradient(loss: Tensor, parameters: Iterable[Tensor]) -> list[Tensor]:
    kept = list(parameters)
    made = torch.autograd.grad(loss, kept, retain_graph=True, allow_unused=True)
    return [
        torch.zeros_like(one) if each is None else each
        for one, each in zip(kept, made, strict=True)
    ]


def _stacked(found: Mapping[str, Tensor], starts: Iterable[str]) -> Float[Tensor, "_"]:
    """Gradients of the parameters below some names, end to end."""
    return torch.cat(
        [each.flatten() for name, each in found.items() if name.split(".")[0] in starts]
    )


@torch.inference_mode()
def held_out(model: nn.Module, cells: Mapping[str, tuple[Tensor, Tensor]]) -> float:
    """Minus the log-likelihood of a count: the mean over species, cells and genes."""
    means = []
    for species, (levels, counts) in cells.items():
        weight, total = model.weight(species), 0.0
        for shown, count in zip(levels.split(AT_ONCE), counts.split(AT_ONCE), strict=True):
            vectors = model.encoder(shown, weight)
            rates = model.decoder(vectors, species, weight, count.sum(1))
            total += float(zinb(count, *rates).sum())
        means.append(total / counts.numel())
    return sum(means) / len(means)
