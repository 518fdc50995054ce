"""A network of two layers that is trained in two stages: an autoencoder, then a regression."""

from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from training import recipe
from training.begin import Options, begin
from training.loop import History
from training.recipe import Recipe, Stage
from training.split import Parts
from training.stages import run as stages
from training.stages.learning import Staged

LOSSES = ("rebuild", "sparse", "regress")
STEPS, WIDTH = 3, 6
STAGES: list[dict[str, Any]] = [
    {
        "name": "rebuild",
        "losses": {"rebuild": 1.0, "sparse": 0.1},
        "hands_on": ["encoder"],
        "monitored": False,
        "fit": {"max_epochs": 3},
    },
    {"name": "regress", "losses": {"regress": 1.0}, "fit": {"learning_rate": 0.02}},
]


class Split(Parts):
    PARTS, TABLE, DIGEST = ("train",), "table", "table_digest"


SPLIT = Split(np.zeros(4, np.uint8), "digest", 0)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(WIDTH, 4)
        self.decoder = nn.Linear(4, WIDTH)
        self.head = nn.Linear(4, 1)
        self.register_buffer("offset", torch.zeros(1))


class Task(Staged):
    """Counts the times that each loss was computed in `computed`."""

    computed: list[str]

    def __init__(self, recipe: Recipe, seed: int):
        super().__init__(recipe.fit, seed, ["valid"])
        self.model = Net()
        self.rate = recipe.objective.get("dropout", 0.3)

    def terms(self, batch: list[Tensor], _: int) -> dict[str, Tensor]:
        x, label = batch
        hidden = nn.functional.dropout(self.model.encoder(x).tanh(), self.rate, self.training)
        made = {
            "rebuild": lambda: (self.model.decoder(hidden) - x).square().mean(),
            "sparse": lambda: hidden.abs().mean(),
            "regress": lambda: (self.model.head(hidden)[:, 0] - label).square().mean(),
        }
        return {name: made[name]() for name in self.wanted}

    def validation_step(self, batch: list[Tensor], _: int, dataloader_idx: int = 0) -> None:
        x, label = batch
        self.held_out[dataloader_idx] = (self.model.head(self.model.encoder(x).tanh())[:, 0], label)

    def figure(self, prediction: Tensor, label: Tensor) -> float:
        return -float((prediction - label).square().mean())


class Batches(lightning.LightningDataModule):
    steps = STEPS

    def _loader(self, seed: list[int], steps: int) -> DataLoader:
        rng = np.random.default_rng(seed)
        x = torch.from_numpy(rng.normal(size=(steps, 16, WIDTH)).astype(np.float32))
        return DataLoader([[each, each[:, :2].sum(1)] for each in x], batch_size=None)

    def train_dataloader(self) -> DataLoader:
        return self._loader([1, self.trainer.current_epoch], STEPS)

    def val_dataloader(self) -> list[DataLoader]:
        return [self._loader([2], 1)]


def make(stage: Stage, recipe: Recipe, seed: int = 1) -> tuple[Staged, Batches]:
    return Task(recipe, seed), Batches()


def chosen(stages: list[dict[str, Any]] = STAGES, **fit: Any) -> Recipe:
    """A recipe with these stages; an architecture that has nothing to do with the network."""
    content = {"entry": "degree-toy", "version": "0.1", "summary": "A toy.", "species": "human",
               "tissue": "none", "dataset": "toy", "split_seed": 12, "seed": 1,
               "weights_licence": "CC0-1.0", "stages": stages,
               "fit": {"max_epochs": 4, "patience": 4, "batch_size": 16, "learning_rate": 0.05,
                       "weight_decay": 0.01, "gradient_clip": 5.0} | fit}  # fmt: skip
    return recipe.build(content, "degree-toy.toml")


def trained(
    folder: Path, wanted: Recipe | None = None, seed: int = 1, make=make, **options: Any
) -> tuple[nn.Module, History]:
    """Begin and run all stages."""
    wanted = wanted or chosen()
    given = Options(folder, progress=False, **options)
    given.check()
    begin(wanted, SPLIT, seed, given)
    return stages.run(wanted, SPLIT, seed, given, make, LOSSES)
