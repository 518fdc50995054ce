"""Which genes of a species are used: those that vary most, many with a partner in the other."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64
from scipy import sparse

from training.cells.vectors import GeneVectors
from training.data.cells import CellData

BINS = 20
SEEN = 5
"""Cells that a gene must have been counted in to be used."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """Positions of the used genes in the data by species, in the order of their symbols.

    `partners` pairs places among them: genes of both species that are each other's nearest.
    """

    genes: Mapping[str, Int64[np.ndarray, "_"]]
    partners: Int64[np.ndarray, "pairs species"]


def choose(
    data: CellData,
    cells: Mapping[str, Int64[np.ndarray, "_"]],
    vectors: GeneVectors,
    total: int,
    paired: int,
) -> Chosen:
    """Up to `total` genes of each species that have a vector, by what varies in these `cells`.

    Up to `paired` of them are chosen with their partners: those pairs come first of which one gene
    varies most. The others are chosen for their own variability.
    """
    rank = {}
    for species, one in data.species.items():
        score = variability(one.counts[cells[species]])
        score[~vectors.known[species]] = -np.inf
        rank[species] = np.argsort(np.argsort(-score, kind="stable")).astype(np.float64)
        rank[species][score == -np.inf] = np.inf
    partners = vectors.partners(*data.species)
    ranks = np.stack([rank[s][column] for s, column in zip(data.species, partners.T, strict=True)])
    usable = np.isfinite(ranks).all(axis=0)
    best = np.argsort(np.where(usable, ranks.min(axis=0), np.inf), kind="stable")
    pairs = partners[best[: min(paired, total, usable.sum())]]
    genes = {}
    for species, column in zip(data.species, pairs.T, strict=True):
        others = np.argsort(rank[species], kind="stable")
        others = others[np.isfinite(rank[species][others]) & ~np.isin(others, column)]
        used = np.concatenate([column, others[: total - len(column)]])
        symbols = [data.species[species].records[gene].symbol for gene in used.tolist()]
        genes[species] = used[np.argsort(symbols)]
    place = [
        np.argsort(genes[s])[np.searchsorted(np.sort(genes[s]), column)]
        for s, column in zip(data.species, pairs.T, strict=True)
    ]
    return Chosen(genes, np.stack(place, axis=1))


def variability(counts: sparse.csr_array) -> Float64[np.ndarray, "genes"]:
    """The dispersion of each gene in deviations from genes of a like mean; -inf for rare ones.

    Counts per 10,000; log(variance / mean), standardised in 20 bins of the mean (Satija et al.
    2015, as Seurat and scanpy have it).
    """
    total = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1)
    parts = sparse.diags_array(1e4 / total) @ counts
    mean = np.asarray(parts.mean(axis=0)).ravel()
    variance = np.asarray(parts.power(2).mean(axis=0)).ravel() - mean**2
    seen = np.asarray((counts > 0).sum(axis=0)).ravel() >= SEEN
    table = pd.DataFrame({"mean": np.log1p(mean[seen])})
    table["dispersion"] = np.log(variance[seen] / mean[seen])
    groups = table.groupby(pd.qcut(table["mean"], BINS, duplicates="drop"), observed=True)
    spread = groups["dispersion"].transform("std").fillna(0) + 1e-9
    score = np.full(len(mean), -np.inf)
    score[seen] = (table["dispersion"] - groups["dispersion"].transform("mean")) / spread
    return score
