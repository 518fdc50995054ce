"""Exact top-k against a plain sort."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from zoo import retrieval

# Few different values, so that there are ties; both zeros, which are equal.
VALUES = st.sampled_from([-np.inf, -1e30, -2.5, -1.0, -1e-40, -0.0, 0.0, 1e-40, 0.5, 3.0, 1e30])
MATRICES = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=VALUES
)


def plain(values: np.ndarray, k: int) -> list[list[int]]:
    """Sort each row by value, then position."""
    return [
        sorted(range(len(row)), key=lambda position: (-float(row[position]), position))[:k]
        for row in values
    ]


@given(values=MATRICES, data=st.data())
def test_the_best_are_those_of_a_plain_sort(values: np.ndarray, data: st.DataObject):
    k = data.draw(st.integers(1, values.shape[1]))
    before = values.copy()
    assert retrieval.best(values, k).tolist() == plain(values, k)
    np.testing.assert_array_equal(values, before)


@given(values=MATRICES, data=st.data())
def test_blocks_change_nothing(values: np.ndarray, data: st.DataObject):
    k = data.draw(st.integers(1, values.shape[1]))
    queries = np.array(data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1)))
    seen: list[int] = []

    def values_of(some: np.ndarray) -> np.ndarray:
        seen.append(len(some))
        return values[some]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "BLOCK_VALUES", 3 * values.shape[1])
        found = retrieval.best_of_blocks(values_of, queries, values.shape[1], k)
    assert found.tolist() == plain(values[queries], k)
    assert max(seen) <= 3
    assert sum(seen) == len(queries)


def test_many_items_with_many_ties():
    values = np.random.default_rng(0).integers(-20, 20, (3, 5000)).astype(np.float32) / 8
    assert retrieval.best(values, 300).tolist() == plain(values, 300)
