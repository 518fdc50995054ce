"""Terms of a logit, the prior that probabilities are for, and columns that one chooses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import InvalidOption
from tests import tiny
from tests.tiny import GENES, REGULATORS
from zoo.pairs.answers import Terms
from zoo.pairs.scorer import PairScorer

ALL = [(tf, gene) for tf in REGULATORS for gene in GENES]


def terms_of(logits: list[float]) -> Terms:
    parts = np.array(logits, np.float32)
    return Terms(1 / (1 + np.exp(-parts)), parts, np.zeros_like(parts), np.zeros_like(parts))


@given(st.lists(st.floats(-8, 8), min_size=1), st.floats(0.001, 0.999))
def test_a_prior_multiplies_the_odds(logits, prior):
    terms = terms_of(logits)
    before, after = (one.probability.astype(float) for one in (terms, terms.at(prior)))
    odds = before / (1 - before) * prior / (1 - prior)
    np.testing.assert_allclose(after, odds / (1 + odds), rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(terms.at(0.5).probability, before, rtol=1e-5)
    assert terms.at(None) is terms


@pytest.mark.parametrize("prior", [0, 1, 0.0, 1.0, -0.5, 2.0, True, "0.1", float("nan")])
def test_a_prior_outside_of_its_range_is_refused(either: PairScorer, prior):
    for method in (either.score, either.details, either.scored):
        with pytest.raises(InvalidOption, match=r"prior=.*between 0 and 1"):
            method(ALL, prior=prior)
    with pytest.raises(InvalidOption, match="prior="):
        either.regulators(["GFAP"], 1, prior=prior)
    with pytest.raises(InvalidOption, match="prior="):
        either.targets(["SOX2"], 1, prior=prior)


def test_every_method_takes_the_prior(either: PairScorer):
    expected = 1 / (1 + np.exp(-tiny.logits(either.entry) - np.log(0.02 / 0.98)))
    np.testing.assert_allclose(either.score(ALL, prior=0.02), expected.ravel(), atol=1e-6)
    table = either.details(ALL, prior=0.02)
    np.testing.assert_allclose(table["score"], expected.ravel(), atol=1e-6)
    plain = either.regulators(["GFAP"], 6)
    table = either.regulators(["GFAP"], 6, prior=0.02)
    assert table["tf"].tolist() == plain["tf"].tolist()
    rows = [REGULATORS.index(tf) for tf in table["tf"]]
    np.testing.assert_allclose(table["score"], expected[rows, GENES.index("GFAP")], atol=1e-6)


def test_uncertainty_is_the_deviation_over_members(either: PairScorer):
    got = either.details(ALL)["uncertainty"]
    np.testing.assert_allclose(got, tiny.uncertainties(either.entry).ravel(), atol=1e-6)
    assert len(set(got)) > 1


def test_activation_comes_from_the_graph_of_signs(table: PairScorer):
    np.testing.assert_array_equal(table.details(ALL)["activates"], tiny.ACTIVATES.ravel())


def test_columns_are_those_that_one_chooses(either: PairScorer):
    whole = either.details(ALL)
    some = ["verdict", "gene", "score"]
    assert either.details(ALL, columns=some).equals(whole[some])
    with pytest.raises(InvalidOption, match=r"columns='fame'.*expected some of tf, gene, score"):
        either.details(ALL, columns=["fame"])


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.booleans())
def test_blocks_are_joined_in_order(sizes, ensemble):
    blocks = []
    for n in sizes:
        parts = [np.full(n, len(blocks) + part, np.float32) for part in range(5)]
        blocks.append(Terms(*parts[: 4 + ensemble]))
    joined = Terms.join(blocks)
    expected = np.repeat(np.arange(len(sizes)), sizes)
    np.testing.assert_array_equal(joined.gene_popularity, expected + 3)
    assert (joined.uncertainty is None) is not ensemble
