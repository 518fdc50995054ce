"""All regulators with all genes from the parts of both sides, against the formula pair by pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.pairs import exhaustive
from zoo.pairs.exhaustive import Joint, Side


def side(rng: np.random.Generator, total: int, hidden: int, factor: int) -> Side:
    def draw(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape, dtype=np.float32)

    return Side(draw(total, hidden), draw(total, factor), draw(total))


def joint(rng: np.random.Generator, hidden: int, factor: int) -> Joint:
    product = rng.standard_normal((factor, hidden), dtype=np.float32)
    return Joint(product, rng.standard_normal(hidden, dtype=np.float32), np.float32(0.3))


def naive(tfs: Side, genes: Side, both: Joint) -> np.ndarray:
    """The formula in float64, one pair after the other."""
    out = np.empty((len(tfs), len(genes)))
    for t in range(len(tfs)):
        for g in range(len(genes)):
            factor = tfs.factor[t].astype(float) * genes.factor[g]
            unit = tfs.hidden[t].astype(float) + genes.hidden[g] + factor @ both.product_weight
            specific = np.maximum(unit, 0) @ both.output_weight + both.output_bias
            out[t, g] = specific + tfs.popularity[t] + genes.popularity[g]
    return out


@given(
    st.integers(1, 9), st.integers(1, 9), st.integers(1, 6), st.integers(0, 4), st.integers(0, 99)
)
def test_it_is_the_formula(tfs, genes, hidden, factor, seed):
    rng = np.random.default_rng(seed)
    left, right = side(rng, tfs, hidden, factor), side(rng, genes, hidden, factor)
    both = joint(rng, hidden, factor)
    got = exhaustive.logits(left, right, both)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, naive(left, right, both), rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize(("tfs", "genes"), [(3, 11), (11, 3)])
def test_blocks_of_rows_do_not_change_the_numbers(monkeypatch, tfs, genes):
    rng = np.random.default_rng(1)
    left, right, both = side(rng, tfs, 5, 2), side(rng, genes, 5, 2), joint(rng, 5, 2)
    whole = exhaustive.logits(left, right, both)
    monkeypatch.setattr(exhaustive, "ROWS", 4)
    np.testing.assert_allclose(exhaustive.logits(left, right, both), whole, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("threads", [2, 3, 50])
def test_threads_do_not_change_a_bit(threads):
    rng = np.random.default_rng(2)
    left, right, both = side(rng, 7, 8, 3), side(rng, 40, 8, 3), joint(rng, 8, 3)
    whole = exhaustive.logits(left, right, both)
    np.testing.assert_array_equal(exhaustive.logits(left, right, both, threads), whole)


def test_an_error_in_a_thread_is_not_lost():
    rng = np.random.default_rng(3)
    left, both = side(rng, 4, 3, 2), joint(rng, 3, 2)
    with pytest.raises(ValueError, match="matmul"):
        exhaustive.logits(left, side(rng, 6, 3, 1), both, threads=2)
