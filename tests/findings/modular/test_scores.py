import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from tests.findings.modular.toy import study

scores = study.scores


RNG = np.random.default_rng(3)
LOGIT = RNG.normal(0, 2, 400)
LABEL = RNG.random(400) < 1 / (1 + np.exp(-LOGIT))


def once(figure, label: np.ndarray, logit: np.ndarray) -> float:
    return float(figure(label, logit, np.ones((1, len(label))))[0])


def test_figures_are_scikit_learns():
    called = LOGIT >= 0
    assert once(scores.accuracy, LABEL, LOGIT) == pytest.approx(accuracy_score(LABEL, called))
    assert once(scores.f1, LABEL, LOGIT) == pytest.approx(f1_score(LABEL, called))
    for name in ("auroc", "auroc_logit"):
        auroc = once(scores.FIGURES[name], LABEL, LOGIT)
        assert auroc == pytest.approx(roc_auc_score(LABEL, LOGIT))


def test_weights_count_a_pair_that_often():
    weights = RNG.integers(0, 4, (3, 400)).astype(np.float64)
    for figure in scores.FIGURES.values():
        for row, value in zip(weights.astype(int), figure(LABEL, LOGIT, weights), strict=True):
            often = np.repeat(LABEL, row), np.repeat(LOGIT, row)
            assert value == pytest.approx(once(figure, *often))


def test_f1_is_zero_where_nothing_is_called():
    assert once(scores.f1, LABEL, np.full(400, -1.0)) == 0


def test_saturated_probabilities_tie():
    label, logit = np.array([True, False, True, False]), np.array([90.0, 40.0, 30.0, -5.0])
    assert once(scores.FIGURES["auroc_logit"], label, logit) == 0.75
    assert once(scores.auroc, label, logit) == 0.75 + 0.5 / 4 - 0.25 / 2


def test_intervals_hold_the_value_and_shrink_with_pairs():
    small = scores.evaluate(LABEL[:100], LOGIT[:100], 60)
    large = scores.evaluate(np.tile(LABEL, 4), np.tile(LOGIT, 4), 60)
    for name in scores.FIGURES:
        assert small[name]["low"] < small[name]["value"] < small[name]["high"]
        widths = [found[name]["high"] - found[name]["low"] for found in (small, large)]
        assert widths[1] < widths[0] / 2


@pytest.mark.parametrize("ratio", [1, 5, 10])
def test_correction_is_bayes_rule(ratio: int):
    odds = np.exp(LOGIT) / ratio
    found = scores.evaluate_corrected(LABEL, np.log(odds).astype(np.float32), ratio)
    for name, value in found.items():
        assert value == pytest.approx(once(scores.FIGURES[name], LABEL, LOGIT))


def test_correction_restores_the_accuracy_of_a_shifted_scorer():
    low = scores.evaluate_corrected(LABEL, (LOGIT - np.log(10)).astype(np.float32), 10)
    assert once(scores.accuracy, LABEL, LOGIT - np.log(10)) < low["accuracy"]
    assert low["accuracy"] == pytest.approx(once(scores.accuracy, LABEL, LOGIT))
