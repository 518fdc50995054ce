"""Exact search in blocks against a plain sort."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.zoo.vectors import plain
from zoo.ann import exact
from zoo.ann.vectors import Items

ANY = st.floats(-(2.0**49), 2.0**49, width=32)


@given(data=st.data(), k=st.integers(1, 7), block=st.integers(1, 9))
def test_exact_search_is_exact_whatever_the_numbers_and_the_blocks(data, k: int, block: int):
    n, dim = data.draw(st.integers(k, 25)), data.draw(st.integers(1, 5))
    vectors = data.draw(hnp.arrays(np.float32, (n, dim), elements=ANY))
    items = Items(vectors, data.draw(st.none() | hnp.arrays(np.float32, (n,), elements=ANY)))
    queries = data.draw(hnp.arrays(np.float32, (3, dim), elements=ANY))
    whole = exact.search(items, queries, k)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, "BLOCK_ROWS", block)
        patch.setattr(exact, "QUERIES", 2)
        parts = exact.search(items, queries, k)
    np.testing.assert_array_equal(whole[0], parts[0])
    np.testing.assert_array_equal(whole[1], parts[1])
    # Sums in another order differ by 1e-16 of the terms: values agree, near ties need not.
    terms = np.abs(queries.astype(np.float64)) @ np.abs(vectors.astype(np.float64)).T
    slack = 1e-6 * (terms.max() + items.largest) + 1e-37
    np.testing.assert_allclose(whole[1], plain(items, queries, k)[1], rtol=1e-6, atol=slack)


@pytest.mark.parametrize("block", [64, 1 << 16])
def test_sums_that_cancel_are_ranked_as_in_float64(block: int, monkeypatch: pytest.MonkeyPatch):
    """Terms of 10,000 that add up to almost nothing: the order of float32 products is worthless."""
    draw = np.random.default_rng(2)
    terms = draw.normal(size=(4000, 31)) * 1e4
    vectors = np.column_stack([terms, draw.normal(size=4000) * 1e-3 - terms.sum(axis=1)])
    items = Items(vectors.astype(np.float32))
    queries = np.ones((3, 32), dtype=np.float32)
    positions, values = plain(items, queries, 200)
    rough = np.argsort(-(queries @ items.vectors.T), axis=1, kind="stable")[:, :200]
    assert rough.tolist() != positions, "or this test shows nothing"
    monkeypatch.setattr(exact, "BLOCK_ROWS", block)
    found = exact.search(items, queries, 200)
    assert found[0].tolist() == positions
    np.testing.assert_array_equal(found[1], np.array(values, dtype=np.float32))
