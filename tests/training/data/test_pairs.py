"""Profiles in 8 bits, coverage, and the positions of a pair dataset."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from contracts.errors import ArtefactError
from training.data.files import LowCoverage
from training.data.pairs import LEVELS, Profile, require_coverage

LOG1P = st.floats(0, 14, width=32)
TABLES = nps.arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(1, 4)), elements=LOG1P)


def decoded(profile: Profile) -> np.ndarray:
    """What a model sees, in float64."""
    return profile.codes * profile.scale.astype(np.float64) + profile.offset


@given(values=TABLES, missing=st.integers(0, 2**32 - 1))
def test_decoding_is_off_by_half_a_step_at_most(values: np.ndarray, missing: int):
    known = np.random.default_rng(missing).random(values.shape) < 0.7
    known[0] = True
    table = pd.DataFrame(np.where(known, values, np.nan)).add_prefix("tissue:")
    profile = Profile.from_log(table)
    np.testing.assert_array_equal(profile.measured, known)
    for column, (name, series) in enumerate(table.items()):
        seen = series.dropna()
        spread = seen.std(ddof=0) or 1.0
        expected = (series - seen.mean()) / spread
        half = 0.5 * (seen.max() / LEVELS or 1.0) / spread
        # Scale and offset are float32: their rounding comes on top of the coding.
        slack = half + 1e-6 * (1 + seen.max() / spread)
        error = (decoded(profile)[:, column] - expected.fillna(0.0)).abs()
        assert error.max() <= slack, name


def test_the_largest_value_has_the_largest_code():
    profile = Profile.from_log(pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [0.0, 0.0, 0.0]}))
    np.testing.assert_array_equal(profile.codes, [[0, 0], [128, 0], [255, 0]])
    assert profile.codes.dtype == np.uint8
    assert profile.features == ("a", "b")
    np.testing.assert_array_equal(decoded(profile)[:, 1], 0.0)


def test_a_gene_that_was_not_measured_is_at_the_mean():
    column = [0.0, 3.0, 5.0, np.nan]
    profile = Profile.from_log(pd.DataFrame({"a": column}))
    mean, spread = np.nanmean(column), np.nanstd(column)
    assert abs(decoded(profile)[3, 0]) <= 0.5 * (5 / LEVELS) / spread + 1e-6
    np.testing.assert_allclose(decoded(profile)[0, 0], -mean / spread, rtol=1e-6)
    assert profile.measured.tolist() == [[True], [True], [True], [False]]


def test_values_that_are_no_log1p_are_refused():
    with pytest.raises(ArtefactError, match="fold has values under 0"):
        Profile.from_log(pd.DataFrame({"a": [0.0, 1.0], "fold": [-0.5, 1.0]}))


def test_coverage_under_its_floor_is_refused():
    assert require_coverage("the rows", 0.9, 0.9) == 0.9
    with pytest.raises(LowCoverage, match=r"Only 89\.9% of the rows .* floor of 90%.*namespace"):
        require_coverage("the rows", 0.899, 0.9)


def test_positions_are_those_of_the_names(toy_data):
    vocabulary = toy_data.vocabulary
    for (tf, gene), row in zip(toy_data.pairs, toy_data.edges.itertuples(), strict=True):
        assert vocabulary.regulators[tf] == row.tf
        assert vocabulary.genes[gene] == row.gene
    at = toy_data.tf_positions
    assert [vocabulary.genes[position] for position in at] == list(vocabulary.regulators)


def test_a_stratum_is_a_combination_of_the_benchmarks_sources(toy_data):
    combinations = toy_data.edges[["first", "second"]].apply(tuple, axis=1)
    pairs = set(zip(combinations, toy_data.stratum.tolist(), strict=True))
    assert len(pairs) == len({c for c, _ in pairs}) == len({s for _, s in pairs}) == 4
