"""Steps of a training over perturbation sets: which genes are encoded, which sets are asked.

A step encodes a part of the genes once, whatever the number of sets, and asks for sets of these
genes alone. The genes of the headline source and of query strains are always among them, so that
these sets can always be drawn; all others take turns.
"""

from collections.abc import Iterator
from typing import NamedTuple

import lightning
import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from training.data.perturbations import PerturbationData
from training.perturbations.labels import Labels, measured_fitness
from training.perturbations.split import SetSplit

MONITORED = ("valid", "one_new_valid")
"""Parts whose sets of the headline source validation looks at."""

QUERY_SETS = 300
"""A gene of small sources that stands in more sets than this is always among the encoded ones."""


class Batch(NamedTuple):
    """One step. Sets are flat, see zoo.architectures._sets; members are places among `genes`.

    The first sets have labels: `source` and `z` (NaN where there is none), and measured `fitness`
    (NaN where there is none). For each triple among them, `triple` has its row, and the three pairs
    that it consists of follow the labelled sets, in `pairs` [triples, 3]; the pair k leaves out
    `rest` [triples, 3], a place among `genes`.
    """

    genes: Int64[Tensor, "genes"]
    member: Int64[Tensor, "members"]
    kind: Int64[Tensor, "members"]
    segment: Int64[Tensor, "members"]
    order: Int64[Tensor, "sets"]
    source: Int64[Tensor, "labelled"]
    z: Float[Tensor, "labelled"]
    fitness: Float[Tensor, "labelled"]
    triple: Int64[Tensor, "triples"]
    pairs: Int64[Tensor, "triples 3"]
    rest: Int64[Tensor, "triples 3"]

    def target(self, like: Float[Tensor, "_ sources"]) -> Float[Tensor, "labelled sources"]:
        """The labels, each in the column of its source; NaN elsewhere."""
        target = like.new_full((len(self.source), like.shape[1]), torch.nan)
        target[torch.arange(len(target)), self.source] = self.z
        return target


class Plan(NamedTuple):
    """How many genes are encoded at a step (0: all), and how many sets of which kind are asked."""

    genes: int
    headline_sets: int
    other_sets: int
    steps: int


class SetBatches(lightning.LightningDataModule):
    """Training steps and validation sets.

    Every epoch's steps follow from the seed and the epoch's number alone, so that a resumed run
    sees what an undisturbed one would.
    """

    def __init__(
        self, data: PerturbationData, split: SetSplit, labels: Labels, plan: Plan, seed: int
    ):
        super().__init__()
        self.data, self.labels, self.plan, self.seed = data, labels, plan, seed
        self.fitness = measured_fitness(data.records)
        self.total = len(data.vocabulary)
        headline = data.records.source == data.headline_source
        train = split.rows(data, "train")
        self.headline, self.other = train[headline[train]], train[~headline[train]]
        self.always = self._always(headline)
        self.turns = np.setdiff1d(np.arange(self.total), self.always)
        rows = {part: split.rows(data, part) for part in MONITORED}
        self.held_out = {part: each[headline[each]] for part, each in rows.items()}

    def _always(self, headline: Bool[np.ndarray, "records"]) -> Int64[np.ndarray, "genes"]:
        members, small = self.data.records.members, ~np.isnan(self.fitness)
        queries = np.bincount(members[small][members[small] >= 0], minlength=self.total)
        own = members[headline]
        return np.union1d(own[own >= 0], np.flatnonzero(queries > QUERY_SETS))

    @property
    def monitored(self) -> tuple[str, ...]:
        """The validation parts that have sets."""
        return tuple(part for part, rows in self.held_out.items() if len(rows))

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return self.plan.steps

    def step(self, rng: np.random.Generator) -> Batch:
        """Draw one step."""
        genes = self._genes(rng)
        place = np.full(self.total + 1, -1)
        place[genes] = np.arange(len(genes))
        place[-1] = 0  # a member that is not there
        members = self.data.records.members
        can = self.other[(place[members[self.other]] >= 0).all(axis=1)]
        rows = [
            rng.choice(part, min(count, len(part)), replace=False)
            for part, count in (
                (self.headline, self.plan.headline_sets),
                (can, self.plan.other_sets),
            )
        ]
        return self.batch(np.concatenate(rows), genes, place)

    def _genes(self, rng: np.random.Generator) -> Int64[np.ndarray, "genes"]:
        free = self.plan.genes - len(self.always)
        if self.plan.genes == 0 or free >= len(self.turns):
            return np.arange(self.total)
        drawn = rng.choice(self.turns, max(free, 0), replace=False)
        return np.sort(np.concatenate([self.always, drawn]))

    def batch(
        self,
        rows: Int64[np.ndarray, "labelled"],
        genes: Int64[np.ndarray, "genes"] | None = None,
        place: Int64[np.ndarray, "genes_and_none"] | None = None,
    ) -> Batch:
        """The records `rows` as a step, over all genes unless `genes` says which.

        `place` then has the place of every gene of the vocabulary among them.
        """
        genes = np.arange(self.total) if genes is None else genes
        members = self.data.records.members[rows]
        triple = np.flatnonzero((members >= 0).sum(axis=1) == 3)
        left_out = ((2, (0, 1)), (1, (0, 2)), (0, (1, 2)))
        padding = np.full((len(triple), 1), -1)
        pairs = [np.hstack([members[triple][:, both], padding]) for _, both in left_out]
        everything = np.concatenate([members, *pairs])
        inside = everything >= 0
        order = inside.sum(axis=1)
        flat = everything[inside]
        rest = members[triple][:, [one for one, _ in left_out]]
        if place is not None:
            flat, rest = place[flat], place[rest]
        follow = len(rows) + np.arange(3)[None, :] * len(triple) + np.arange(len(triple))[:, None]
        return Batch(
            genes=torch.from_numpy(genes),
            member=torch.from_numpy(flat),
            kind=torch.zeros(len(flat), dtype=torch.int64),
            segment=torch.from_numpy(np.repeat(np.arange(len(order)), order)),
            order=torch.from_numpy(order),
            source=torch.from_numpy(self.labels.source[rows]),
            z=torch.from_numpy(self.labels.z[rows].astype(np.float32)),
            fitness=torch.from_numpy(self.fitness[rows].astype(np.float32)),
            triple=torch.from_numpy(triple),
            pairs=torch.from_numpy(follow),
            rest=torch.from_numpy(rest),
        )

    def train_dataloader(self) -> DataLoader:
        """This epoch's steps."""
        epoch = self.trainer.current_epoch if self.trainer else 0
        return DataLoader(_Steps(self, epoch), batch_size=None)

    def val_dataloader(self) -> list[DataLoader]:
        """One batch for each monitored part."""
        batches = (self.batch(self.held_out[part]) for part in self.monitored)
        return [DataLoader([batch], batch_size=None) for batch in batches]


class _Steps(IterableDataset):
    """The steps of one epoch."""

    def __init__(self, batches: SetBatches, epoch: int):
        self.batches, self.epoch = batches, epoch

    def __len__(self) -> int:
        return self.batches.steps

    def __iter__(self) -> Iterator[Batch]:
        rng = np.random.default_rng([self.batches.seed, self.epoch])
        for _ in range(len(self)):
            yield self.batches.step(rng)
