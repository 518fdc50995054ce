"""Folds of a split: one validation, and no edge, gene or regulator tested twice in a protocol."""

from itertools import combinations

import numpy as np
import pytest

from tests.training import toy
from training.pairs.split import COLD_BOTH, FOLDS, PARTS, assert_no_leak, make_split, undivided

VALID = [part for part in PARTS if part.endswith("valid")]
TESTS = {"test": (), "cold_gene_test": (1,), "cold_tf_test": (0,), COLD_BOTH: (0, 1)}
"""Test parts, and the columns whose entities are held out whole."""


@pytest.fixture(scope="module")
def folds(toy_data):
    return [make_split(toy_data, toy.SPLIT_SEED, fold) for fold in range(FOLDS)]


def pair_set(pairs: np.ndarray) -> set[tuple[int, int]]:
    return set(map(tuple, pairs.tolist()))


def test_the_first_fold_is_the_split_without_folds(folds, toy_split):
    np.testing.assert_array_equal(folds[0].part, toy_split.part)


@pytest.mark.parametrize("part", VALID)
def test_all_folds_have_the_same_validation_edges(folds, part):
    rows = [fold.part == PARTS.index(part) for fold in folds]
    assert rows[0].any()
    for each in rows[1:]:
        np.testing.assert_array_equal(each, rows[0])


@pytest.mark.parametrize(("part", "cold"), TESTS.items())
def test_nothing_is_tested_twice_in_a_protocol(folds, toy_data, part, cold):
    tests = [fold.positives(toy_data, part) for fold in folds]
    assert all(map(len, tests))
    for one, other in combinations(tests, 2):
        assert pair_set(one).isdisjoint(pair_set(other))
        for column in cold:
            assert set(one[:, column]).isdisjoint(other[:, column].tolist())


def test_a_validation_edge_is_in_no_test_and_in_no_training(folds, toy_data):
    valid = set().union(*(pair_set(folds[0].positives(toy_data, part)) for part in VALID))
    for fold in folds:
        for part in ("train", *TESTS):
            assert valid.isdisjoint(pair_set(fold.positives(toy_data, part))), part


def test_about_half_of_the_warm_edges_are_tested_in_some_fold(folds, toy_data):
    tested = sum(len(fold.positives(toy_data, "test")) for fold in folds)
    warm = sum(len(folds[0].positives(toy_data, part)) for part in ("train", "valid", "test"))
    assert abs(tested - 0.5 * warm) < 4 * np.sqrt(0.5 * warm)


def test_no_fold_leaks(folds, toy_data):
    for fold in folds:
        assert_no_leak(toy_data, fold)


def test_an_undivided_split_has_all_edges_in_training(toy_data):
    whole = undivided(toy_data, toy.SPLIT_SEED)
    core = toy_data.edges["core"].to_numpy()
    assert pair_set(whole.positives(toy_data, "train")) == pair_set(toy_data.pairs[core])
    assert (whole.part[~core] == PARTS.index("unused")).all()
    assert not whole.negatives
