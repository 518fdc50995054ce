"""A training step of the CLS-transformer at more and more sets, its encoder and its head.

Run it with `make bench` or `python benchmarks/training_step.py`; it reads the training data in
ZOO_DATA, and without it says so and measures nothing. A step draws sets, encodes its genes once,
scores the sets, goes back through both and follows the gradient. Encoder and head are measured by
themselves as well, the head on a cell that is held.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
import typer
from measure import alternate
from page import save
from torch import Tensor, nn

from training import recipe
from training.begin import Options
from training.perturbations.batches import Batch, Plan, SetBatches
from training.perturbations.features import gene_features
from training.perturbations.fits import Job
from training.perturbations.fits.cls_transformer import Learner, Numbers, _model

ENTRY, SETS = "cls_transformer-yeast", (64, 512, 4096)
PARTS = ("step", "drawing", "encoder", "head")


class Held(Learner):
    """A learner whose cell is given: what is left of a step is the head and its loss."""

    cell: tuple[Any, Any]

    def encode(self, genes: Tensor, hide: Tensor | None = None) -> tuple[Any, Any]:
        """The cell as it was given."""
        return self.cell

    def hold(self, learner: Learner, batch: Batch) -> None:
        """Take the cell that `learner` makes of a batch's genes."""
        state, inputs = learner.encode(batch.genes)
        self.cell = tuple(part.detach().requires_grad_() for part in state), inputs


class Steps:
    """Steps of one size: `sets` in the recipe's proportion of headline sets to others."""

    def __init__(self, job: Job, learner: Learner, sets: int):
        numbers, fit = learner.numbers, job.recipe.fit
        assert fit is not None
        asked = numbers.headline_sets + numbers.other_sets
        headline = max(1, round(sets * numbers.headline_sets / asked))
        plan = Plan(numbers.genes, headline, sets - headline, numbers.steps)
        self.batches = SetBatches(job.data, job.split, job.labels, plan, job.seed)
        self.rng, self.learner, self.clip = np.random.default_rng(0), learner, fit.gradient_clip
        self.optimizer = torch.optim.AdamW(
            learner.parameters(), lr=fit.learning_rate, weight_decay=fit.weight_decay
        )
        self.batch = self.batches.step(self.rng)
        # The networks belong to the encoder's side: their loss does not look at any set.
        alone = numbers.model_copy(update={"graph_weight": 0.0})
        self.held = Held(job, alone, learner.model, learner.features)
        self.held.hold(learner, self.batch)

    def step(self) -> None:
        """All of a step."""
        batch = self.drawing()
        self.optimizer.zero_grad()
        total(self.learner, batch, self.rng).backward()
        nn.utils.clip_grad_norm_(self.learner.parameters(), self.clip)
        self.optimizer.step()

    def drawing(self) -> Batch:
        """Other sets, and the genes that they are of."""
        return self.batches.step(self.rng)

    def encoder(self) -> None:
        """The cell, and back through it."""
        state, _ = self.learner.encode(self.batch.genes)
        torch.autograd.backward(state, [torch.ones_like(part) for part in state])

    def head(self) -> None:
        """The head with its loss, and back to the cell."""
        total(self.held, self.batch, self.rng).backward()


def total(learner: Learner, batch: Batch, rng: np.random.Generator) -> Tensor:
    """The sum of the loss terms."""
    return torch.stack([*learner.losses(batch, rng).values()]).sum()


def prepared(entry: str) -> tuple[Job, Learner]:
    """The recipe's training just before its first step."""
    chosen = recipe.load(entry)
    job = Job.open(chosen, Options(Path()))
    known = gene_features(job.data, job.data.records.take(job.train))
    torch.manual_seed(chosen.seed)
    numbers = Numbers(**chosen.objective)
    return job, Learner(
        job, numbers, _model(job, known.names), torch.from_numpy(known.standardised)
    )


def measured(job: Job, learner: Learner, threads: int, seconds: float) -> list[dict]:
    """Seconds of a step and of its parts, for every number of sets."""
    torch.set_num_threads(threads)
    steps = {sets: Steps(job, learner, sets) for sets in SETS}
    engines = {
        f"{name} {sets}": getattr(one, name) for sets, one in steps.items() for name in PARTS
    }
    spent = alternate(engines, seconds)
    return [
        {
            "threads": threads,
            "sets": len(one.batch.source),
            "scored": len(one.batch.order),
            "genes": len(one.batch.genes),
            **{name: spent[f"{name} {sets}"] for name in PARTS},
        }
        for sets, one in steps.items()
    ]


def main(entry: str = ENTRY, seconds: float = 60.0) -> None:
    """Measure, print a table, write results/training_step.json."""
    if not os.environ.get("ZOO_DATA"):
        print("ZOO_DATA is not set: the training step was not measured, its results stay.")
        return
    job, learner = prepared(entry)
    rows = [row for threads in (1, 2) for row in measured(job, learner.train(), threads, seconds)]
    save("training_step", {"entry": entry, "rows": rows, "torch": torch.__version__})


if __name__ == "__main__":
    typer.run(main)
