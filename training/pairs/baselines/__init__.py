"""Simple rivals of a network on pairs, one rung one file, found by name.

A rung's module has TITLE (a few words for a table), KINDS (the training negatives that it is fitted
with, none for one that fits nothing) and `fit(context, negatives) -> Score`; one that not all data
are fit for has `suits(data) -> bool`. Names that begin with an underscore are what rungs share.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from contracts.errors import InvalidOption
from training.data.pairs import PairData
from training.pairs.batches import Degrees
from training.pairs.negatives import KnownEdges, NotRewirable, Pairs, degree_preserving, uniform
from training.pairs.split import Split

Labels = Bool[np.ndarray, "pairs"]
Features = Float32[np.ndarray, "genes features"]
Score = Callable[[Pairs], Float64[np.ndarray, "pairs"]]

UNIFORM, DEGREE_PRESERVING = "uniform", "degree_preserving"
FOLDS = 10
EXPRESSION = ("darmanis:", "hpa:", "semrau:")
"""How the names of features begin that are expression."""


@dataclass(frozen=True, eq=False)
class Fold:
    """Labelled training pairs, and the training edges that none of their positives is among."""

    edges: Int64[np.ndarray, "edges 2"]
    pairs: Pairs
    label: Labels


@dataclass(frozen=True, eq=False)
class Context:
    """What a rung may learn from: the training part, and the validation part to choose with."""

    data: PairData
    split: Split
    degrees: Degrees
    known: KnownEdges
    seed: int = 0

    @classmethod
    def of(cls, data: PairData, split: Split, seed: int = 0) -> "Context":
        """Count the training edges and index the listed ones. Raises StaleSplit."""
        degrees = Degrees.count(data, split.positives(data, "train"))
        return cls(data, split, degrees, KnownEdges.of(data.pairs, len(degrees.gene)), seed)

    @cached_property
    def features(self) -> Features:
        """Standardised expression of every gene, and what else is known of it."""
        profile = self.data.profile
        return profile.codes * profile.scale + profile.offset

    @cached_property
    def expression(self) -> Features:
        """The expression among the features."""
        return self.features[:, is_expression(self.data)]

    @cached_property
    def tf_rows(self) -> Int64[np.ndarray, "tfs"]:
        """The row of every regulator in `features`."""
        return self.data.tf_positions

    @cached_property
    def train(self) -> Pairs:
        """The training edges."""
        return self.split.positives(self.data, "train")

    @cached_property
    def listed_genes(self) -> Int64[np.ndarray, "listed"]:
        """Genes that have a training edge."""
        return np.flatnonzero(self.degrees.gene)

    def training(self, negatives: str) -> tuple[Pairs, Labels]:
        """The labelled pairs of all folds, in their order."""
        folds = self.folds(negatives)
        pairs = np.concatenate([fold.pairs for fold in folds])
        return pairs, np.concatenate([fold.label for fold in folds])

    def valid(self, negatives: str) -> tuple[Pairs, Labels]:
        """The validation pairs, against this kind of negatives where the split has it."""
        kinds = (f"valid/{kind}" for kind in (negatives, "given", DEGREE_PRESERVING))
        drawn = next(self.split.negatives[k] for k in kinds if k in self.split.negatives)
        return labelled(self.split.positives(self.data, "valid"), drawn)

    def folds(self, negatives: str) -> list[Fold]:
        """The training edges in FOLDS random parts, each with negatives drawn inside it.

        Drawn inside, a gene loses the same edges where it is positive and where it is negative.
        Drawn over all folds, a positive would show by its lower degree among a fold's `edges`.
        A benchmark that comes split keeps its own training negatives (`train/given`), spread
        evenly, but for degree-preserving ones where it can be rewired.
        """
        check_kind(negatives)
        rng = np.random.default_rng(self.seed)
        count = min(FOLDS, len(self.train))
        fold = rng.permutation(len(self.train)) % count
        held = [self.train[fold == one] for one in range(count)]
        drawn = self._negatives(held, negatives, rng)
        return [
            Fold(self.train[fold != one], *labelled(held[one], drawn[one])) for one in range(count)
        ]

    def _negatives(
        self, held: list[np.ndarray], negatives: str, rng: np.random.Generator
    ) -> list[np.ndarray]:
        """The negatives [pairs, 2] of every fold, from its edges [edges, 2].

        Raises NotRewirable where none can be drawn.
        """
        given = self.split.negatives.get("train/given")
        if given is not None and negatives == UNIFORM:
            return _spread(given, len(held), rng)
        try:
            return [self._draw(part, negatives, rng) for part in held]
        except NotRewirable:
            if given is None:
                raise
            return _spread(given, len(held), rng)

    def _draw(self, held: Pairs, negatives: str, rng: np.random.Generator) -> Pairs:
        if negatives == DEGREE_PRESERVING:
            return degree_preserving(held, self.known, rng)
        tfs = np.flatnonzero(self.degrees.tf)
        return uniform(len(held), tfs, self.listed_genes, self.known, rng)


def _spread(pairs: Pairs, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The pairs in `count` random parts of equal size."""
    part = rng.permutation(len(pairs)) % count
    return [pairs[part == one] for one in range(count)]


def labelled(
    positives: Int64[np.ndarray, "positives 2"], negatives: Int64[np.ndarray, "negatives 2"]
) -> tuple[Pairs, Labels]:
    """Both kinds of pairs, positives first, with their labels."""
    pairs = np.concatenate([positives, negatives])
    return pairs, np.arange(len(pairs)) < len(positives)


def check_kind(negatives: str) -> None:
    """Raise InvalidOption for a kind of training negatives that there is not."""
    if negatives not in (UNIFORM, DEGREE_PRESERVING):
        raise InvalidOption("negatives", negatives, f"{UNIFORM} or {DEGREE_PRESERVING}")


def is_expression(data: PairData) -> Bool[np.ndarray, "features"]:
    """Which features are expression; all, of data whose features have other names than these."""
    found = np.array([name.startswith(EXPRESSION) for name in data.profile.features])
    return found if found.any() else ~found


def knows(data: PairData) -> bool:
    """Whether the profile has more than expression."""
    return not is_expression(data).all()
