"""What must not matter to a vector does not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.zoo.cells.conftest import counts
from zoo.matrices import cells as matrices

SEEDS, SPECIES = st.integers(0, 2**32 - 1), st.sampled_from(["human", "mouse"])
ROUNDING = 2e-6
"""Batches of another size are added up in another order."""


@given(SEEDS, SPECIES, st.integers(1, 30))
def test_a_batch_equals_its_cells_one_by_one(saturn, seed: int, species: str, cells: int):
    frame = counts(species, cells, seed)
    statistics = saturn.statistics(counts(species), species)
    together = saturn.embed(frame, species, standardise=statistics)
    alone = [
        saturn.embed(frame[row : row + 1], species, standardise=statistics)[0]
        for row in range(cells)
    ]
    np.testing.assert_allclose(together, alone, atol=ROUNDING)


@given(SEEDS, SPECIES, st.sampled_from(["data", "entry"]))
def test_genes_may_stand_in_any_order(saturn, seed: int, species: str, standardise: str):
    frame = counts(species, seed=seed)
    order = np.random.default_rng(seed).permutation(frame.shape[1])
    np.testing.assert_array_equal(
        saturn.embed(frame.iloc[:, order], species, standardise=standardise),
        saturn.embed(frame, species, standardise=standardise),
    )


@given(SEEDS, SPECIES, st.text("qxz", min_size=3), st.sampled_from(["data", "entry"]))
def test_an_unknown_gene_changes_nothing(
    saturn, seed: int, species: str, name: str, standardise: str
):
    """However many counts it has: shares are of the counts of known genes."""
    frame = counts(species, seed=seed)
    more = frame.assign(**{name: np.random.default_rng(seed).poisson(1000, len(frame))})
    np.testing.assert_array_equal(
        saturn.embed(more, species, standardise=standardise),
        saturn.embed(frame, species, standardise=standardise),
    )


@given(SEEDS, SPECIES, st.integers(2, 1000))
def test_counts_times_a_factor_move_a_vector_by_rounding_alone(
    saturn, seed: int, species: str, factor: int
):
    """Levels are those of shares, so by less than 0.00001 of the vector's length of 1."""
    frame = counts(species, seed=seed)
    by_cell = np.random.default_rng(seed).integers(1, factor, (len(frame), 1), endpoint=True)
    for standardise in ("data", "entry"):
        vectors, scaled = (
            saturn.embed(each, species, standardise=standardise)
            for each in (frame, frame * by_cell)
        )
        assert np.linalg.norm(scaled - vectors, axis=1).max() < 1e-5


@given(SEEDS, SPECIES)
def test_a_gene_that_is_missing_counts_as_average(saturn, seed: int, species: str):
    """It is at its mean in training, as is one that no cell of a matrix has a count of."""
    frame = counts(species, seed=seed)
    gone = [name for name in frame.columns[:10] if not name.startswith("UNHEARD")]
    zeroed = frame.assign(**dict.fromkeys(gone, 0.0))
    heard = [name for name in frame.columns[10:] if not name.startswith("UNHEARD")]
    zeroed.loc[zeroed[heard].sum(axis=1) == 0, heard[0]] = 1
    np.testing.assert_allclose(
        saturn.embed(zeroed.drop(columns=gone), species, standardise="data"),
        saturn.embed(zeroed, species, standardise="data"),
        atol=ROUNDING,
    )


@given(SEEDS, SPECIES, st.integers(1, 100))
def test_the_size_of_chunks_does_not_matter(saturn, seed: int, species: str, size: int):
    frame = counts(species, seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matrices, "CHUNK", size)
        chunked = saturn.embed(frame, species, standardise="data")
    together = saturn.embed(frame, species, standardise="data")
    np.testing.assert_allclose(chunked, together, atol=ROUNDING)


@given(SEEDS, SPECIES)
def test_every_vector_has_length_one(saturn, seed: int, species: str):
    frame: pd.DataFrame = counts(species, seed=seed) * 30_000
    for standardise in ("data", "entry"):
        vectors = saturn.embed(frame, species, standardise=standardise)
        np.testing.assert_allclose(np.linalg.norm(vectors.astype(float), axis=1), 1, atol=1e-6)
