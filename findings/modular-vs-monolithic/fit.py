"""Train one of the study's networks; one run gives the last epoch and the best one.

Adam without decay, batches of 256, 60 epochs. The networks stop as the study's did: accuracy on
validation is looked at every few epochs and a number of looks without gain ends the run. The
weights of the epoch with the highest validation AUROC are scored as well, from the same run.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float32
from pydantic import BaseModel, ConfigDict
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from gradients import Failures
from models import ARCHITECTURES, WIDTH
from pairs import Benchmark, Labelled
from prior import Prior
from scores import saturated

CHUNK = 1024
# Below this total norm in every batch of an epoch, Adam (eps 1e-8) moves no weight any more.
FROZEN = 1e-12

Logits = Float32[np.ndarray, "pairs"]
Record = dict[str, int | float]


class Settings(BaseModel):
    """How one run is trained; a result is only used where its settings are the study's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = WIDTH
    batch: int = 256
    learning_rate: float = 0.001
    epochs: int = 60
    look_every: int
    first_look: int
    patience: int
    pairs: int | None = None

    def looks(self, epoch: int) -> bool:
        """Whether the study looked at validation after this epoch (counted from 1)."""
        return epoch == self.epochs or (epoch - self.first_look) % self.look_every == 0


class Trained(NamedTuple):
    """What one run left: test logits of both variants, and what its file says of training."""

    logits: dict[str, Logits]
    record: dict[str, Any]


class Run:
    """One network with its optimiser."""

    def __init__(self, name: str, prior: Prior, seed: int, failures: Failures, settings: Settings):
        torch.manual_seed(seed)
        sizes = len(prior.tfs), len(prior.genes)
        self.model = ARCHITECTURES[name](*sizes, failures, settings.width)
        self.failures, self.settings, self.seed = failures, settings, seed
        self.adam = torch.optim.Adam(self.model.parameters(), settings.learning_rate, fused=True)

    def step(self, tf: Tensor, gene: Tensor, label: Tensor) -> tuple[float, float, int]:
        """One batch: loss, total gradient norm before clipping, and how many it got right."""
        logit = self.model(tf, gene)
        loss = self.failures.loss(logit, label)
        self.adam.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.failures.clip)
        self.adam.step()
        return float(loss.detach()), float(norm), int(((logit.detach() >= 0) == label).sum())

    def epoch(self, number: int, train: Labelled) -> Record:
        """All training pairs once, in an order of this epoch's own."""
        order = np.random.default_rng([self.seed, number]).permutation(len(train))
        parts = (torch.from_numpy(each[order]) for each in (train.pairs, train.label))
        batches = zip(*(each.split(self.settings.batch) for each in parts), strict=True)
        steps = [self.step(*some.T.contiguous(), label) for some, label in batches]
        loss, norm, right = np.array(steps).T
        return {
            "epoch": number,
            "train_loss": float(loss.mean()),
            "train_accuracy": float(right.sum() / len(train)),
            "norm_median": float(np.median(norm)),
            "norm_first": float(norm[0]),
            "norm_max": float(norm.max()),
            "clipped": float((norm > self.failures.clip).mean()),
        }

    @torch.no_grad()
    def logits(self, part: Labelled) -> Logits:
        """The logit of each pair of `part`."""
        pairs = torch.from_numpy(part.pairs)
        return torch.cat([self.model(*rows.T) for rows in pairs.split(CHUNK)]).numpy()

    def validate(self, valid: Labelled) -> Record:
        """Figures of the pairs that decide when a run ends, and which epoch is its best."""
        logit = self.logits(valid)
        return {
            "valid_accuracy": float(((logit >= 0) == valid.label).mean()),
            "valid_auroc": float(roc_auc_score(valid.label, logit)),
            "saturated": saturated(logit),
        }


def fit(run: Run, parts: Benchmark, report: Callable[[Record], None] = lambda _: None) -> Trained:
    """Train `run` on `parts` until it stops; `report` gets every epoch's record."""
    begin, settings = time.perf_counter(), run.settings
    history: list[Record] = []
    looks: list[float] = []
    best, best_epoch, restored, frozen = -np.inf, 0, run.logits(parts.test), None
    for number in range(1, settings.epochs + 1):
        record = run.epoch(number, parts.train) | run.validate(parts.valid)
        history.append(record)
        report(record)
        if record["valid_auroc"] > best:
            best, best_epoch, restored = record["valid_auroc"], number, run.logits(parts.test)
        if settings.looks(number):
            looks.append(record["valid_accuracy"])
        if record["norm_max"] < FROZEN:
            frozen = number
        if frozen or len(looks) - np.argmax([-np.inf, *looks]) >= settings.patience:
            break
    logits = {"last": run.logits(parts.test), "restored": restored}
    return Trained(
        logits,
        {
            "parameters": sum(weight.numel() for weight in run.model.parameters()),
            "seconds": round(time.perf_counter() - begin, 1),
            "epochs": len(history),
            "best_epoch": best_epoch,
            "frozen_epoch": frozen,
            # Six digits are enough for a record of training.
            "history": [{k: float(f"{v:.6g}") for k, v in x.items()} for x in history],
        },
    )
