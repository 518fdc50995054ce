"""Accuracies of classes against scikit-learn, weighting by weighting."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from training.scoring import classes
from training.scoring.bootstrap import Bootstrap
from training.scoring.measures import ACCURACY, BALANCED_ACCURACY

RNG = np.random.default_rng(0)
LABEL = RNG.choice([1.0, 2, 5, 9], 120, p=[0.6, 0.2, 0.15, 0.05])
PREDICTED = np.where(RNG.random(120) < 0.7, LABEL, RNG.choice([1.0, 2, 5, 9], 120))


@pytest.mark.parametrize(
    ("of", "truth"),
    [
        (classes.accuracy, accuracy_score),
        (classes.balanced_accuracy, balanced_accuracy_score),
    ],
)
def test_every_weighting_is_that_of_scikit_learn(of, truth):
    weights = RNG.integers(1, 4, (7, 120)).astype(float)
    expected = [truth(LABEL, PREDICTED, sample_weight=each) for each in weights]
    np.testing.assert_allclose(of(LABEL, PREDICTED, weights), expected, rtol=1e-12)


def test_a_class_that_was_not_drawn_has_no_say():
    weights = np.where(LABEL == 9, 0.0, 1.0)[None, :]
    rows = LABEL != 9
    expected = np.mean([(PREDICTED[k == LABEL] == k).mean() for k in (1, 2, 5)])
    assert classes.balanced_accuracy(LABEL, PREDICTED, weights)[0] == pytest.approx(expected)
    assert classes.accuracy(LABEL, PREDICTED, weights)[0] == pytest.approx(
        (LABEL == PREDICTED)[rows].mean()
    )


def test_a_class_that_nobody_asks_about_is_wrong_like_any_other():
    elsewhere = np.where(LABEL == PREDICTED, LABEL, 77)
    draws = Bootstrap.of(np.arange(120), strata=LABEL, resamples=50)
    for measure in (ACCURACY, BALANCED_ACCURACY):
        (one, one_drawn), (other, other_drawn) = measure.of(LABEL, [PREDICTED, elsewhere], draws)
        assert one == other
        np.testing.assert_array_equal(one_drawn, other_drawn)


def test_within_classes_the_bootstrap_keeps_the_size_of_each():
    draws = Bootstrap.of(np.arange(120), strata=LABEL, resamples=50)
    weights = draws.weights(slice(None))
    for label in np.unique(LABEL):
        assert (weights[:, label == LABEL].sum(1) == (label == LABEL).sum()).all()
    (value, drawn), (perfect, _) = BALANCED_ACCURACY.of(LABEL, [PREDICTED, LABEL], draws)
    assert perfect == 1
    assert value == pytest.approx(balanced_accuracy_score(LABEL, PREDICTED))
    expected = [balanced_accuracy_score(LABEL, PREDICTED, sample_weight=w) for w in weights]
    np.testing.assert_allclose(drawn, expected)
