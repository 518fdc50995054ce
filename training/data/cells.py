"""Counts of cells of several species, and what their genes have in common, as a data set gives."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int64
from scipy import sparse

from contracts.errors import InvalidOption


@dataclass(frozen=True)
class SpeciesCells:
    """The cells of one species.

    `counts` are raw, a row a cell [cells, genes]; `labels` has the type and `donors` the donor of
    each cell; `terms` says which genes are annotated with which term [genes, terms], the columns of
    all species alike.
    """

    genes: tuple[str, ...]
    counts: sparse.csr_array
    labels: pd.Series
    donors: pd.Series
    terms: sparse.csr_array

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

    def annotated(self, species: str) -> Bool[np.ndarray, "genes"]:
        """Which genes of a species have a term."""
        return np.asarray(self.species[species].terms.sum(axis=1)).ravel() > 0
