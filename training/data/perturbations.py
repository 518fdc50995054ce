"""What a dataset of gene perturbations is, whatever its source."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy.sparse import csr_array

from contracts.genes.vocabulary import Vocabulary

LARGEST = 3
"""Most genes in a set of the records: what is measured beyond triples is not at hand."""

UNITS = {2: ("epsilon", "emap_s"), 3: ("tau",)}
"""The units that an interaction of so many genes is measured in."""


@dataclass(frozen=True)
class Network:
    """Edges between genes, and the genes that have any.

    `adjacency` is boolean, without loops, over the genes of the vocabulary and, after them, those
    that only networks know. A pair has a defined entry (the mask R of a graph-regularised head)
    where both genes are `covered`.
    """

    adjacency: csr_array
    covered: Bool[np.ndarray, "nodes"]

    @property
    def either_way(self) -> csr_array:
        """Edges without their direction, 0 or 1 in float64."""
        return ((self.adjacency + self.adjacency.T) > 0).astype(np.float64)

    @property
    def degree(self) -> Int64[np.ndarray, "nodes"]:
        """Neighbours of every gene, incoming and outgoing counted once."""
        return self.either_way.sum(axis=1).astype(np.int64)

    def among(self, genes: int) -> csr_array:
        """The edges between the first `genes` genes."""
        return self.adjacency[:genes, :genes]


@dataclass(frozen=True)
class Records:
    """Measured phenotypes, one row a record; a set of genes may stand in several sources.

    `members` has positions of genes, ascending, then -1. `fitness` is relative to the wildtype's;
    `interaction` is in `unit` (epsilon, tau or emap_s, "" where there is none). Both are NaN where
    the record has none. `derived` fitness is epsilon plus the product of single-mutant fitness and
    no measurement. `selected` records were published because they interact.
    """

    members: Int64[np.ndarray, "records 3"]
    order: Int64[np.ndarray, "records"]
    fitness: Float64[np.ndarray, "records"]
    interaction: Float64[np.ndarray, "records"]
    unit: np.ndarray
    source: np.ndarray
    derived: Bool[np.ndarray, "records"]
    selected: Bool[np.ndarray, "records"]

    def __len__(self) -> int:
        return len(self.order)

    def take(self, rows: np.ndarray) -> "Records":
        """The records of `rows`: positions or a mask."""
        return Records(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def keys(self, genes: int) -> Int64[np.ndarray, "records"]:
        """One number a gene set, the same for the same set in every source."""
        first, second, third = (self.members + 1).T
        return (first * (genes + 1) + second) * (genes + 1) + third


@dataclass(frozen=True)
class PerturbationData:
    """Phenotypes of perturbed cells, and what is known of their genes.

    `single_fitness` is relative to the wildtype's, NaN where no single mutant was measured: it is
    an input of every model here and no label. `metabolism` has columns named in
    `metabolic_features`, counted from a metabolic model.
    """

    name: str
    vocabulary: Vocabulary
    records: Records
    single_fitness: Float64[np.ndarray, "genes"]
    networks: dict[str, Network]
    metabolism: Float64[np.ndarray, "genes roles"]
    metabolic_features: tuple[str, ...]
    headline_source: str
    coverage: dict[str, float]
    digests: dict[str, str]
    licences: dict[str, str]
    description: str

    @cached_property
    def digest(self) -> str:
        """sha256 of the gene order, of every record's set and source, and of its labels."""
        records, digest = self.records, hashlib.sha256(self.vocabulary.digest.encode())
        digest.update(np.ascontiguousarray(records.members).astype("<i8").tobytes())
        digest.update("\n".join(records.source.tolist()).encode())
        for label in (records.fitness, records.interaction):
            digest.update(np.ascontiguousarray(label).astype("<f8").tobytes())
        return digest.hexdigest()

    @property
    def filled_single_fitness(self) -> Float64[np.ndarray, "genes"]:
        """Fitness of single mutants, the mean of the measured ones where none was measured."""
        known = np.isfinite(self.single_fitness)
        return np.where(known, self.single_fitness, self.single_fitness[known].mean())
