"""Figures against naive loops, and intervals against samples that are really drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import metrics

ROWS = st.lists(
    st.tuples(st.booleans(), st.integers(-3, 3), st.integers(1, 4)), min_size=2, max_size=25
).filter(lambda rows: len({label for label, *_ in rows}) == 2)


def columns(rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    label, score, weight = zip(*rows, strict=True)
    return np.array(label), np.array(score, np.float64), np.array(weight, np.float64)


def naive_auroc(label: np.ndarray, score: np.ndarray) -> float:
    """How often a positive is above a negative, ties half: the definition."""
    wins = [
        (p > n) + 0.5 * (p == n) for p in score[label] for n in score[~label]
    ]  # fmt: skip
    return float(np.mean(wins))


def naive_auprc(label: np.ndarray, score: np.ndarray) -> float:
    """Precision at every threshold, weighted by the recall that it adds."""
    total = 0.0
    for threshold in np.unique(score):
        taken = score >= threshold
        added = (label & (score == threshold)).sum() / label.sum()
        total += added * (label & taken).sum() / taken.sum()
    return total


@given(rows=ROWS)
def test_figures_are_their_definitions(rows):
    label, score, _ = columns(rows)
    assert metrics.auroc(label, score) == pytest.approx(naive_auroc(label, score))
    assert metrics.auprc(label, score) == pytest.approx(naive_auprc(label, score))


@given(rows=ROWS)
def test_a_weight_counts_like_a_repeated_row(rows):
    label, score, weight = columns(rows)
    times = weight.astype(int)
    repeated = np.repeat(label, times), np.repeat(score, times)
    assert metrics.auroc(label, score, weight) == pytest.approx(naive_auroc(*repeated))
    assert metrics.auprc(label, score, weight) == pytest.approx(naive_auprc(*repeated))
    chance = (score + 3) / 6
    expected = np.mean((np.repeat(chance, times) - repeated[0]) ** 2)
    assert metrics.brier(label, chance, weight) == pytest.approx(expected)


def test_a_resample_draws_whole_groups():
    groups = np.array(["b", "a", "c", "a", "b", "a"])
    draws = metrics.Resampling.of(groups, seed=1, resamples=400)
    assert draws.weights.shape == (400, 3)
    assert (draws.weights.sum(1) == 3).all()
    per_row = draws.weights[:, draws.group]
    for one, other in ((0, 4), (1, 3), (3, 5)):
        np.testing.assert_array_equal(per_row[:, one], per_row[:, other])
    # Each group is drawn once on average; its count has the variance 2/3.
    assert np.abs(draws.weights.mean(0) - 1).max() < 5 * np.sqrt(2 / 3 / 400)


def test_a_resampled_figure_is_that_of_the_rows_drawn():
    rng = np.random.default_rng(4)
    group, label = rng.integers(6, size=60), rng.random(60) < 0.4
    score = rng.normal(size=60) + label
    draws = metrics.Resampling.of(group, seed=2, resamples=20)
    got = draws.figures(metrics.auroc, label, score)
    for weights, figure in zip(draws.weights, got, strict=True):
        rows = np.concatenate(
            [np.flatnonzero(group == g) for g, n in enumerate(weights) for _ in range(int(n))]
        )
        assert figure == pytest.approx(naive_auroc(label[rows], score[rows]))


def test_a_resample_without_both_labels_is_left_out():
    label = np.array([True, True, False, False])
    draws = metrics.Resampling.of(np.array([0, 0, 1, 1]), seed=0, resamples=200)
    values = draws.figures(metrics.auroc, label, np.array([3.0, 2.0, 1.0, 0.0]))
    one_sided = (draws.weights == 2).any(1)
    assert 50 < one_sided.sum() < 150
    np.testing.assert_array_equal(np.isnan(values), one_sided)
    assert metrics.interval(values) == (1.0, 1.0)


def test_one_seed_gives_the_same_draws_to_every_model():
    groups = np.arange(30)
    one, other = (metrics.Resampling.of(groups) for _ in range(2))
    np.testing.assert_array_equal(one.weights, other.weights)
    assert len(one.weights) == metrics.RESAMPLES


def test_an_interval_holds_the_central_95_percent():
    values = np.random.default_rng(0).permutation(np.arange(1001.0))
    assert metrics.interval(values) == pytest.approx((25.0, 975.0))
    assert metrics.record(5.0, values) == pytest.approx({"value": 5.0, "low": 25.0, "high": 975.0})


def test_the_interval_of_a_mean_is_that_of_the_normal_law():
    """The mean of 400 independent groups has the standard error s / sqrt(400)."""
    x = np.random.default_rng(3).normal(2.0, 1.5, 400)
    draws = metrics.Resampling.of(np.arange(400), resamples=4000)

    def mean(label, score, weight):
        return float(np.average(score, weights=weight))

    label = np.arange(400) % 2 == 0
    low, high = metrics.interval(draws.figures(mean, label, x))
    error = 1.959964 * x.std() / np.sqrt(400)
    assert low == pytest.approx(x.mean() - error, abs=0.06 * error)
    assert high == pytest.approx(x.mean() + error, abs=0.06 * error)


def test_reciprocal_ranks_and_hits():
    figures = metrics.reciprocal_ranks(np.array([1.0, 1.5, 10.0, 10.5, 50.0, 51.0]))
    np.testing.assert_allclose(figures["mrr"], [1, 1 / 1.5, 0.1, 1 / 10.5, 0.02, 1 / 51])
    assert figures["hits@1"].tolist() == [1, 0, 0, 0, 0, 0]
    assert figures["hits@10"].tolist() == [1, 1, 1, 0, 0, 0]
    assert figures["hits@50"].tolist() == [1, 1, 1, 1, 1, 0]
