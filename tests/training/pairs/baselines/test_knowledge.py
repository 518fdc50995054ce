"""Baselines of data with more than expression: what they take, and where they are offered."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.training.pairs.baselines import planted
from training.data.pairs import PairData
from training.family import Ground
from training.pairs.baselines import DEGREE_PRESERVING, Context, is_expression, knows
from training.pairs.family import FAMILY
from training.scoring import ladder

FEATURES = ("darmanis:one", "hpa:two", "go:three", "pfam:four", "motifs:five")


@pytest.fixture
def data() -> PairData:
    """Planted modules that two features of expression and three of knowledge tell."""
    plain = planted.data()
    listed = np.sort(plain.pairs[::2] @ [planted.GENES, 1])
    profile = replace(plain.profile, features=FEATURES)
    return replace(plain, profile=profile, memberships={"marbach": listed})


def test_they_are_offered_where_the_data_has_what_they_need(data: PairData):
    plain = planted.data()
    assert (knows(plain), knows(data)) == (False, True)
    offered = [
        set(ladder.offered(FAMILY, Ground(each, None, "test"), None)) for each in (plain, data)
    ]
    assert offered[1] - offered[0] == {"knowledge_boosting", "marbach"}
    assert offered[0] - offered[1] == {"bilinear"}


def test_boosting_on_expression_sees_expression_alone(data: PairData, monkeypatch):
    monkeypatch.setattr(FAMILY.rung("expression_boosting"), "TREES", 10)
    assert is_expression(data).tolist() == [True, True, False, False, False]
    codes = data.profile.codes.copy()
    codes[:, 2:] = np.random.default_rng(0).permutation(codes[:, 2:])
    other = replace(data, profile=replace(data.profile, codes=codes))
    split, fit = planted.split(data), FAMILY.rung("expression_boosting").fit
    scores = [fit(Context.of(one, split), DEGREE_PRESERVING)(data.pairs) for one in (data, other)]
    np.testing.assert_array_equal(*scores)


def test_boosting_on_all_features_finds_modules_that_knowledge_tells(data: PairData, monkeypatch):
    monkeypatch.setattr(FAMILY.rung("knowledge_boosting"), "TREES", 30)
    context = Context.of(data, planted.split(data))
    pairs, label = context.valid(DEGREE_PRESERVING)
    score = FAMILY.rung("knowledge_boosting").fit(context, DEGREE_PRESERVING)
    assert roc_auc_score(label, score(pairs)) > 0.7


def test_membership_is_that_of_the_list(data: PairData):
    score = FAMILY.rung("marbach").fit(Context.of(data, planted.split(data)), DEGREE_PRESERVING)
    pairs = np.argwhere(np.ones((planted.TFS, planted.GENES), bool))
    listed = set(data.memberships["marbach"].tolist())
    expected = [float(tf * planted.GENES + gene in listed) for tf, gene in pairs.tolist()]
    assert score(pairs).tolist() == expected
