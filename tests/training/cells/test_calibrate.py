"""Confidence that was calibrated means what it says."""

import numpy as np
import pytest
from scipy.special import softmax

from training.cells.calibrate import Scores, calibrate, scores

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


def worth(case: Scores, temperature: float, threshold: float) -> float:
    """Youden's J by a loop: mean over types of right labels, and of cells left alone without it."""
    shares = []
    for kind in np.unique(case.own):
        cells = case.cosine[case.own == kind]
        given = softmax(cells / temperature, axis=1)
        labelled = (given.max(1) >= threshold) & (given.argmax(1) == kind)
        others = softmax(np.delete(cells, kind, axis=1) / temperature, axis=1)
        shares.append(labelled.mean() + (others.max(1) < threshold).mean())
    return float(np.mean(shares))


def test_the_threshold_separates_types_that_are_there_from_those_that_are_not():
    case = drawn(300, 0.08)
    temperature, threshold = calibrate([case])
    best = worth(case, temperature, threshold)
    assert best > worth(case, temperature, 0)
    assert best > worth(case, temperature, 1)
    for other in np.linspace(0, 1, 101):
        assert worth(case, temperature, other) <= best + 1e-9


def test_types_weigh_alike():
    """One type has most cells and is easy; the threshold is that of the types together."""
    easy = Scores(np.tile([1.0, 0.0, 0.2], (1000, 1)), np.zeros(1000, np.int64))
    case = drawn(60, 0.1, types=3)
    both = Scores(np.concatenate([easy.cosine, case.cosine]), np.r_[easy.own, case.own])
    temperature, threshold = calibrate([both])
    best = worth(both, temperature, threshold)
    assert all(worth(both, temperature, other) <= best + 1e-9 for other in np.linspace(0, 1, 101))


def test_cells_of_a_type_that_the_reference_lacks_have_no_say():
    case = drawn(200, 0.1)
    lacking = Scores(RNG.uniform(-1, 1, (50, 5)), np.full(50, -1))
    assert calibrate([case, lacking]) == calibrate([case])


def test_scores_are_cosines_with_the_means_of_types():
    reference = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    query = np.array([[0.6, 0.8], [1, 0]], np.float32)
    found = scores(reference, ["b", "b", "a"], query, ["a", "c"])
    np.testing.assert_allclose(found.cosine, [[0.8, 0.6], [0, 1]], atol=1e-6)
    assert found.own.tolist() == [0, -1]
