"""Types matched across species, against a miner that looks at one pair after another."""

import numpy as np
import pytest

from training.cells import matching
from training.cells.matching import Profiles, groups, matched, profiles, similarity


def naive(similar: np.ndarray, least: float) -> set[tuple[int, int]]:
    """Mutual nearest neighbours among the types that have no partner yet, in rounds."""
    pairs: set[tuple[int, int]] = set()
    for _ in range(matching.ROUNDS):
        rows = [a for a in range(len(similar)) if a not in {a for a, _ in pairs}]
        columns = [b for b in range(similar.shape[1]) if b not in {b for _, b in pairs}]
        new = set()
        for a in rows:
            for b in columns:
                highest = all(similar[a, b] >= similar[a, other] for other in columns)
                highest &= all(similar[a, b] >= similar[other, b] for other in rows)
                if highest and similar[a, b] >= least:
                    new.add((a, b))
        pairs |= new
    return pairs


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_a_naive_miner_finds(seed: int):
    rng = np.random.default_rng(seed)
    similar = rng.uniform(-1, 1, (rng.integers(2, 9), rng.integers(2, 9)))
    pairs = matched(similar, 0.1).tolist()
    assert {tuple(pair) for pair in pairs} == naive(similar, 0.1)
    assert len(pairs) == len(naive(similar, 0.1))


def test_a_type_whose_nearest_is_taken_gets_the_next_in_a_later_round():
    similar = np.array([[0.9, 0.2], [0.8, 0.7]])
    assert matched(similar, 0.25).tolist() == [[0, 0], [1, 1]]
    assert matched(similar, 0.75).tolist() == [[0, 0]]
    assert matched(similar, 0.95).tolist() == []


def test_one_way_each_takes_its_nearest_whoever_has_it():
    similar = np.array([[0.9, 0.2], [0.8, 0.7], [0.1, 0.0]])
    assert matched(similar, 0.25, mutual=False).tolist() == [[0, 0], [1, 0]]


def test_profiles_are_means_of_types_less_the_mean_over_types():
    rng = np.random.default_rng(0)
    levels = rng.normal(size=(9, 4)).astype(np.float32)
    labels = ["B", "A", "rare", "A", "B", "A", "C", "C", "B"]
    got = profiles(levels, labels, least=2)
    assert got.types == ["A", "B", "C"]
    means = np.array(
        [levels[[n for n, each in enumerate(labels) if each == t]].mean(0) for t in got.types]
    )
    np.testing.assert_allclose(got.means, means - means.mean(0), atol=1e-6)


def test_similarity_is_the_cosine():
    rng = np.random.default_rng(1)
    one, other = (
        Profiles(["A", "B"], rng.normal(size=(2, 5))),
        Profiles(["C", "D", "E"], rng.normal(size=(3, 5))),
    )
    expected = [
        [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for b in other.means] for a in one.means
    ]
    np.testing.assert_allclose(similarity(one, other), expected)


def test_types_that_are_joined_share_a_group_and_names_play_no_part():
    one, other = (Profiles([*names], np.zeros((3, 1))) for names in ("XYZ", "ZXQ"))
    first, second = groups(np.array([[0, 1], [2, 2]]), one, other)
    assert first == {"X": 0, "Z": 1}
    assert second == {"X": 0, "Q": 1}
    first, second = groups(np.array([[0, 2], [1, 2]]), one, other)
    assert first == {"X": 0, "Y": 0}
    assert second == {"Q": 0}
