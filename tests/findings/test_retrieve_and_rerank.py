"""Ranking again, as the findings page measures it; and the page itself."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.findings.scripts import scripts

reranked = scripts("retrieve-and-rerank").page


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 99), st.data())
def test_candidates_come_first_and_in_the_second_order(regulators, genes, seed, data):
    candidates = data.draw(st.integers(1, regulators))
    rng = np.random.default_rng(seed)
    fast, slow = (rng.integers(-3, 4, (genes, regulators)).astype(float) for _ in range(2))
    score = reranked.ranked_again(
        lambda pairs: fast.ravel(), lambda pairs: slow.ravel(), candidates, regulators
    )
    pairs = np.zeros((genes * regulators, 2), np.int64)
    for gene, line in enumerate(score(pairs).reshape(genes, regulators)):
        own = sorted(range(regulators), key=lambda t: (-fast[gene, t], t))
        first = sorted(own[:candidates], key=lambda t: (-slow[gene, t], t))
        got = sorted(range(regulators), key=lambda t: (-line[t], t))
        assert got == first + sorted(own[candidates:], key=lambda t: (-fast[gene, t], t))


@pytest.fixture(scope="module")
def results() -> tuple[dict, dict]:
    paths = (reranked.FINDINGS / "results" / "valid.json", reranked.COSTS)
    return tuple(json.loads(path.read_text()) for path in paths)


def test_the_committed_page_is_what_its_results_say(results):
    assert reranked.page(*results) == (reranked.FINDINGS / "README.md").read_text()


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.01, 0.02, "is worth it"), (-0.01, 0.02, "includes zero"), (-0.02, -0.01, "not worth it")],
)
def test_the_answer_goes_by_the_interval(results, low, high, words):
    valid, costs = json.loads(json.dumps(results))
    valid["difference"][reranked.RETRIEVER]["mrr"] |= {"low": low, "high": high}
    assert words in " ".join(reranked.page(valid, costs).split())
