"""Composed fitness against the sum over sub-sets, term by term, in plain Python."""

from itertools import combinations
from math import comb, prod

import numpy as np
import pytest

from zoo.perturbations import composition
from zoo.perturbations.composition import compose, subsets
from zoo.sets.members import Sets

FITNESS = {0: 1.0, 4: 0.5, 8: 0.0, 12: 1.25, 16: 0.75, 20: 0.875, 3: 1.0}
"""Single fitness of a member, by its code; the last one is overexpressed."""


def interaction(codes: tuple[int, ...]) -> float:
    """Some number that every set of two and more has, whatever their order."""
    return 0.0 if len(codes) < 2 else (sum(codes) % 7 - 3) / 8


class Head:
    """A graph that counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []

    def __call__(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = [tuple(row) for row in codes.tolist()]
        self.asked += rows
        expected = [prod(FITNESS[code] for code in row) for row in rows]
        return np.array([interaction(row) for row in rows]), np.array(expected, float)


def truth(codes: tuple[int, ...]) -> float:
    total = prod(FITNESS[code] for code in codes)
    for size in (2, 3):
        for inside in combinations(codes, size):
            outside = [code for code in codes if code not in inside]
            total += interaction(inside) * prod(FITNESS[code] for code in outside)
    return total


def sets_of(rows: list[tuple[int, ...]]) -> Sets:
    codes = np.array([code for row in rows for code in row], dtype=np.int64)
    return Sets(codes, np.array([len(row) for row in rows], dtype=np.int64))


EVERY = [row for size in range(7) for row in combinations(sorted(FITNESS)[:6], size)]


@pytest.mark.parametrize("block", [1, 50, 1 << 16])
def test_fitness_is_the_sum_over_sub_sets(monkeypatch: pytest.MonkeyPatch, block: int):
    monkeypatch.setattr(composition, "BLOCK_SUBSETS", block)
    order = np.random.default_rng(0).permutation(len(EVERY))
    rows = [EVERY[row] for row in order]
    done: list[int] = []
    composed = compose(sets_of(rows), Head(), done.append)
    np.testing.assert_allclose(composed.fitness, [truth(row) for row in rows], atol=1e-12)
    expected = [prod(FITNESS[code] for code in row) for row in rows]
    np.testing.assert_allclose(composed.expectation, expected)
    for row, got, fitness in zip(rows, composed.gene_interaction, composed.fitness, strict=True):
        own = interaction(row) if len(row) <= 3 else fitness - prod(FITNESS[c] for c in row)
        assert got == pytest.approx(own)
    assert sum(done) == len(rows)


def test_every_sub_set_is_asked_for_once():
    triples = list(combinations(sorted(FITNESS)[:6], 3))
    head = Head()
    compose(sets_of(triples), head)
    assert len(head.asked) == len(set(head.asked))
    assert len(head.asked) == comb(6, 3) + comb(6, 2) + 6


def test_pairs_ask_for_nothing_else():
    head = Head()
    compose(sets_of([(0, 4), (4, 8), (0, 4)]), head)
    assert head.asked == [(0, 4), (4, 8), (0, 4)]


@pytest.mark.parametrize("order", range(7))
def test_subsets_are_what_a_set_asks_for(order: int):
    head = Head()
    compose(sets_of([tuple(sorted(FITNESS)[:order])]), head)
    assert subsets(order) == len(head.asked) + (order == 3)  # of three, the whole is asked once


def test_no_sets_compose_to_nothing():
    assert compose(sets_of([]), Head()).fitness.shape == (0,)


def test_sets_as_a_matrix_and_without_what_is_present():
    sets = sets_of([(1, 4), (), (5,), (8, 13, 19)])
    assert sets.set.tolist() == [0, 0, 2, 3, 3, 3]
    assert sets.matrix(np.array([3])).tolist() == [[8, 13, 19]]
    assert sets.matrix(np.array([1])).shape == (1, 0)
    changed = sets.changed()
    assert (changed.code.tolist(), changed.order.tolist()) == ([4, 8, 19], [1, 0, 0, 2])
