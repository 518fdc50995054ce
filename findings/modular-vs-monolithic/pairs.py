"""The pairs that the study trained and tested on.

As many pairs as there are edges are drawn evenly from all regulators times all genes, edges left
out; all are shuffled and cut 70/15/15 once. A ratio of r:1 replaces the negatives of the training
part by r times as many fresh draws; validation and test stay 1:1.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from prior import Prior
from training.pairs.negatives import KnownEdges

SPLIT_SEED = 42
SHARES = (0.7, 0.15)

Rows = Int64[np.ndarray, "pairs 2"]


@dataclass(frozen=True)
class Labelled:
    """Pairs with their labels, in the order drawn."""

    pairs: Rows
    label: Bool[np.ndarray, "pairs"]

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, rows: slice) -> "Labelled":
        return Labelled(self.pairs[rows], self.label[rows])

    @classmethod
    def shuffled(cls, positives: Rows, negatives: Rows, rng: np.random.Generator) -> "Labelled":
        """Both sets with their labels, in random order."""
        order = rng.permutation(len(positives) + len(negatives))
        return cls(np.concatenate([positives, negatives])[order], order < len(positives))


@dataclass(frozen=True)
class Benchmark:
    """The three parts, and how many held-out negatives training saw as negatives."""

    train: Labelled
    valid: Labelled
    test: Labelled
    test_negatives_in_train: int


def draw_negatives(wanted: int, prior: Prior, rng: np.random.Generator) -> Rows:
    """Draw pairs evenly, edges left out. As in the study a pair may come twice."""
    known = KnownEdges.of(prior.edges, len(prior.genes))
    drawn = np.empty((0, 2), np.int64)
    while len(drawn) < wanted:
        size = wanted - len(drawn)
        rows = np.stack([rng.integers(0, len(side), size) for side in (prior.tfs, prior.genes)], 1)
        drawn = np.concatenate([drawn, rows[~known.contains(rows)]])
    return drawn


def benchmark(prior: Prior, ratio: int = 1, seed: int = SPLIT_SEED) -> Benchmark:
    """The split of the study with `ratio` training negatives for every training edge."""
    rng = np.random.default_rng(seed)
    negatives = draw_negatives(len(prior.edges), prior, rng)
    everything = Labelled.shuffled(prior.edges, negatives, rng)
    first, second = (int(len(everything) * share) for share in SHARES)
    train, valid = everything[:first], everything[first : first + second]
    test = everything[first + second :]
    if ratio != 1:
        positives, rng = train.pairs[train.label], np.random.default_rng(seed + ratio)
        negatives = draw_negatives(ratio * len(positives), prior, rng)
        train = Labelled.shuffled(positives, negatives, rng)
    seen = KnownEdges.of(train.pairs[~train.label], len(prior.genes))
    leaked = int(seen.contains(test.pairs[~test.label]).sum())
    return Benchmark(train, valid, test, leaked)
