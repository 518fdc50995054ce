"""Measures of predicted changes against scipy, scikit-learn and plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import average_precision_score

from training.expression import measures
from training.expression.measures import OF_PAIRS, interactions
from training.scoring.bootstrap import Bootstrap

ROWS, READOUTS = 6, 40
RNG = np.random.default_rng(1)
TRUTH = RNG.normal(size=(ROWS, READOUTS))
LABEL = np.stack(
    [
        TRUTH,
        np.full_like(TRUTH, 0.04),
        TRUTH + RNG.normal(0, 0.5, TRUTH.shape),
        np.full_like(TRUTH, 0.02),
    ],
    axis=1,
)
GUESS = np.stack([TRUTH + RNG.normal(0, 0.7, TRUTH.shape), np.full_like(TRUTH, 0.5)], axis=1)


def figure(name, label=LABEL, prediction=GUESS, units=None):
    """Value and resamples of one measure."""
    measure = next(each for each in OF_PAIRS if each.name == name)
    draws = Bootstrap.of(np.arange(len(label)) if units is None else units)
    return measure.of(label, [prediction], draws)[0]


def test_l2_is_the_mean_euclidean_distance():
    expected = np.mean([np.sqrt(((GUESS[r, 0] - TRUTH[r]) ** 2).sum()) for r in range(ROWS)])
    assert figure("l2")[0] == pytest.approx(expected)


def test_pearson_is_scipy_s_and_a_constant_has_none():
    expected = np.mean([stats.pearsonr(GUESS[r, 0], TRUTH[r]).statistic for r in range(ROWS)])
    assert figure("pearson_change")[0] == pytest.approx(expected)
    still = np.stack([np.zeros_like(TRUTH), np.ones_like(TRUTH)], axis=1)
    assert np.isnan(figure("pearson_change", prediction=still)[0])


def test_centroid_accuracy_is_that_of_a_loop():
    right = 0
    for row in range(ROWS):
        distances = [np.linalg.norm(GUESS[row, 0] - TRUTH[other]) for other in range(ROWS)]
        right += int(np.argmin(distances)) == row
    assert figure("centroid_accuracy")[0] == pytest.approx(right / ROWS)


def test_a_tie_between_truths_counts_by_chance():
    label = np.concatenate([LABEL[:1], LABEL[:1], LABEL[1:2]])
    prediction = np.concatenate([GUESS[:1], GUESS[:1], GUESS[:1]])
    prediction[:, 0] = label[0, 0]
    assert figure("centroid_accuracy", label, prediction)[0] == pytest.approx((0.5 + 0.5 + 0) / 3)


def test_recall_is_that_of_sorting_and_ties_are_expected_values():
    found = []
    for row in range(ROWS):
        truth, guess = (set(np.argsort(-np.abs(x))[:20]) for x in (TRUTH[row], GUESS[row, 0]))
        found.append(len(truth & guess) / 20)
    assert figure("top20_recall")[0] == pytest.approx(np.mean(found))
    still = np.zeros_like(GUESS)
    assert figure("top20_recall", prediction=still)[0] == pytest.approx(20 / READOUTS)


@given(seed=st.integers(0, 1000), levels=st.integers(1, 5))
def test_recall_with_ties_is_the_mean_over_orders_of_the_tied(seed, levels):
    rng = np.random.default_rng(seed)
    truth, guess = (rng.integers(-levels, levels + 1, (1, 30)).astype(float) for _ in range(2))
    found = []
    for _ in range(300):
        tops = []
        for each in (truth[0], guess[0]):
            order = np.lexsort((rng.random(30), -np.abs(each)))
            tops.append(set(order[:20]))
        found.append(len(tops[0] & tops[1]) / 20)
    label = np.stack([truth] * 4, axis=1)
    value = measures.recall(label, np.stack([guess, guess], axis=1))[0]
    assert value == pytest.approx(np.mean(found), abs=0.03)


def test_coverage_is_counted_and_is_nan_without_deviations():
    inside = np.abs(TRUTH - GUESS[:, 0]) <= 1.96 * np.sqrt(0.5**2 + 0.04)
    assert figure("coverage95")[0] == pytest.approx(inside.mean())
    unsure = GUESS.copy()
    unsure[:, 1] = np.nan
    assert np.isnan(figure("coverage95", prediction=unsure)[0])


def test_the_interval_of_what_errs_as_much_as_it_says_covers_95_percent():
    rng = np.random.default_rng(0)
    true = rng.normal(size=(200, 100))
    label = np.stack([true + rng.normal(0, 0.3, true.shape), np.full_like(true, 0.09)] * 2, axis=1)
    guess = np.stack([true + rng.normal(0, 0.4, true.shape), np.full_like(true, 0.4)], axis=1)
    assert figure("coverage95", label, guess)[0] == pytest.approx(0.95, abs=0.01)


def test_interactions_are_those_of_a_loop():
    synergy, buffering = interactions(LABEL)
    for row in range(ROWS):
        for gene in range(READOUTS):
            truth, added = LABEL[row, 0, gene], LABEL[row, 2, gene]
            beyond = abs(truth - added) > 1.96 * np.sqrt(0.02)
            opposite = truth * added < 0
            assert synergy[row, gene] == (beyond and not opposite and abs(truth) > abs(added))
            assert buffering[row, gene] == (beyond and not opposite and abs(truth) < abs(added))


@pytest.mark.parametrize(("name", "which", "sign"), [("synergy", 0, 1), ("buffering", 1, -1)])
def test_the_auprc_of_interactions_is_scikit_learn_s(name, which, sign):
    wanted = interactions(LABEL)[which]
    score = sign * np.sign(LABEL[:, 2]) * (GUESS[:, 0] - LABEL[:, 2])
    expected = average_precision_score(wanted.ravel(), score.ravel())
    assert figure(f"{name}_auprc")[0] == pytest.approx(expected)


def test_no_more_interactions_than_by_chance_have_no_auprc():
    rng = np.random.default_rng(0)
    label = LABEL.copy()
    label[:, 0] = label[:, 2] + rng.normal(0, np.sqrt(0.02) / 2, TRUTH.shape)
    found = sum(int(each.sum()) for each in interactions(label))
    assert found <= measures.by_chance(label) == round(0.05 * ROWS * READOUTS)
    assert np.isnan([figure(f"{name}_auprc", label)[0] for name in ("synergy", "buffering")]).all()


def test_the_truth_finds_every_interaction_and_the_sum_finds_none():
    added = np.stack([LABEL[:, 2], np.ones_like(TRUTH)], axis=1)
    shares = [each.mean() for each in interactions(LABEL)]
    for name, share in zip(("synergy_auprc", "buffering_auprc"), shares, strict=True):
        assert figure(name, prediction=added)[0] == pytest.approx(share)
    only = LABEL.copy()
    only[:, 0] = 2 * only[:, 2]
    only[:, 0, ::2] = only[:, 2, ::2]
    doubled = np.stack([only[:, 0], np.ones_like(TRUTH)], 1)
    assert figure("synergy_auprc", only, doubled)[0] == pytest.approx(1)


def test_noise_is_one_half_against_the_other_averaged_over_splits():
    halves = RNG.normal(size=(ROWS, 3, 2, READOUTS))
    expected = np.mean(
        [np.linalg.norm(halves[r, s, 0] - halves[r, s, 1]) for r in range(ROWS) for s in range(3)]
    )
    assert figure("l2", prediction=halves)[0] == pytest.approx(expected)
    assert np.isnan(figure("coverage95", prediction=halves)[0])
    expected = np.mean(
        [
            stats.pearsonr(halves[r, s, 0], halves[r, s, 1]).statistic
            for r in range(ROWS)
            for s in range(3)
        ]
    )
    assert figure("pearson_change", prediction=halves)[0] == pytest.approx(expected)


def test_resamples_weigh_units_and_rows_of_one_unit_go_together():
    units = np.array([0, 0, 1, 1, 2, 2])
    value, drawn = figure("l2", units=units)
    per_row = np.linalg.norm(GUESS[:, 0] - TRUTH, axis=1)
    counts = Bootstrap.of(units).counts
    expected = (counts @ np.bincount(units, per_row)) / (counts @ np.bincount(units))
    np.testing.assert_allclose(drawn, expected)
    assert drawn.min() < value < drawn.max()
