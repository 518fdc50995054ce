"""Confidence that was calibrated means what it says."""

import numpy as np
import pytest
from scipy.special import softmax

from training.cells import calibrate as module
from training.cells.calibrate import LABELLED, RIGHT, Scores, calibrate, scores

RNG = np.random.default_rng(0)


def drawn(cells: int, temperature: float, types: int = 5) -> Scores:
    """Cells whose own types are drawn with the chances of a softmax at this temperature."""
    cosine = RNG.uniform(-1, 1, (cells, types))
    chances = softmax(cosine / temperature, axis=1)
    own = np.array([RNG.choice(types, p=row) for row in chances], np.int64)
    return Scores(cosine, own)


@pytest.mark.parametrize("temperature", [0.1, 0.5])
def test_the_temperature_is_found_again(temperature: float):
    cases = [drawn(3000, temperature), drawn(3000, temperature, types=3)]
    assert calibrate(cases).temperature == pytest.approx(temperature, rel=0.1)


def test_the_threshold_is_the_lowest_with_which_enough_labels_are_right():
    cases = [drawn(2000, 0.08)]
    temperature, threshold = calibrate(cases)
    confidence = softmax(cases[0].cosine / temperature, axis=1).max(axis=1)
    right = cases[0].cosine.argmax(axis=1) == cases[0].own
    assert right[confidence >= threshold].mean() >= RIGHT
    for lower in np.unique(confidence[confidence < threshold]):
        assert right[confidence >= lower].mean() < RIGHT
    assert (confidence >= threshold).mean() > LABELLED


def test_half_of_the_cells_are_labelled_however_hard_they_are():
    cases = [drawn(501, 5.0)]
    temperature, threshold = calibrate(cases)
    confidence = softmax(cases[0].cosine / temperature, axis=1).max(axis=1)
    assert (confidence >= threshold).mean() == pytest.approx(LABELLED, abs=0.01)


def test_all_are_labelled_where_nearly_all_are_right():
    cosine = RNG.uniform(-1, 1, (100, 4))
    assert calibrate([Scores(cosine, cosine.argmax(axis=1))]).threshold == 0


def test_cells_of_a_type_that_the_reference_lacks_are_always_wrong(monkeypatch):
    easy = np.eye(3)[RNG.integers(0, 3, 200)] + RNG.normal(0, 0.05, (200, 3))
    lacking = Scores(RNG.uniform(0.4, 0.6, (50, 3)), np.full(50, -1))
    known = Scores(easy, easy.argmax(axis=1))
    one, both = calibrate([known]), calibrate([known, lacking])
    assert both.temperature == pytest.approx(one.temperature)
    assert one.threshold == 0 < both.threshold
    monkeypatch.setattr(module, "RIGHT", 0.5)
    assert calibrate([known, lacking]).threshold == 0


def test_scores_are_cosines_with_the_means_of_types():
    reference = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    query = np.array([[0.6, 0.8], [1, 0]], np.float32)
    found = scores(reference, ["b", "b", "a"], query, ["a", "c"])
    np.testing.assert_allclose(found.cosine, [[0.8, 0.6], [0, 1]], atol=1e-6)
    assert found.own.tolist() == [0, -1]
