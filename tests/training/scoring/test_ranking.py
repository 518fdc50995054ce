"""Figures of many weightings at once: scikit-learn's, one weighting after the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps
from sklearn.metrics import average_precision_score, roc_auc_score

from training.scoring import bootstrap, ranking
from training.scoring.bootstrap import Bootstrap
from training.scoring.measures import AUROC

FIGURES = {
    ranking.auroc: roc_auc_score,
    ranking.average_precision: average_precision_score,
}
WEIGHTS = st.lists(st.integers(0, 3), min_size=4, max_size=4)
ROWS = st.lists(st.tuples(st.booleans(), st.integers(-3, 3), WEIGHTS), min_size=2, max_size=25)


def columns(rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, scores with many ties, and four weightings of them."""
    label, score, weight = zip(*rows, strict=True)
    return np.array(label), np.array(score, np.float64), np.array(weight, np.float64).T


@pytest.mark.parametrize("figure", FIGURES)
@given(rows=ROWS)
def test_a_weighting_has_scikit_learns_figure(figure, rows):
    label, score, weights = columns(rows)
    for weight, got in zip(weights, figure(label, score, weights), strict=True):
        there = weight > 0
        needed = {True, False} if figure is ranking.auroc else {True}
        if not needed <= set(label[there].tolist()):
            assert np.isnan(got)
        else:
            expected = FIGURES[figure](label[there], score[there], sample_weight=weight[there])
            assert got == pytest.approx(expected)


@pytest.mark.parametrize("figure", FIGURES)
@given(
    rows=ROWS.filter(lambda rows: len({label for label, *_ in rows}) == 2),
    times=nps.arrays(np.int64, 25, elements=st.integers(1, 4)),
)
def test_a_weight_counts_like_a_repeated_row(figure, rows, times):
    label, score, _ = columns(rows)
    times = times[: len(label)]
    (got,) = figure(label, score, times[None].astype(np.float64))
    assert got == pytest.approx(FIGURES[figure](np.repeat(label, times), np.repeat(score, times)))


@pytest.mark.parametrize("cells", [1, 420, 1_000_000])
def test_chunks_give_what_all_weightings_at_once_do(monkeypatch, cells):
    rng = np.random.default_rng(0)
    label, score = rng.random(60) < 0.4, rng.normal(size=60).round(1)
    draws = Bootstrap.of(rng.integers(6, size=60), resamples=20)
    expected = ranking.auroc(label, score, draws.weights(slice(None)))
    monkeypatch.setattr(bootstrap, "CELLS", cells)
    ((_, found),) = AUROC.of(label, [score], draws)
    np.testing.assert_array_equal(found, expected)
