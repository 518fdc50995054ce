"""Search in an approximate index against a plain sort of float64 sums."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from contracts.errors import (
    ContractViolation,
    EmptyInput,
    InvalidOption,
)
from tests.zoo.vectors import FAME, MANY, POOL, plain
from zoo.ann import build
from zoo.ann import index as ann
from zoo.ann.record import Settings
from zoo.ann.vectors import Items

pytest.importorskip("faiss", reason="the extra `ann` is not installed")


def opened(items: Items, settings: Settings, folder: Path, seed: int = 0) -> ann.Index:
    """An index with given settings, built and opened again."""
    pool = np.ones((2, items.dim), dtype=np.float32)
    build.build(folder / "index", items, pool, "ones", seed=seed, settings=settings)
    return ann.open_index(folder / "index", items)


@st.composite
def small_sets(draw: st.DrawFn):
    """Few vectors of few values, so that there are ties, popularity or none, and queries."""
    n, dim, q = draw(st.integers(1, 30)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    # Halves: every sum is exact, and faiss' own order cannot differ by rounding.
    halves = st.integers(-4, 4).map(lambda whole: whole / 2)
    vectors = draw(hnp.arrays(np.float32, (n, dim), elements=halves))
    popularity = draw(st.none() | hnp.arrays(np.float32, (n,), elements=halves))
    allowed = draw(st.none() | hnp.arrays(np.bool_, (n,)).filter(np.any))
    queries = draw(hnp.arrays(np.float32, (q, dim), elements=halves))
    left = n if allowed is None else int(allowed.sum())
    return Items(vectors, popularity), queries, allowed, draw(st.integers(1, left))


@given(given_set=small_sets(), nlist=st.integers(1, 4), exact=st.sampled_from([None, True, False]))
def test_an_exhaustive_index_is_exact(
    given_set, nlist: int, exact: bool | None, tmp_path_factory: pytest.TempPathFactory
):
    items, queries, allowed, k = given_set
    nlist = min(nlist, len(items))
    settings = Settings(codec="Flat", nlist=nlist, nprobe=nlist, oversampling=len(items))
    index = opened(items, settings, tmp_path_factory.mktemp("small"))
    found = index.search(queries, k, allowed, exact=exact)
    positions, values = plain(items, queries, k, allowed)
    assert found.positions.tolist() == positions
    np.testing.assert_array_equal(found.values, values)
    assert found.exact.all() == (exact is True or bool(found.reason))


def test_values_are_exact_and_popularity_counts(index: ann.Index, many: Items):
    queries = POOL[:60]
    found = index.search(queries, 5)
    assert not found.exact.any()
    assert found.reason == ""
    sums = np.einsum("qd,qkd->qk", queries.astype("f8"), MANY[found.positions].astype("f8"))
    np.testing.assert_array_equal(found.values, (sums + FAME[found.positions]).astype("f4"))
    first = [best[0] for best in plain(many, queries, 1)[0]]
    without = [best[0] for best in plain(Items(MANY), queries, 1)[0]]
    assert np.mean(found.positions[:, 0] == first) > 0.9 > np.mean(np.equal(first, without))


def test_a_selective_filter_is_answered_exactly(index: ann.Index, many: Items):
    allowed = np.zeros(4000, dtype=np.bool_)
    allowed[100:300] = True
    found = index.search(POOL[:9], 5, allowed)
    assert found.exact.all()
    assert found.reason == "the filter keeps 200 of 4000 vectors, less than 10%"
    assert found.positions.tolist() == plain(many, POOL[:9], 5, allowed)[0]


def test_a_mild_filter_is_left_to_the_index(index: ann.Index, many: Items):
    allowed = np.arange(4000) % 2 == 0
    queries = POOL[:60]
    found = index.search(queries, 5, allowed)
    assert not found.exact.any()
    assert (found.positions % 2 == 0).all()
    truth = plain(many, queries, 5, allowed)[0]
    pairs = zip(found.positions.tolist(), truth, strict=True)
    assert np.mean([len(set(f) & set(t)) / 5 for f, t in pairs]) > 0.85


def test_a_k_near_the_number_of_vectors_is_answered_exactly(index: ann.Index, many: Items):
    found = index.search(POOL[:3], 3999)
    assert found.exact.all()
    assert "too few" in found.reason
    assert found.positions.tolist() == plain(many, POOL[:3], 3999)[0]


def test_queries_that_the_index_finds_too_little_for_are_answered_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    vectors = np.array([[1, 0]] * 40 + [[0, 1]] * 3, dtype=np.float32)
    items = Items(vectors)
    index = opened(items, Settings(nlist=2, nprobe=1), tmp_path)
    monkeypatch.setattr(ann, "LOOKED_AT", 0)
    queries = np.array([[1, 0], [0, 1]], dtype=np.float32)
    found = index.search(queries, 5)
    assert found.exact.tolist() == [False, True]
    assert "too few" in found.reason
    assert found.positions[1].tolist() == [40, 41, 42, 0, 1]
    forced = index.search(queries, 5, exact=False)
    assert forced.positions[1].tolist() == [40, 41, 42, -1, -1]
    assert np.isneginf(forced.values[1, 3:]).all()


@pytest.mark.parametrize("k", [0, -1, 4001, 2.0, True, None])
def test_a_k_out_of_range_is_refused(index: ann.Index, k: object):
    with pytest.raises(InvalidOption, match="from 1 to 4000"):
        index.search(POOL, k)


def test_a_filter_must_leave_enough(index: ann.Index):
    allowed = np.zeros(4000, dtype=np.bool_)
    with pytest.raises(EmptyInput, match="What the filter allows is empty"):
        index.search(POOL, 1, allowed)
    allowed[:3] = True
    with pytest.raises(InvalidOption, match="from 1 to 3"):
        index.search(POOL, 4, allowed)
    for wrong in (allowed[:-1], allowed.astype(int), [True] * 4000):
        with pytest.raises(ContractViolation, match=r"expected a bool array \[4000\]"):
            index.search(POOL, 1, wrong)


@pytest.mark.parametrize("wrong", [POOL.astype(np.float64), POOL[0], POOL[:, :7], POOL * np.nan])
def test_wrong_queries_are_refused(index: ann.Index, wrong: np.ndarray):
    with pytest.raises(ContractViolation, match=r"^queries"):
        index.search(wrong, 1)
