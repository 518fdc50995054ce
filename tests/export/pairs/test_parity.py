"""What is compared for regulator-gene pairs, and the figures of it."""

import numpy as np
import pytest

from export import parity
from export.pairs import family
from export.pairs.parity import PairProbe
from export.parity import ParityFailed

PROBE = PairProbe.draw("pair_score", {"tfs_total": 40, "genes_total": 20})


def test_batches_are_others_than_the_exports():
    sample = PairProbe.draw("pair_score", {"tfs_total": 5, "genes_total": 9})
    sizes = [batch.shape[1] for batch in sample.batches]
    assert sizes == list(parity.BATCHES)
    assert family.EXAMPLE not in sizes
    assert {1, 1000} <= set(sizes)
    for batch in sample.batches:
        assert batch.min() >= 0
        assert (batch.max(axis=1) < [5, 9]).all()
    assert sorted(sample.genes) == list(range(9)), "there are fewer genes than asked for"


def answers(logits: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    return [logits[0]], logits


def test_the_figures_are_the_largest_differences():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(20, 40)) * 3
    got = truth + 1e-6 * rng.choice([-1, 1], truth.shape)
    got[3, 5] += 4e-6
    lane = PROBE.compare("lane", answers(truth), answers(got))
    expected = np.abs(1 / (1 + np.exp(-truth)) - 1 / (1 + np.exp(-got))).max()
    assert lane["max_abs_probability"] == pytest.approx(expected, rel=1e-6)
    assert lane["max_abs_logit"] == pytest.approx(np.abs(truth - got).max())
    got[7, 7] += 1e-3
    with pytest.raises(ParityFailed, match="lane differs"):
        PROBE.compare("lane", answers(truth), answers(got))


def test_an_exchanged_rank_is_found_where_probabilities_are_equal():
    """At logits of -30 all probabilities are 0 to 12 digits, and the order is all there is."""
    truth = -30 - np.arange(40.0) * 0.01 + np.zeros((20, 1))
    got = truth.copy()
    got[[2, 9], 3], got[[2, 9], 4] = truth[[2, 9], 4], truth[[2, 9], 3]
    with pytest.raises(ParityFailed, match=r"ranks the 10 best regulators of 2 of 20 genes"):
        PROBE.compare("lane", answers(truth), answers(got))
    beyond = truth.copy()
    beyond[:, 20], beyond[:, 21] = truth[:, 21], truth[:, 20]
    assert PROBE.compare("lane", answers(truth), answers(beyond))["top_order_equal"]


def test_logits_that_float32_cannot_tell_apart_may_change_places():
    truth = np.tile(5.0 - np.arange(40) * 0.1, (20, 1))
    truth[:, 1] = truth[:, 0] - 1e-8
    got = truth.copy()
    got[:, 0], got[:, 1] = truth[:, 1], truth[:, 0]
    assert PROBE.compare("lane", answers(truth), answers(got))["top_order_equal"]
