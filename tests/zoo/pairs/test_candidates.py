"""Which regulators a search may list: by name, by training edges, without known pairs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zoo
from contracts.errors import EmptyInput, InvalidOption, NotARegulator, NothingLeft, UnknownGene
from tests import tiny
from tests.tiny import GENES, REGULATORS, R
from zoo.pairs.scorer import PairScorer


def ranked(logits: np.ndarray, allowed: list[int]) -> list[int]:
    """A plain sort: higher logit first, then the earlier name."""
    return sorted(allowed, key=lambda tf: (-logits[tf], tf))


FILTERS = st.tuples(
    st.lists(st.sampled_from(REGULATORS), min_size=1),
    st.lists(st.tuples(st.sampled_from(REGULATORS), st.sampled_from(GENES)), max_size=20),
    st.integers(1, R),
)


@pytest.mark.parametrize("name", tiny.PAIRS)
def test_filters_come_before_the_search(tiny_root, name):
    model = zoo.load(zoo.register(tiny_root / name), device="cpu")
    truth = tiny.logits(name)

    @given(FILTERS)
    def check(drawn):
        among, known, k = drawn
        allowed = sorted({REGULATORS.index(name) for name in among})
        k = min(k, len(allowed))
        for column, gene in enumerate(GENES):
            left = [t for t in allowed if (REGULATORS[t], gene) not in known]
            if not left:
                with pytest.raises(NothingLeft, match=gene):
                    model.regulators([gene], k, among=among, exclude=known)
                continue
            table = model.regulators([gene], k, among=among, exclude=known)
            expected = [REGULATORS[t] for t in ranked(truth[:, column], left)[:k]]
            assert table["tf"].tolist() == expected
            assert table["rank"].tolist() == list(range(1, len(expected) + 1))

    check()


def test_a_list_that_is_shorter_than_k_is_listed_whole(either: PairScorer):
    assert len(either.regulators(["GFAP", "MBP"], k=10, among=["SOX2", "PAX6"])) == 4


def test_regulators_with_few_training_edges_are_left_out(either: PairScorer):
    some = [name for name, edges in zip(REGULATORS, tiny.TF_EDGES, strict=True) if edges >= 2]
    table = either.regulators(["GFAP"], k=len(some), min_edges=2)
    assert sorted(table["tf"]) == sorted(some)


def test_a_list_of_known_pairs_may_have_names_that_are_not_here(either: PairScorer):
    known = pd.DataFrame({"tf": ["SOX2", "NOBODY"], "gene": ["GFAP", "GFAP"]})
    assert "SOX2" not in set(either.regulators(["GFAP"], k=R, exclude=known)["tf"])
    assert len(either.regulators(["GFAP"], k=R, exclude=[])) == R


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"min_edges": 10}, NothingLeft, "the most is 9. Lower min_edges"),
        ({"min_edges": -1}, InvalidOption, "min_edges=-1"),
        ({"min_edges": 1.5}, InvalidOption, "min_edges=1.5"),
        ({"among": []}, EmptyInput, "among"),
        ({"among": ["GFAP"]}, NotARegulator, "GFAP"),
        ({"among": ["SOX22"]}, UnknownGene, "SOX2"),
        ({"among": ["SOX2"], "k": 0}, InvalidOption, "k=0"),
        ({"recall": 0.9}, InvalidOption, "rerank_with"),
        ({"k": 0}, InvalidOption, "k=0"),
        ({"exact": True}, InvalidOption, "rerank_with"),
    ],
)
def test_a_wrong_filter_is_refused(either: PairScorer, options, error, message):
    with pytest.raises(error, match=message):
        either.regulators(["GFAP"], **({"k": 1} | options))
