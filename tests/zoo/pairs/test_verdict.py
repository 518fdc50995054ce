"""The verdict on a pair, against its rule written as a plain loop."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from contracts.pairs.requests import Verdict
from tests import tiny
from tests.tiny import GENES, REGULATORS
from zoo.pairs.answers import Terms
from zoo.pairs.scorer import PairScorer
from zoo.pairs.verdict import VERDICTS, Typical, verdicts

PARTS = st.integers(-8, 8).map(lambda eighths: eighths / 8)
ROW = st.tuples(PARTS, PARTS, PARTS, st.integers(0, 4), st.integers(0, 4), st.booleans())


def rule(specific, popularity, tf_edges, gene_edges, listed) -> str:
    if listed:
        return "listed"
    if tf_edges < 3 or gene_edges < 3:
        return "little known"
    return "mostly popularity" if popularity > 0 and popularity > specific else "predicted"


@given(st.lists(ROW, min_size=1, max_size=10), PARTS, PARTS)
def test_the_first_rule_that_holds_wins(rows, typical, fame):
    specific, tf, gene, tf_edges, gene_edges, listed = map(np.array, zip(*rows, strict=True))
    terms = Terms(*(part.astype(np.float32) for part in (specific, specific, tf, gene)))
    got = verdicts(terms, Typical(typical, fame), tf_edges, gene_edges, listed)
    each = zip(specific - typical, tf + gene - fame, tf_edges, gene_edges, listed, strict=True)
    assert [VERDICTS[code] for code in got] == [rule(*one) for one in each]


def test_typical_is_the_median_of_each_term():
    parts = (
        np.array(values, np.float32) for values in ([0, 0, 0], [1, 5, 2], [7, 0, 1], [3, 3, 9])
    )
    assert Typical.of(Terms(*parts)) == Typical(2.0, 4.0)


def test_a_regulator_without_edges_is_little_known_unless_listed(either: PairScorer):
    tf = int(np.argmin(tiny.TF_EDGES))
    table = either.details([(REGULATORS[tf], gene) for gene in GENES])
    for gene, verdict in enumerate(table["verdict"]):
        assert verdict == ("listed" if tiny.LISTED[tf, gene] else "little known")
    assert set(table["support"]) == {"gene_only", "unseen"}


def test_a_ranking_and_details_agree(either: PairScorer):
    table = either.regulators(GENES, k=len(REGULATORS))
    alone = either.details(table[["tf", "gene"]])
    assert table["verdict"].tolist() == alone["verdict"].tolist()
    assert {"listed", "little known", "predicted"} <= set(table["verdict"])


def test_the_words_are_those_of_the_service():
    assert set(VERDICTS) == set(Verdict.__args__)
