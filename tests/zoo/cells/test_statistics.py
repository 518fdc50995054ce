"""Means and deviations over chunks against numpy's over everything at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.cells.statistics import GeneStatistics, Moments, levels

ALL = np.ones(5, bool)


def drawn(cells: int = 300) -> np.ndarray:
    """Counts of five genes, one of them constant in share and one without any."""
    counts = np.random.default_rng(1).poisson([3, 0.1, 900, 1, 0], (cells, 5)).astype(np.float32)
    counts[:, 0] += 1
    return counts


def over(chunks: list[np.ndarray]) -> GeneStatistics:
    moments = Moments(5)
    for chunk in chunks:
        moments.add(chunk)
    return moments.statistics("human", ALL)


@given(st.lists(st.integers(0, 300), max_size=40))
def test_the_size_of_chunks_makes_no_difference(cuts: list[int]):
    counts = drawn()
    found = over(np.split(counts, sorted(cuts)))
    level = levels(counts)
    assert found.cells == len(counts)
    np.testing.assert_allclose(found.mean, level.mean(0), rtol=1e-13)
    np.testing.assert_allclose(found.deviation[:4], level.std(0)[:4], rtol=1e-12)


def test_levels_are_logarithms_of_parts_per_ten_thousand():
    expected = np.log1p([[2500, 7500], [10_000, 0]])
    np.testing.assert_allclose(levels(np.float32([[1, 3], [5, 0]])), expected, rtol=1e-15)


def test_a_constant_gene_has_deviation_one():
    """Shares of a third are no binary numbers: what varies by rounding alone is constant."""
    factors = np.random.default_rng(0).integers(1, 1000, (50, 1))
    found = over([np.float32(factors * [1, 1, 1, 0, 0])])
    np.testing.assert_array_equal(found.deviation, 1)
    np.testing.assert_allclose(found.mean[:3], np.log1p(1e4 / 3))


@pytest.mark.parametrize(
    ("there", "measured", "expected"),
    [(True, True, (1.5, 2)), (False, True, (0, 1)), (True, False, (0, 1e30)), (0, 0, (0, 1e30))],
)
def test_a_gene_on_one_side_alone_is_neutral(there, measured, expected):
    """Its standardised level is 0: of the matrix alone, by a deviation beyond all levels."""
    statistics = GeneStatistics(
        "human", np.array([1.5]), np.array([2.0]), np.array([bool(measured)])
    )
    inputs = statistics.inputs(np.array([bool(there)]))
    assert {name: array.dtype for name, array in inputs.items()} == {
        "mean": np.float32,
        "deviation": np.float32,
    }
    assert (inputs["mean"][0], inputs["deviation"][0]) == (expected[0], np.float32(expected[1]))
