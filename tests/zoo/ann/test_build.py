"""Measured recall, the draw of queries, and options that are refused."""

from pathlib import Path

import numpy as np
import pytest

from contracts.errors import (
    InvalidOption,
)
from tests.zoo.vectors import POOL, plain
from zoo.ann import build
from zoo.ann import index as ann
from zoo.ann.record import Settings
from zoo.ann.vectors import Items

pytest.importorskip("faiss", reason="the extra `ann` is not installed")


def test_the_stored_recall_is_that_of_a_plain_sort(index: ann.Index, many: Items):
    """Queries drawn again by the seed; the index is asked, the truth comes from a plain sort."""
    measured = index.record.measured
    _, queries = build.draw_queries(POOL, 60, measured.seed)
    assert (len(queries), measured.source) == (measured.queries, "normal vectors")
    truth, _ = plain(many, queries, 100)
    for k in (10, 50, 100):
        found = index.search(queries, 100, exact=False).positions[:, :k].tolist()
        shares = [len(set(f) & set(t[:k])) / k for f, t in zip(found, truth, strict=True)]
        assert measured.recall[k] == pytest.approx(np.mean(shares), abs=1e-12)
    assert min(measured.recall.values()) > 0.8
    assert index.settings.nprobe < index.settings.nlist, "or nothing here is approximate"


def test_a_query_is_either_tuned_on_or_measured_on():
    for pool, count in ((POOL, 60), (POOL, 1000), (POOL[:3], 60)):
        tuning, measuring = (set(map(tuple, some)) for some in build.draw_queries(pool, count, 1))
        assert tuning
        assert measuring
        assert not tuning & measuring
    assert [len(some) for some in build.draw_queries(POOL[:1], 60, 1)] == [1, 1]


def test_numbers_out_of_range_are_refused(many: Items, tmp_path: Path):
    for options in ({"target": 0.0}, {"target": 1.1}, {"queries": 0}):
        with pytest.raises(InvalidOption, match=next(iter(options)).replace("target", "recall")):
            build.build(tmp_path / "a", many, POOL, "p", **options)
    for settings in (Settings(nlist=2, nprobe=3), Settings(nlist=4001, nprobe=1)):
        with pytest.raises(InvalidOption, match="nlist <= 4000"):
            build.build(tmp_path / "a", many, POOL, "p", settings=settings)


def test_candidates_are_added_where_lists_do_not_help(tmp_path: Path):
    """Vectors closer than a byte can tell, in one list: only more candidates find the best."""
    vectors = np.random.default_rng(4).normal(size=(3000, 4)).astype(np.float32) * 1e-3
    vectors[0] = 1
    record = build.build(tmp_path / "a", Items(vectors), POOL[:, :4], "p", queries=50)
    assert record.settings.oversampling > 2
