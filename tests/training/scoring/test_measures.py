"""Figures against naive loops, and intervals against samples that are really drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from training.scoring import bootstrap, decisions, measures
from training.scoring.bootstrap import Bootstrap, coded, interval

ROWS = st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=25).filter(
    lambda rows: len({label for label, _ in rows}) == 2
)
PER_GROUP = {
    measures.AUROC_PER_TF: roc_auc_score,
    measures.AUPRC_PER_TF: average_precision_score,
}


def columns(rows) -> tuple[np.ndarray, np.ndarray]:
    label, score = zip(*rows, strict=True)
    return np.array(label), np.array(score, np.float64)


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


NAIVE = {measures.AUROC: naive_auroc, measures.AUPRC: naive_auprc}


def measured(measure: measures.Measure, label, score, draws: Bootstrap):
    """The figure of one model."""
    ((value, values),) = measure.of(label, [score], draws)
    return value, values


def drawn(draws: Bootstrap, weights: np.ndarray) -> np.ndarray:
    """The rows of one resample, a group that was drawn twice twice."""
    times = [np.flatnonzero(draws.group == g) for g, n in enumerate(weights) for _ in range(int(n))]
    return np.concatenate(times)


@pytest.fixture
def scored():
    """60 pairs of 6 groups with ties; the groups 4 and 5 have one label only."""
    rng = np.random.default_rng(4)
    group, label = rng.integers(6, size=60), rng.random(60) < 0.4
    label[group == 4], label[group == 5] = True, False
    return group, label, np.round(2 * (rng.normal(size=60) + label)) / 2


@pytest.mark.parametrize("figure", NAIVE)
@given(rows=ROWS)
def test_figures_are_their_definitions(figure, rows):
    label, score = columns(rows)
    draws = Bootstrap.of(np.arange(len(label)), resamples=3)
    value, values = measured(figure, label, score, draws)
    assert value == pytest.approx(NAIVE[figure](label, score))
    assert values.shape == (3,)


@pytest.mark.parametrize("figure", NAIVE)
def test_a_resampled_figure_is_that_of_the_rows_drawn(scored, figure):
    group, label, score = scored
    draws = Bootstrap.of(group, seed=2, resamples=20)
    _, got = measured(figure, label, score, draws)
    for weights, value in zip(draws.counts, got, strict=True):
        rows = drawn(draws, weights)
        assert value == pytest.approx(NAIVE[figure](label[rows], score[rows]))


@pytest.mark.parametrize("figure", PER_GROUP)
def test_a_figure_per_group_is_the_mean_of_a_naive_loop(scored, figure):
    group, label, score = scored
    per = {
        g: PER_GROUP[figure](label[group == g], score[group == g])
        for g in range(6)
        if 0 < label[group == g].sum() < (group == g).sum()
    }
    assert set(per) == {0, 1, 2, 3}
    draws = Bootstrap.of(group, seed=2, resamples=30)
    value, values = measured(figure, label, score, draws)
    assert value == pytest.approx(np.mean(list(per.values())))
    for weights, got in zip(draws.counts, values, strict=True):
        taken = [per[g] for g, n in enumerate(weights) for _ in range(int(n)) if g in per]
        assert got == pytest.approx(np.mean(taken))


def test_resamples_without_a_group_of_both_labels_have_no_figure():
    label, score = np.array([True, False, True, True]), np.array([2.0, 1.0, 0.0, 3.0])
    draws = Bootstrap.of(np.array([0, 0, 1, 1]), resamples=200)
    value, values = measured(measures.AUROC_PER_TF, label, score, draws)
    assert value == 1.0
    without = draws.counts[:, 0] == 0
    assert 20 < without.sum() < 100
    np.testing.assert_array_equal(np.isnan(values), without)
    value, values = measured(measures.AUROC_PER_TF, label | True, score, draws)
    assert np.isnan(value)
    assert np.isnan(values).all()


def test_a_resample_draws_whole_groups():
    groups = np.array(["b", "a", "c", "a", "b", "a"])
    draws = Bootstrap.of(coded(groups), seed=1, resamples=400)
    assert draws.counts.shape == (400, 3)
    assert (draws.counts.sum(1) == 3).all()
    per_row = draws.weights(slice(None))
    assert per_row.shape == (400, 6)
    for one, other in ((0, 4), (1, 3), (3, 5)):
        np.testing.assert_array_equal(per_row[:, one], per_row[:, other])
    np.testing.assert_array_equal(per_row[:, [1, 0, 2]], draws.counts)
    np.testing.assert_array_equal(draws.weights(slice(7, 9)), per_row[7:9])
    # Each group is drawn once on average; its count has the variance 2/3.
    assert np.abs(draws.counts.mean(0) - 1).max() < 5 * np.sqrt(2 / 3 / 400)


def test_a_resample_without_both_labels_is_left_out():
    label = np.array([True, True, False, False])
    draws = Bootstrap.of(np.array([0, 0, 1, 1]), seed=0, resamples=200)
    _, values = measured(measures.AUROC, label, np.array([3.0, 2.0, 1.0, 0.0]), draws)
    one_sided = (draws.counts == 2).any(1)
    assert 50 < one_sided.sum() < 150
    np.testing.assert_array_equal(np.isnan(values), one_sided)
    assert interval(values) == (1.0, 1.0)


def test_one_seed_gives_the_same_draws_to_every_model():
    groups = np.arange(30)
    one, other = (Bootstrap.of(groups) for _ in range(2))
    np.testing.assert_array_equal(one.counts, other.counts)
    assert len(one.counts) == bootstrap.RESAMPLES
    assert (Bootstrap.of(groups, seed=1).counts != one.counts).any()


def test_an_interval_holds_the_central_95_percent():
    values = np.random.default_rng(0).permutation(np.arange(1001.0))
    assert interval(values) == pytest.approx((25.0, 975.0))


def test_the_interval_of_a_mean_is_that_of_the_normal_law():
    """The mean over 400 independent regulators has the standard error s / sqrt(400).

    Each regulator has one edge below k of its 10 negatives, so its AUROC is 1 - k / 10.
    """
    below = np.random.default_rng(3).integers(0, 11, 400)
    each = 1 - below / 10
    group = np.repeat(np.arange(400), 11)
    label = np.tile(np.arange(11) == 0, 400)
    score = np.where(label, 0.0, np.where(np.tile(np.arange(11), 400) <= below[group], 1.0, -1.0))
    draws = Bootstrap.of(group, resamples=4000)
    value, values = measured(measures.AUROC_PER_TF, label, score, draws)
    assert value == pytest.approx(each.mean())
    low, high = interval(values)
    error = 1.959964 * each.std() / np.sqrt(400)
    assert low == pytest.approx(each.mean() - error, abs=0.06 * error)
    assert high == pytest.approx(each.mean() + error, abs=0.06 * error)


CHANCE = np.linspace(0.01, 0.99, 25)


@pytest.mark.parametrize("ratio", [1.0, 5.0, 50.0])
def test_probabilities_at_a_ratio_have_their_odds_divided(ratio):
    """Bayes: with `ratio` times as many negatives, the odds of an edge are `ratio` times less."""
    got = decisions.at_ratio(CHANCE, ratio)
    np.testing.assert_allclose(got / (1 - got), CHANCE / (1 - CHANCE) / ratio)
    np.testing.assert_allclose(decisions.at_ratio(got, 1 / ratio), CHANCE)
    np.testing.assert_array_equal(decisions.at_ratio(np.array([0.0, 1.0]), ratio), [0.0, 1.0])


def closed_form(true: int, false: int, missed: int, right: int) -> dict[str, float]:
    """Accuracy, F1 and Matthews' correlation of a table of decisions."""
    margins = (true + false) * (true + missed) * (right + false) * (right + missed)
    return {
        "accuracy": (true + right) / (true + false + missed + right),
        "f1": 2 * true / (2 * true + false + missed),
        "mcc": (true * right - false * missed) / np.sqrt(margins),
    }


def test_decisions_are_those_of_the_table_of_counts():
    """3 of 4 edges and 2 of 5 others are over 0.5; 0.5 itself is no edge."""
    label = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0], bool)
    chance = np.array([0.9, 0.8, 0.6, 0.2, 0.7, 0.55, 0.5, 0.3, 0.1])
    got = decisions.decisions(label, chance)
    assert set(got) == {"accuracy", "f1", "mcc", "brier", "ece"}
    expected = closed_form(3, 2, 1, 3) | {"brier": np.mean((chance - label) ** 2)}
    assert {name: got[name] for name in expected} == pytest.approx(expected)


def test_decisions_under_many_negatives_are_corrected_and_told_without():
    """With 3 negatives an edge, 0.5 of the corrected probability is 0.75 of the balanced one."""
    label = np.array([1, 1, 0, 0, 0, 0, 0, 0], bool)
    chance = np.array([0.9, 0.7, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1])
    got = decisions.decisions(label, chance, 3.0)
    corrected = chance / (chance + 3 * (1 - chance))
    expected = closed_form(1, 1, 1, 5) | {"brier": np.mean((corrected - label) ** 2)}
    expected |= {f"{n}_uncorrected": v for n, v in closed_form(2, 2, 0, 4).items()}
    assert set(got) == {*expected, "ece"}
    assert {name: got[name] for name in expected} == pytest.approx(expected)


def test_the_calibration_error_is_the_mean_gap_of_ten_bins():
    """A bin [0.1, 0.2) with 1 edge of 4, one [0.9, 1] with 3 of 4, 1.0 among them."""
    chance = np.array([0.1, 0.12, 0.14, 0.16, 0.9, 0.94, 0.96, 1.0])
    label = np.array([0, 0, 1, 0, 1, 1, 0, 1], bool)
    gaps = [abs(0.13 - 0.25), abs(0.95 - 0.75)]
    assert decisions.expected_calibration_error(label, chance) == pytest.approx(np.mean(gaps))
    assert decisions.decisions(label, chance)["ece"] == pytest.approx(np.mean(gaps))


def test_probabilities_that_hold_have_no_calibration_error():
    chance = np.repeat([0.25, 0.75], 100)
    label = np.arange(200) % 100 < 100 * chance
    assert decisions.expected_calibration_error(label, chance) == pytest.approx(0.0)


def test_reciprocal_ranks_and_hits():
    rank = np.array([1.0, 1.5, 10.0, 10.5, 50.0, 51.0])
    draws = Bootstrap.of(np.array([0, 0, 1, 1, 2, 2]), seed=3, resamples=12)
    worth = {"mrr": 1 / rank} | {f"hits@{k}": rank <= k for k in (1, 10, 50)}
    for measure in (measures.MRR, *measures.HITS):
        value, values = measured(measure, rank > 0, rank, draws)
        assert value == pytest.approx(worth[measure.name].mean())
        for weights, got in zip(draws.counts, values, strict=True):
            assert got == pytest.approx(worth[measure.name][drawn(draws, weights)].mean())


def test_a_fixed_unit_stays_and_a_row_weighs_the_product_of_its_units():
    units = np.array([[0, 1, -1], [1, 2, 3], [0, 3, -1]])
    draws = Bootstrap.of(units, fixed=(0,), resamples=30)
    count = np.concatenate([draws.counts[:, :3], np.ones((30, 1))], axis=1)
    assert (count[:, :3].sum(axis=1) == 3).all()
    expected = np.stack([count[:, 0], count[:, :3].prod(axis=1), count[:, 2]], axis=1)
    np.testing.assert_array_equal(draws.weights(slice(None)), expected)


def test_units_are_drawn_within_their_stratum():
    units, strata = np.arange(9), np.repeat([0, 1, 2], [2, 3, 4])
    counts = Bootstrap.of(units, strata=strata, resamples=50).counts
    for one, size in enumerate((2, 3, 4)):
        assert (counts[:, strata == one].sum(axis=1) == size).all()
