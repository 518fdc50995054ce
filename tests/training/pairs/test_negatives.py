"""Negatives: what they must keep, for any edges, and where none can be drawn."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chisquare

from contracts.errors import ZooError
from training.pairs.negatives import KnownEdges, NotRewirable, degree_preserving, uniform

TFS, GENES = 6, 9
GRID = [(tf, gene) for tf in range(TFS) for gene in range(GENES)]
WIDE = [(tf, gene) for tf in range(2 * TFS) for gene in range(3 * GENES)]
EDGES = st.sets(st.sampled_from(GRID), min_size=1)
SEEDS = st.integers(0, 2**32 - 1)


def as_array(pairs) -> np.ndarray:
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)


def as_set(pairs: np.ndarray) -> set[tuple[int, int]]:
    return set(map(tuple, pairs.tolist()))


def degrees(pairs: np.ndarray) -> tuple[Counter, Counter]:
    return Counter(pairs[:, 0].tolist()), Counter(pairs[:, 1].tolist())


@given(edges=EDGES)
def test_contains_is_membership(edges: set):
    known = KnownEdges.of(as_array(edges), GENES)
    expected = [pair in edges for pair in GRID]
    np.testing.assert_array_equal(known.contains(as_array(GRID)), expected)


@given(edges=EDGES, some=st.sets(st.sampled_from(GRID)), tfs=st.sets(st.integers(0, TFS - 1)))
def test_within_counts_the_listed_pairs_of_two_pools(edges: set, some: set, tfs: set):
    genes = {gene for _, gene in some}
    known = KnownEdges.of(as_array(edges), GENES)
    expected = sum(tf in tfs and gene in genes for tf, gene in edges)
    pools = (np.array(sorted(pool), np.int64) for pool in (tfs, genes))
    assert known.within(*pools) == expected


@given(
    edges=st.sets(st.sampled_from(WIDE), min_size=8, max_size=len(WIDE) // 3),
    data=st.data(),
    seed=SEEDS,
)
def test_rewired_pairs_keep_every_degree_and_are_unlisted_and_new(edges: set, data, seed: int):
    """For any edges that leave room for it, as most do in the wide grid."""
    held = data.draw(st.sets(st.sampled_from(sorted(edges)), min_size=8), "held out")
    positives, known = as_array(held), KnownEdges.of(as_array(edges), 3 * GENES)
    try:
        drawn = degree_preserving(positives, known, np.random.default_rng(seed), rounds=60)
    except NotRewirable:
        assume(False)
    assert degrees(drawn) == degrees(positives)
    assert as_set(drawn).isdisjoint(edges)
    assert len(as_set(drawn)) == len(positives)
    assert as_set(positives) == held, "the positives were changed"


def test_sparse_edges_are_always_rewired():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        keys = rng.choice(40 * 300, 600, replace=False)
        positives = np.stack(np.divmod(keys, 300), 1)
        known = KnownEdges.of(positives, 300)
        drawn = degree_preserving(positives, known, rng)
        assert degrees(drawn) == degrees(positives)
        assert not known.contains(drawn).any()
        assert len(as_set(drawn)) == 600


def test_the_only_rewiring_is_found():
    """Two edges without a common end can be exchanged in one way only."""
    positives = np.array([[0, 3], [1, 5]])
    for seed in range(10):
        rng = np.random.default_rng(seed)
        drawn = degree_preserving(positives, KnownEdges.of(positives, GENES), rng)
        assert as_set(drawn) == {(0, 5), (1, 3)}


@pytest.mark.parametrize(
    ("positives", "count"),
    [
        ([[2, gene] for gene in range(GENES)], GENES),
        ([[tf, 4] for tf in range(TFS)], 1),
        ([[0, 0]], 1),
        ([[tf, gene] for tf in range(2) for gene in range(2)], 2),
    ],
    ids=["star of a regulator", "star of a gene", "one edge", "complete"],
)
def test_a_regulator_without_enough_other_genes_is_refused(positives: list, count: int):
    pairs = np.array(positives, np.int64)
    told = f"A regulator has {count} edges here and only 0 genes that it does not list.*uniform"
    with pytest.raises(NotRewirable, match=told):
        degree_preserving(pairs, KnownEdges.of(pairs, GENES), np.random.default_rng(0))
    assert issubclass(NotRewirable, ZooError)


def test_a_gene_that_all_regulators_list_is_refused():
    """Every regulator has room, and nobody can take gene 0."""
    positives = np.array([[0, 0], [1, 1], [2, 2]])
    known = KnownEdges.of(np.array([[0, 0], [1, 0], [2, 0], [1, 1], [2, 2]]), GENES)
    with pytest.raises(NotRewirable, match=r"of 3 pairs could not be rewired in 500 .*uniform"):
        degree_preserving(positives, known, np.random.default_rng(0))


@given(
    edges=EDGES,
    tfs=st.sets(st.integers(0, TFS - 1), min_size=1),
    genes=st.sets(st.integers(0, GENES - 1), min_size=1),
    data=st.data(),
    seed=SEEDS,
)
def test_uniform_pairs_are_of_their_pool_unlisted_and_new(edges, tfs, genes, data, seed):
    free = {(tf, gene) for tf in tfs for gene in genes} - edges
    wanted = data.draw(st.integers(0, len(free)), "wanted")
    known = KnownEdges.of(as_array(edges), GENES)
    pools = (np.array(sorted(pool), np.int64) for pool in (tfs, genes))
    drawn = as_set(uniform(wanted, *pools, known, np.random.default_rng(seed)))
    assert len(drawn) == wanted
    assert drawn <= free


@pytest.mark.parametrize("listed_share", [0.0, 0.5, 0.9, 0.99])
def test_all_that_is_unlisted_can_be_drawn_and_no_more(listed_share: float):
    rng = np.random.default_rng(1)
    grid = np.argwhere(np.ones((30, 40), bool))
    known = KnownEdges.of(grid[rng.random(len(grid)) < listed_share], 40)
    if not len(known.keys):
        known = KnownEdges.of(np.array([[99, 0]]), 40)
    free = as_set(grid[~known.contains(grid)])
    pools = np.arange(30), np.arange(40)
    for wanted in (1, len(free) // 2, len(free)):
        drawn = as_set(uniform(wanted, *pools, known, rng))
        assert len(drawn) == wanted
        assert drawn <= free
    with pytest.raises(NotRewirable, match=f"{len(free) + 1} negatives .* {len(free)} pairs"):
        uniform(len(free) + 1, *pools, known, rng)


@pytest.mark.parametrize("wanted", [3, 12])
def test_every_unlisted_pair_is_drawn_equally_often(wanted: int):
    """3 of 24 are drawn by trial, 12 of 24 from the list of all; both must be even."""
    known = KnownEdges.of(np.array([[0, 1], [3, 4]]), GENES)
    tfs, genes = np.array([0, 1, 3, 5]), np.array([0, 1, 2, 4, 6, 8, 7])
    free = {(t, g) for t in tfs.tolist() for g in genes.tolist()} - {(0, 1), (3, 4)}
    rng = np.random.default_rng(2)
    counts = Counter(
        pair for _ in range(1500) for pair in as_set(uniform(wanted, tfs, genes, known, rng))
    )
    assert set(counts) == free
    # Without replacement the counts vary less than the test assumes: it errs on the safe side.
    assert chisquare(list(counts.values())).pvalue > 0.01
