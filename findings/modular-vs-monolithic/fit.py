"""Train one of the study's networks; one run gives the last epoch and the best one.

Adam without decay, batches of 256, 60 epochs. The networks stop as the study's did: accuracy on
validation is looked at every few epochs and a number of looks without gain ends the run. The
weights of the epoch with the highest validation AUROC are scored as well, from the same run.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from gradients import Failures, probability
from models import ARCHITECTURES, WIDTH
from pairs import Benchmark, Labelled
from prior import Prior
from scores import auroc

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


@dataclass(frozen=True)
class Trained:
    """What one run left: test logits of both variants, and one record an epoch."""

    last: Logits
    restored: Logits
    best_epoch: int
    frozen_epoch: int | None
    history: list[Record]
    parameters: int
    seconds: float


class Run:
    """One network with its optimiser and its record."""

    def __init__(self, name: str, prior: Prior, seed: int, failures: Failures, settings: Settings):
        torch.manual_seed(seed)
        kind = ARCHITECTURES[name]
        self.model = kind(len(prior.tfs), len(prior.genes), failures, settings.width)
        self.failures, self.settings, self.seed = failures, settings, seed
        self.weights = list(self.model.parameters())
        self.buffers = {
            id(m.weight): torch.zeros_like(m.weight)
            for m in self.model.modules()
            if isinstance(m, nn.Embedding)
        }
        self.adam = torch.optim.Adam(self.weights, lr=settings.learning_rate, fused=True)

    def step(self, tf: Tensor, gene: Tensor, label: Tensor) -> tuple[float, float, int]:
        """One batch: loss, total gradient norm before clipping, and how many it got right."""
        logit = self.model(tf, gene)
        loss = self.failures.loss(logit, label)
        self.adam.zero_grad()
        loss.backward()
        for weight in self.weights:
            self._dense(weight)
        norm = float(torch.linalg.vector_norm(torch.stack([w.grad.norm() for w in self.weights])))
        if norm > self.failures.clip:
            torch._foreach_mul_([w.grad for w in self.weights], self.failures.clip / norm)
        self.adam.step()
        return float(loss.detach()), norm, int(((logit.detach() >= 0) == label).sum())

    def _dense(self, weight: Tensor) -> None:
        """Add up the rows of an embedding's gradient: what Adam must see, without a new table."""
        if weight.grad is not None and weight.grad.is_sparse:
            rows, total = weight.grad, self.buffers[id(weight)]
            total.zero_().index_add_(0, rows._indices()[0], rows._values())
            weight.grad = total

    def epoch(self, number: int, train: Labelled) -> Record:
        """All training pairs once, in an order of this epoch's own."""
        order = np.random.default_rng([self.seed, number]).permutation(len(train))
        pairs = torch.from_numpy(train.pairs[order])
        label = torch.from_numpy(train.label[order])
        steps = [
            self.step(*pairs[rows].T.contiguous(), label[rows])
            for rows in torch.arange(len(order)).split(self.settings.batch)
        ]
        loss, norm, right = (np.array(column) for column in zip(*steps, strict=True))
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


def saturated(logit: Logits) -> float:
    """The share of pairs whose probability is exactly 0 or 1 in single precision."""
    p = probability(torch.from_numpy(logit)).numpy()
    return float(((p == 0) | (p == 1)).mean())


def fit(run: Run, parts: Benchmark, report: Callable[[Record], None] = lambda _: None) -> Trained:
    """Train `run` on `parts` until it stops; `report` gets every epoch's record."""
    begin, history, frozen = time.perf_counter(), [], None
    best, best_epoch, restored = -np.inf, 0, None
    best_look, looks_without_gain = -np.inf, 0
    for number in range(1, run.settings.epochs + 1):
        record = run.epoch(number, parts.train)
        logit = run.logits(parts.valid)
        record["valid_accuracy"] = float(((logit >= 0) == parts.valid.label).mean())
        record["valid_auroc"] = auroc(parts.valid.label, logit)
        record["saturated"] = saturated(logit)
        history.append(record)
        report(record)
        if record["valid_auroc"] > best:
            best, best_epoch, restored = record["valid_auroc"], number, run.logits(parts.test)
        if run.settings.looks(number):
            gained = record["valid_accuracy"] > best_look
            best_look = max(best_look, record["valid_accuracy"])
            looks_without_gain = 0 if gained else looks_without_gain + 1
        if record["norm_max"] < FROZEN:
            frozen = number
        if frozen or looks_without_gain >= run.settings.patience:
            break
    assert restored is not None
    count = sum(weight.numel() for weight in run.weights)
    seconds = time.perf_counter() - begin
    return Trained(
        run.logits(parts.test), restored, best_epoch, frozen, history, count, round(seconds, 1)
    )
