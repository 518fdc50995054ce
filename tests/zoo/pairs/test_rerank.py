"""Candidates of one entry, ranked again by another."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from contracts.errors import InvalidOption, OtherGenes
from tests import tiny
from tests.tiny import GENES, REGULATORS, R
from zoo.pairs import rerank
from zoo.pairs.candidates import Candidates
from zoo.pairs.scorer import PairScorer

TFS, ALL = 60, 400


class Noisy:
    """As much of a scorer as ranking needs: shared logits and noise of its own."""

    def __init__(self, noise: float, seed: int, name: str) -> None:
        rng = np.random.default_rng(seed)
        shared = np.random.default_rng(9).standard_normal((TFS, ALL))
        own = noise * rng.standard_normal((TFS, ALL))
        self.truth = (shared + own).astype(np.float32)
        self.entry, self.backend, self.device, self.threads = name, "onnx", "cpu", 1
        self.vocabulary = self.manifest = self.reranking = None
        self.gene_edges = np.arange(ALL) % 2

    def rank_values(self, tf: np.ndarray, gene: np.ndarray, by: str = "score") -> np.ndarray:
        return self.truth[np.ix_(tf, gene)].T

    def pair_logits(self, tf: np.ndarray, gene: np.ndarray) -> np.ndarray:
        return self.truth[tf, gene]


@pytest.fixture
def everyone() -> Candidates:
    return Candidates(np.arange(TFS), ALL)


def top(scorer: Noisy, size: int) -> np.ndarray:
    return np.argsort(-scorer.truth.T, axis=1, kind="stable")[:, :size]


@pytest.mark.parametrize("target", [0.5, 0.9, 0.99])
def test_the_recall_measured_is_that_of_the_genes_held_out(everyone, target):
    fast, slow = Noisy(0.3, 1, "fast-toy"), Noisy(0.0, 2, "slow-toy")
    found = rerank.measure(fast, slow, everyone, 5, target)
    kinds = []
    for chosen, held_out in rerank._samples(fast.gene_edges):
        assert not set(chosen) & set(held_out)
        assert len({fast.gene_edges[gene] for gene in (*chosen, *held_out)}) == 1
        candidates, wanted = top(fast, found.candidates)[held_out], top(slow, 5)[held_out]
        kinds.append((wanted[:, :, None] == candidates[:, None]).any(2))
    hits = min(kinds, key=np.mean)
    assert found.recall == pytest.approx(hits.mean())
    assert found.genes_whole == pytest.approx(hits.all(1).mean())
    assert found.genes == len(hits) == 100
    assert found.recall_low < found.recall
    assert 5 <= found.candidates < TFS
    assert not found.exact


def test_a_higher_target_takes_more_candidates(everyone):
    fast, slow = Noisy(0.5, 1, "fast-toy"), Noisy(0.0, 2, "slow-toy")
    sizes = [rerank.measure(fast, slow, everyone, 5, t).candidates for t in (0.5, 0.9, 0.97)]
    assert sizes[0] < sizes[1] < sizes[2]


def test_entries_that_have_nothing_in_common_need_all_candidates(everyone):
    found = rerank.measure(Noisy(50.0, 1, "a-b"), Noisy(50.0, 2, "c-d"), everyone, 10, 0.99)
    assert (found.candidates, found.exact, found.recall) == (TFS, True, 1.0)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(st.integers(1, 400), st.floats(0, 1), st.sampled_from([0.9, 0.95, 0.99]))
def test_the_bound_is_that_of_clopper_and_pearson(total, share, confidence):
    hits = round(total * share)
    expected = 0.0 if hits == 0 else stats.beta.ppf(1 - confidence, hits, total - hits + 1)
    assert rerank.lower_bound(hits, total, confidence) == pytest.approx(expected, abs=1e-9)


@pytest.fixture
def pair(dot: PairScorer, table: PairScorer) -> tuple[PairScorer, PairScorer]:
    return dot, table


def test_with_all_candidates_it_is_the_other_entrys_ranking(pair):
    dot, table = pair
    alone = table.regulators(GENES, k=3)
    for options in ({"exact": True}, {}):
        got = dot.regulators(GENES, k=3, rerank_with=tiny.TABLE, **options)
        assert got.equals(alone)
        about = got.attrs["rerank"]
        assert (about["exact"], about["candidates"]) == (True, R)
        assert (about["retriever"], about["reranker"]) == (tiny.DOT, tiny.TABLE)


def test_few_candidates_are_ranked_by_the_other_entry(pair, monkeypatch):
    dot, table = pair

    def two(retriever, reranker, tfs, k, target):
        return rerank.Measured(dot.entry, table.entry, k, target, 2, False, 1, *[1.0] * 4)

    monkeypatch.setattr(rerank, "measure", two)
    first, second = tiny.logits(tiny.DOT), tiny.logits(tiny.TABLE)
    got = dot.regulators(GENES, k=2, rerank_with=table)
    for column, gene in enumerate(GENES):
        candidates = sorted(range(R), key=lambda t: (-first[t, column], t))[:2]
        expected = sorted(candidates, key=lambda t: (-second[t, column], t))
        assert got.loc[got["gene"] == gene, "tf"].tolist() == [REGULATORS[t] for t in expected]
    scores = table.score(list(zip(got["tf"], got["gene"], strict=True)))
    np.testing.assert_array_equal(got["score"], scores)


def test_a_measurement_is_made_once(pair, monkeypatch):
    dot, _ = pair
    made = []
    measure = rerank.measure
    monkeypatch.setattr(rerank, "measure", lambda *given: made.append(1) or measure(*given))
    for _ in range(2):
        dot.regulators(["GFAP"], k=1, rerank_with=tiny.TABLE)
    assert made == [1]


@pytest.mark.parametrize("recall", [0, 1, -0.5, 2, True, "much"])
def test_a_recall_outside_of_its_range_is_refused(pair, recall):
    with pytest.raises(InvalidOption, match="recall"):
        pair[0].regulators(["GFAP"], rerank_with=pair[1], recall=recall, k=1)


def test_an_entry_of_other_genes_is_refused(pair, monkeypatch):
    dot, table = pair
    monkeypatch.setattr(table, "vocabulary", SimpleNamespace(regulators=(), genes=()))
    with pytest.raises(OtherGenes, match=r"tiny_table-toy does not share.*zoo\.names"):
        dot.regulators(["GFAP"], k=1, rerank_with=table)


def test_an_entry_does_not_rank_itself_again(pair):
    with pytest.raises(InvalidOption, match="another entry"):
        pair[0].regulators(["GFAP"], k=1, rerank_with=tiny.DOT)


def test_the_other_entry_is_loaded_once(pair, monkeypatch):
    loaded: list[str] = []
    load = rerank.load_of
    monkeypatch.setattr(
        rerank,
        "load_of",
        lambda family, name, *how: loaded.append(name) or load(family, name, *how),
    )
    for _ in range(3):
        pair[0].regulators(["GFAP"], k=1, rerank_with=tiny.TABLE)
    assert loaded == [tiny.TABLE]
