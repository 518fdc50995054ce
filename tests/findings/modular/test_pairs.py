import numpy as np
import pytest

from tests.findings.modular import toy
from tests.findings.modular.toy import study

pairs = study.pairs

PRIOR = toy.prior()
EDGES = {tuple(edge) for edge in PRIOR.edges.tolist()}


def listed(rows: np.ndarray) -> set[tuple[int, int]]:
    return {(int(tf), int(gene)) for tf, gene in rows}


@pytest.fixture(scope="module")
def parts() -> pairs.Benchmark:
    return pairs.benchmark(PRIOR)


def test_every_edge_stands_once_and_as_many_negatives(parts):
    three = (parts.train, parts.valid, parts.test)
    positives = [edge for part in three for edge in part.pairs[part.label].tolist()]
    negatives = [edge for part in three for edge in part.pairs[~part.label].tolist()]
    assert sorted(map(tuple, positives)) == sorted(EDGES)
    assert len(negatives) == len(EDGES)
    assert not listed(np.array(negatives)) & EDGES


def test_parts_are_cut_as_the_study_cut_them(parts):
    total = 2 * len(EDGES)
    assert len(parts.train) == int(total * 0.7)
    assert len(parts.valid) == int(total * 0.15)
    assert len(parts.train) + len(parts.valid) + len(parts.test) == total
    assert 0.3 < parts.test.label.mean() < 0.7


def test_a_seed_is_a_split(parts):
    again, other = pairs.benchmark(PRIOR), pairs.benchmark(PRIOR, seed=7)
    assert np.array_equal(again.test.pairs, parts.test.pairs)
    assert not np.array_equal(other.test.pairs, parts.test.pairs)


def test_a_ratio_changes_the_training_negatives_only(parts):
    other = pairs.benchmark(PRIOR, ratio=5)
    for name in ("valid", "test"):
        assert np.array_equal(getattr(other, name).pairs, getattr(parts, name).pairs)
    positives = listed(parts.train.pairs[parts.train.label])
    assert listed(other.train.pairs[other.train.label]) == positives
    assert (~other.train.label).sum() == 5 * len(positives)
    assert not listed(other.train.pairs[~other.train.label]) & EDGES


def test_held_out_negatives_seen_in_training_are_counted():
    found = pairs.benchmark(PRIOR, ratio=5)
    seen = listed(found.train.pairs[~found.train.label])
    test = found.test.pairs[~found.test.label]
    naive = sum((int(tf), int(gene)) in seen for tf, gene in test)
    assert found.test_negatives_in_train == naive > 0


def test_negatives_are_even_over_the_free_pairs():
    drawn = pairs.draw_negatives(60_000, PRIOR, np.random.default_rng(0))
    count = np.zeros((len(PRIOR.tfs), len(PRIOR.genes)))
    np.add.at(count, tuple(drawn.T), 1)
    free = np.ones_like(count, bool)
    free[tuple(PRIOR.edges.T)] = False
    expected = 60_000 / free.sum()
    chi2 = ((count[free] - expected) ** 2 / expected).sum() / free.sum()
    assert not count[~free].any()
    assert 0.8 < chi2 < 1.2
