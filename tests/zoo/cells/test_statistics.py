"""Means and deviations over chunks against numpy's over everything at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.cells.statistics import GeneStatistics, Moments, Standard, levels

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


def one_gene(mean: float, deviation: float, present: bool = True) -> GeneStatistics:
    return GeneStatistics("human", np.array([mean]), np.array([deviation]), np.array([present]))


TRAINED = Standard(one_gene(3.0, 0.5), np.array([1.0]), np.array([4.0]))


def taken(level: float, inputs: dict) -> float:
    assert {array.dtype for array in inputs.values()} == {np.dtype(np.float32)}
    return ((np.float32(level) - inputs["mean"]) / inputs["deviation"]).item()


@pytest.mark.parametrize("level", [0.0, 2.0, 7.5])
def test_the_levels_of_training_are_centred_and_scaled(level: float):
    inputs = TRAINED.inputs(TRAINED.trained, np.array([True]))
    assert taken(level, inputs) == pytest.approx((level - 1) / 4)


@pytest.mark.parametrize("level", [0.0, 2.0, 7.5])
def test_other_cells_are_brought_to_the_mean_and_deviation_of_training(level: float):
    inputs = TRAINED.inputs(one_gene(2.0, 0.25), np.array([True]))
    as_in_training = (level - 2) / 0.25 * 0.5 + 3
    assert taken(level, inputs) == pytest.approx((as_in_training - 1) / 4)


@pytest.mark.parametrize(("there", "measured"), [(False, True), (True, False), (False, False)])
@pytest.mark.parametrize("level", [0.0, 2.0])
def test_a_gene_on_one_side_alone_is_at_its_mean_in_training(there, measured, level):
    inputs = TRAINED.inputs(one_gene(1.5, 2.0, measured), np.array([there]))
    assert taken(level, inputs) == pytest.approx((3 - 1) / 4, rel=1e-6)
