"""Pairs as sorted numbers, tf * genes_total + gene: looked up one by one, or all in a block."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Int64

Positions = Int64[np.ndarray, "..."]


@dataclass(frozen=True, eq=False)
class PairCodes:
    """A set of pairs; `codes` are distinct and sorted."""

    codes: Int64[np.ndarray, "listed"]
    genes_total: int

    @classmethod
    def of(cls, tf: Positions, gene: Positions, genes_total: int) -> "PairCodes":
        """The set of these pairs, in any order and with repeats."""
        return cls(np.unique(tf * genes_total + gene), genes_total)

    def __len__(self) -> int:
        return len(self.codes)

    def find(self, tf: Positions, gene: Positions) -> Positions:
        """Where each pair stands in the set, -1 where it does not; both broadcast together."""
        wanted = tf * np.int64(self.genes_total) + gene
        if not len(self.codes):
            return np.full(wanted.shape, -1)
        at = np.minimum(np.searchsorted(self.codes, wanted), len(self.codes) - 1)
        return np.where(self.codes[at] == wanted, at, -1)

    def holds(self, tf: Positions, gene: Positions) -> Bool[np.ndarray, "..."]:
        """Which pairs are in the set."""
        return self.find(tf, gene) >= 0

    def places(
        self, genes: Int64[np.ndarray, "genes"], tfs: Int64[np.ndarray, "tfs"]
    ) -> tuple[Int64[np.ndarray, "there"], Int64[np.ndarray, "there"]]:
        """Rows and columns of a block [genes, tfs] whose pairs are in the set; `tfs` is sorted."""
        gene, tf = self._by_gene
        starts = np.searchsorted(gene, genes)
        counts = np.searchsorted(gene, genes, side="right") - starts
        row = np.repeat(np.arange(len(genes)), counts)
        within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        wanted = tf[np.repeat(starts, counts) + within]
        column = np.minimum(np.searchsorted(tfs, wanted), len(tfs) - 1)
        there = tfs[column] == wanted
        return row[there], column[there]

    @cached_property
    def _by_gene(self) -> tuple[Int64[np.ndarray, "listed"], Int64[np.ndarray, "listed"]]:
        """Genes in order, and the regulators of each in order."""
        tf, gene = np.divmod(self.codes, self.genes_total)
        order = np.argsort(gene, kind="stable")
        return gene[order], tf[order]
