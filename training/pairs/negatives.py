"""Pairs that no resource lists, drawn the two ways the benchmark needs.

A pair is one int64 key, `tf * genes_total + gene`, so that membership is a binary search. An edge
of any resource is never drawn, whether or not it belongs to the benchmark.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from contracts.errors import ZooError

Pairs = Int64[np.ndarray, "pairs 2"]


class NotRewirable(ZooError, ValueError):
    """The positives leave no room: some pair could not be exchanged for one that is not listed."""


@dataclass(frozen=True)
class KnownEdges:
    """The set of all listed edges."""

    keys: np.ndarray
    genes_total: int

    @classmethod
    def of(cls, pairs: Pairs, genes_total: int) -> "KnownEdges":
        """Index `pairs`; positions as in the vocabulary."""
        return cls(np.unique(pairs[:, 0] * genes_total + pairs[:, 1]), genes_total)

    def also(self, pairs: Pairs) -> "KnownEdges":
        """These and `pairs`."""
        return KnownEdges(np.union1d(self.keys, self.key(pairs)), self.genes_total)

    def key(self, pairs: Pairs) -> Int64[np.ndarray, "pairs"]:
        """The key of every pair."""
        return pairs[:, 0] * self.genes_total + pairs[:, 1]

    def contains(self, pairs: Pairs) -> Bool[np.ndarray, "pairs"]:
        """Which of the pairs are listed."""
        keys = self.key(pairs)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return self.keys[at] == keys

    def within(self, tfs: Int64[np.ndarray, "tfs"], genes: Int64[np.ndarray, "genes"]) -> int:
        """How many listed edges join one of `tfs` with one of `genes`."""
        tf, gene = np.divmod(self.keys, self.genes_total)
        return int((np.isin(tf, tfs) & np.isin(gene, genes)).sum())


def uniform(
    wanted: int,
    tfs: Int64[np.ndarray, "tfs"],
    genes: Int64[np.ndarray, "genes"],
    known: KnownEdges,
    rng: np.random.Generator,
) -> Pairs:
    """Draw `wanted` unlisted pairs evenly from `tfs` x `genes`, no pair twice.

    Neither pool holds a position twice. Raises NotRewirable where they have too few unlisted pairs.
    """
    unlisted = len(tfs) * len(genes) - known.within(tfs, genes)
    if wanted > unlisted:
        raise NotRewirable(f"{wanted} negatives were asked for; {unlisted} pairs are unlisted.")
    if wanted > unlisted // 4:
        pairs = np.stack(np.meshgrid(tfs, genes, indexing="ij"), -1).reshape(-1, 2)
        free = pairs[~known.contains(pairs)]
        return free[rng.choice(len(free), wanted, replace=False)]
    drawn = np.empty((0, 2), np.int64)
    while len(drawn) < wanted:
        more = np.stack([rng.choice(tfs, wanted), rng.choice(genes, wanted)], 1)
        drawn = np.concatenate([drawn, more[~known.contains(more)]])
        drawn = drawn[~_repeated(known.key(drawn))]
    return drawn[:wanted]


def degree_preserving(
    positives: Pairs, known: KnownEdges, rng: np.random.Generator, rounds: int = 500
) -> Pairs:
    """As many unlisted pairs as positives, in which every regulator and gene stands as often.

    Genes are permuted over the regulators; a pair that is listed or drawn twice exchanges its gene
    with a random other pair, where that lists neither, until none is left. A degree count can't
    tell the result from the positives. Draw inside one split: drawn over all splits, the negatives
    leak the label.

    Raises NotRewirable where exchanges do not end (a regulator listed with nearly all of the
    genes).
    """
    _check_room(positives, known)
    tf, gene = positives[:, 0], rng.permutation(positives[:, 1])
    for _ in range(rounds):
        pairs = np.stack([tf, gene], 1)
        bad = np.flatnonzero(known.contains(pairs) | _repeated(known.key(pairs)))
        if not len(bad):
            return pairs
        other = rng.integers(0, len(tf), len(bad))
        one, other = _exchangeable(bad, other, tf, gene, known)
        gene[one], gene[other] = gene[other], gene[one]
    raise NotRewirable(
        f"{len(bad)} of {len(tf)} pairs could not be rewired in {rounds} rounds; "
        "use uniform negatives for this set."
    )


def _check_room(positives: Pairs, known: KnownEdges) -> None:
    """Raise NotRewirable where a regulator has more edges than unlisted genes to exchange for."""
    genes = np.unique(positives[:, 1])
    for tf, count in zip(*np.unique(positives[:, 0], return_counts=True), strict=True):
        free = (~known.contains(np.stack([np.full_like(genes, tf), genes], 1))).sum()
        if count > free:
            raise NotRewirable(
                f"A regulator has {count} edges here and only {free} genes that it does not list; "
                "use uniform negatives for this set."
            )


def _exchangeable(
    one: Int64[np.ndarray, "tried"],
    other: Int64[np.ndarray, "tried"],
    tf: Int64[np.ndarray, "pairs"],
    gene: Int64[np.ndarray, "pairs"],
    known: KnownEdges,
) -> tuple[Int64[np.ndarray, "kept"], Int64[np.ndarray, "kept"]]:
    """The exchanges that give no listed pair, each position in at most one of them."""
    listed = known.contains(np.stack([tf[one], gene[other]], 1))
    listed |= known.contains(np.stack([tf[other], gene[one]], 1))
    one, other = one[~listed], other[~listed]
    position, first = np.unique(np.concatenate([one, other]), return_index=True)
    owner = dict(zip(position.tolist(), (first % max(1, len(one))).tolist(), strict=True))
    rows = range(len(one))
    kept = [r for r in rows if owner[int(one[r])] == r == owner[int(other[r])]]
    return one[kept], other[kept]


def _repeated(keys: Int64[np.ndarray, "pairs"]) -> Bool[np.ndarray, "pairs"]:
    """All but the first of equal keys."""
    _, first = np.unique(keys, return_index=True)
    repeated = np.ones(len(keys), bool)
    repeated[first] = False
    return repeated
