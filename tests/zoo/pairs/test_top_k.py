"""Exact top-k against a plain sort."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from zoo.pairs import top_k

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
    assert top_k.best(values, k).tolist() == plain(values, k)
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
        patch.setattr(top_k, "BLOCK_VALUES", 3 * values.shape[1])
        found = top_k.best_of_blocks(values_of, queries, values.shape[1], k)
    assert found.tolist() == plain(values[queries], k)
    assert max(seen) <= 3
    assert sum(seen) == len(queries)


def test_many_items_with_many_ties():
    values = np.random.default_rng(0).integers(-20, 20, (3, 5000)).astype(np.float32) / 8
    assert top_k.best(values, 300).tolist() == plain(values, 300)


@given(values=MATRICES, data=st.data())
def test_groups_change_nothing(values: np.ndarray, data: st.DataObject):
    """Long rows are looked through in groups; here short ones are too."""
    k = data.draw(st.integers(1, values.shape[1]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(top_k, "_group_size", lambda items, k: max(1, items // (k + 1)))
        assert top_k.best(values, k).tolist() == plain(values, k)


def test_a_long_row_without_ties():
    values = np.random.default_rng(1).standard_normal((4, 30_011), dtype=np.float32)
    assert top_k.best(values, 10).tolist() == plain(values, 10)


def test_what_is_no_number_comes_last():
    values = np.array([[1, np.nan, 3, np.nan, 2]], np.float32)
    assert top_k.best(values, 4).tolist() == [[2, 4, 0, 1]]
