"""Steps of a training over cells: some cells of each species, drawn anew every epoch."""

from collections.abc import Iterator, Mapping

import lightning
import numpy as np
from jaxtyping import Int64
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

Batch = dict[str, Int64[np.ndarray, "_"] | Int64[Tensor, "_"]]
"""By species the places of cells among those that are trained on."""


class CellBatches(lightning.LightningDataModule):
    """Batches of `batch_size` cells, as many of one species as of another.

    With `of_type`, a batch has so many cells of each type instead: rare types are drawn again. An
    epoch has as many steps as go through the species with the most cells. Every epoch follows from
    the seed and its number alone, so that a resumed run sees what an undisturbed one would.
    """

    def __init__(
        self,
        labels: Mapping[str, np.ndarray],
        batch_size: int,
        of_type: int,
        seed: int,
    ):
        super().__init__()
        self.labels, self.size, self.of_type, self.seed = labels, batch_size, of_type, seed
        self.cells = batch_size // len(labels)
        self.steps = -(-max(map(len, labels.values())) // self.cells)

    def train_dataloader(self) -> DataLoader:
        """The steps of the coming epoch."""
        epoch = self.trainer.current_epoch if self.trainer else 0
        return DataLoader(_Steps(self, epoch), batch_size=None)

    def drawn(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch."""
        rng = np.random.default_rng([self.seed, epoch])
        orders = {species: _endless(len(each), rng) for species, each in self.labels.items()}
        for _ in range(self.steps):
            if self.of_type:
                yield {species: self._of_types(each, rng) for species, each in self.labels.items()}
            else:
                yield {
                    species: np.array([next(order) for _ in range(self.cells)])
                    for species, order in orders.items()
                }

    def _of_types(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """As many cells of each type."""
        drawn = []
        for name in np.unique(labels):
            there = np.flatnonzero(labels == name)
            drawn.append(rng.choice(there, self.of_type, replace=len(there) < self.of_type))
        return np.concatenate(drawn)


class _Steps(IterableDataset):
    """The steps of one epoch."""

    def __init__(self, batches: CellBatches, epoch: int):
        self.batches, self.epoch = batches, epoch

    def __iter__(self) -> Iterator[Batch]:
        yield from self.batches.drawn(self.epoch)

    def __len__(self) -> int:
        return self.batches.steps


def _endless(cells: int, rng: np.random.Generator) -> Iterator[int]:
    """All cells in an order drawn by chance, again and again."""
    while True:
        yield from rng.permutation(cells).tolist()
