"""First weights of macrogenes from their formula, and the effective rank of known matrices."""

import math

import numpy as np
import pytest

from training.cells import macrogenes
from training.cells.macrogenes import effective_rank, initial, scores
from training.cells.vectors import GeneVectors

RANK = np.array([[1, 2, 3], [3, 1, 2]])


@pytest.mark.parametrize(
    ("score", "formula"),
    [
        ("default", lambda r: 2 * math.log(1 + 1 / r) ** 2),
        ("smoothed", lambda r: 1 / r),
        ("one_hot", lambda r: 1.0 if r == 1 else macrogenes.SMALL),
    ],
)
def test_scores_follow_from_the_rank(score, formula):
    expected = [[formula(r) for r in row] for row in RANK.tolist()]
    np.testing.assert_allclose(scores(RANK, score), expected)
    np.testing.assert_allclose(scores(RANK.astype(float), score), expected)


def planted() -> GeneVectors:
    """Genes of two species around three far points; mouse has them in another order."""
    rng, centres = np.random.default_rng(0), np.eye(3)
    near = {"human": np.repeat([0, 1, 2], 4), "mouse": np.tile([2, 0, 1], 3)}
    return GeneVectors.of(
        "", {s: centres[own] + rng.normal(0, 0.02, (len(own), 3)) for s, own in near.items()}
    )


def test_genes_of_both_species_are_clustered_together():
    genes = {"human": np.arange(12), "mouse": np.array([8, 0, 1, 2])}
    weights = initial(planted(), genes, 3, "default", 0)
    assert {species: each.shape for species, each in weights.items()} == {
        "human": (12, 3), "mouse": (4, 3)
    }  # fmt: skip
    best = {species: each.argmax(1) for species, each in weights.items()}
    clusters = best["human"][[0, 4, 8]]
    assert sorted(clusters) == [0, 1, 2]
    assert best["human"].tolist() == np.repeat(clusters, 4).tolist()
    assert best["mouse"].tolist() == clusters[[1, 2, 0, 1]].tolist()
    each = np.sort([2 * math.log(1 + 1 / r) ** 2 for r in (1, 2, 3)])
    for weight in weights.values():
        np.testing.assert_allclose(np.sort(weight, axis=1), np.tile(each, (len(weight), 1)), 1e-6)


def test_the_same_seed_gives_the_same_weights():
    genes = {"human": np.arange(12), "mouse": np.arange(9)}
    one, other = (initial(planted(), genes, 5, "smoothed", 7) for _ in range(2))
    for species, weight in one.items():
        np.testing.assert_array_equal(weight, other[species])


def test_the_effective_rank_of_known_matrices():
    assert effective_rank(np.ones((6, 4), np.float32)) == pytest.approx(1, abs=1e-5)
    assert effective_rank(3 * np.eye(5, dtype=np.float32)) == pytest.approx(5)
    two = np.diag([3, 1]).astype(np.float32)
    shares = (0.75, 0.25)
    assert effective_rank(two) == pytest.approx(math.exp(-sum(s * math.log(s) for s in shares)))
