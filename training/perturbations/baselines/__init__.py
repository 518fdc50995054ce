"""Simple rivals of a model of perturbation sets, one rung one file, found by name.

A rung's module has TITLE (a few words for a table) and `fit(context) -> Rung`. A rung answers as
one of the sources would: sources measure interactions in units of their own. Names that begin with
an underscore are what rungs share.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from jaxtyping import Float32, Float64, Int64

from contracts.sets.kinds import pack, unpack
from training.data.perturbations import LARGEST, PerturbationData, Records
from training.perturbations.features import gene_features
from training.perturbations.split import SetSplit
from zoo.perturbations.composition import Head, compose_block

Members = Int64[np.ndarray, "sets 3"]
Values = Float64[np.ndarray, "sets"]
Interaction = Callable[[Members, str], Values]
"""Interactions of deleted genes (positions, then -1) in the unit of a source."""


@dataclass(frozen=True)
class Answer:
    """What a model says of each set; of more than one unit, interactions are in the source's."""

    interaction: Values
    fitness: Values


Rung = Callable[[Members, str], Answer]


@dataclass(frozen=True, eq=False)
class Context:
    """What a rung may learn from: the training part, and the validation parts to choose with."""

    data: PerturbationData
    split: SetSplit
    seed: int = 0

    @property
    def genes(self) -> int:
        """How many genes there are."""
        return len(self.data.vocabulary)

    @cached_property
    def train(self) -> Records:
        """All training records."""
        return self.part("train")

    def part(self, name: str) -> Records:
        """The records of one part of the split."""
        return self.data.records.take(self.split.rows(self.data, name))

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The sources that have training records."""
        return tuple(np.unique(self.train.source).tolist())

    @cached_property
    def single(self) -> Float64[np.ndarray, "genes"]:
        """Fitness of single mutants, the mean of the others where none was measured."""
        return self.data.filled_single_fitness

    @cached_property
    def features(self) -> Float32[np.ndarray, "genes features"]:
        """What every model may know of a gene, standardised."""
        return gene_features(self.data).standardised

    def pairs_of(self, source: str) -> str:
        """The source whose epsilon stands for the pairs inside of a source's triples.

        It is the one that has most of the pairs in training, which were measured as controls.
        """
        genes, triples = self.genes, _of(self.train, source).members
        inside = np.concatenate([triples[:, pair] for pair in combinations(range(3), 2)])
        found = {self.data.headline_source: -1}
        for name in self.sources:
            rows = _of(self.train, name)
            if (rows.unit == "epsilon").all():
                key = rows.members[:, 0] * genes + rows.members[:, 1]
                found[name] = int(np.isin(inside[:, 0] * genes + inside[:, 1], key).sum())
        return max(found, key=lambda name: (found[name], name == self.data.headline_source))


def labelled(records: Records, source: str) -> Records:
    """The records of one source that have an interaction."""
    own = _of(records, source)
    return own.take(np.isfinite(own.interaction))


def _of(records: Records, source: str) -> Records:
    return records.take(records.source == source)


def orders(members: Members) -> Int64[np.ndarray, "sets"]:
    """How many members each set has."""
    return (members >= 0).sum(axis=1)


def product(single: Float64[np.ndarray, "genes"], members: Members) -> Values:
    """Fitness of each set if its genes did not interact."""
    return np.where(members >= 0, single[members], 1.0).prod(axis=1)


def followed(
    single: Float64[np.ndarray, "genes"], members: Members, fitness: Callable[[Members], Values]
) -> Answer:
    """A fitness of sets, and the interactions that follow from it: epsilon, or tau.

    tau is what fitness of three differs from the product, less such an epsilon of every pair times
    the third gene's fitness (Kuzmin et al., Science 360, 2018, eaao1729).
    """
    found = fitness(members)
    beyond = found - product(single, members)
    rows = np.flatnonzero(orders(members) == LARGEST)
    for third in range(LARGEST if len(rows) else 0):
        pairs = np.delete(members[rows], third, axis=1)
        pairs = np.pad(pairs, ((0, 0), (0, 1)), constant_values=-1)
        epsilon = fitness(pairs) - product(single, pairs)
        beyond[rows] -= epsilon * single[members[rows, third]]
    return Answer(beyond, found)


def composed(context: Context, interaction: Interaction) -> Rung:
    """A rung of its interactions alone: fitness is composed of them as the zoo composes it."""
    inside = {source: context.pairs_of(source) for source in context.sources}

    def answer(members: Members, source: str) -> Answer:
        size = orders(members)
        found = np.empty((2, len(members)))
        for order in np.unique(size).tolist():
            rows = np.flatnonzero(size == order)
            head = _head(context, interaction, {order: source}, inside[source])
            block = compose_block(pack(members[rows, :order]), head)
            found[:, rows] = block.gene_interaction, block.fitness
        return Answer(*found)

    return answer


def _head(context: Context, interaction: Interaction, source: dict[int, str], inside: str) -> Head:
    """Interaction and expectation of coded sets: of the whole by `source`, of parts by `inside`."""

    def head(codes: Int64[np.ndarray, "sets order"]) -> tuple[Values, Values]:
        total, order = codes.shape
        members = np.full((total, LARGEST), -1)
        members[:, :order] = unpack(codes)[0]
        values = interaction(members, source.get(order, inside)) if order > 1 else np.zeros(total)
        return values, product(context.single, members)

    return head
