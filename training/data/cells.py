"""Counts of cells of several species, and what their genes have in common, as a data set gives."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int64
from scipy import sparse

from contracts.errors import InvalidOption
from contracts.genes.vocabulary import GeneRecord


@dataclass(frozen=True)
class SpeciesCells:
    """The cells of one species.

    `counts` are raw, a row a cell [cells, genes]; `labels` has the type and `donors` the donor of
    each cell; `terms` says which genes are annotated with which term [genes, terms], the columns of
    all species alike. `records` has what each gene is called, in the order of `genes`.
    """

    genes: tuple[str, ...]
    counts: sparse.csr_array
    labels: pd.Series
    donors: pd.Series
    terms: sparse.csr_array
    records: tuple[GeneRecord, ...]

    def of_donors(self, donors: tuple[str, ...]) -> Int64[np.ndarray, "cells"]:
        """The rows of these donors' cells, in order; raises InvalidOption for another name."""
        there = set(self.donors)
        for donor in donors:
            if donor not in there:
                raise InvalidOption("donor", donor, f"one of {', '.join(sorted(there))}")
        return np.flatnonzero(self.donors.isin(donors).to_numpy())


@dataclass(frozen=True)
class CellData:
    """A data set of cells of several species.

    `orthologs` pairs positions in the genes of the species, a column each: one-to-one orthologs.
    `term_names` are those of the columns of `terms`. `coverage`, `digests` and `licences` are those
    of the raw files.
    """

    name: str
    species: dict[str, SpeciesCells]
    orthologs: pd.DataFrame
    term_names: tuple[str, ...]
    coverage: dict[str, float]
    digests: dict[str, str]
    licences: dict[str, str]
    description: str

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The cell types of all species, sorted: a type's code is its position."""
        return tuple(sorted({label for one in self.species.values() for label in one.labels}))

    @cached_property
    def digest(self) -> str:
        """sha256 of genes, counts, types and donors of all species."""
        digest = hashlib.sha256()
        for name, one in self.species.items():
            for text in ((name,), one.genes, one.labels, one.donors):
                digest.update("\n".join(text).encode() + b"\0")
            for array, kind in (("indptr", "<i8"), ("indices", "<i8"), ("data", "<f4")):
                digest.update(getattr(one.counts, array).astype(kind).tobytes())
        return digest.hexdigest()

    def annotated(self, species: str) -> Bool[np.ndarray, "genes"]:
        """Which genes of a species have a term."""
        return np.asarray(self.species[species].terms.sum(axis=1)).ravel() > 0
