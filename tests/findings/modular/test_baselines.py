import math

import numpy as np
from sklearn.metrics import roc_auc_score

from tests.findings.modular import toy
from tests.findings.modular.toy import study

BASELINES = study.baselines.BASELINES
Labelled = study.pairs.Labelled
benchmark = study.pairs.benchmark
baselines = study.baselines

PRIOR = toy.prior()
PARTS = benchmark(PRIOR)


def naive_counts(train: Labelled, row: int | None, pair: np.ndarray) -> list[float]:
    """Edges at both ends, then non-edges, by a loop; a training row leaves itself out."""
    found = []
    for listed in (True, False):
        for side in (0, 1):
            rows = [
                r
                for r in range(len(train))
                if r != row and train.label[r] == listed and train.pairs[r, side] == pair[side]
            ]
            found.append(math.log1p(len(rows)))
    return found


def test_counts_of_test_pairs_are_training_degrees():
    counts = baselines.counts(PRIOR, PARTS.train, PARTS.test)
    for row in (0, 7, 20):
        naive = naive_counts(PARTS.train, None, PARTS.test.pairs[row])
        np.testing.assert_allclose(counts[row], naive)


def test_a_training_pair_does_not_count_itself():
    train = PARTS.train
    counts = baselines.counts(PRIOR, train, train)
    for row in (0, 1, 2, 50):
        np.testing.assert_allclose(counts[row], naive_counts(train, row, train.pairs[row]))


def test_namespace_rule_calls_a_pair_with_names_of_one_kind():
    logit = BASELINES["namespace_rule"](PRIOR, PARTS)
    for (tf, gene), value in zip(PARTS.test.pairs[:40], logit, strict=False):
        both = PRIOR.tfs[tf] in toy.ACCESSIONS, PRIOR.genes[gene] in toy.ACCESSIONS
        assert (value > 0) == (both[0] == both[1])


def test_every_rival_scores_the_test_pairs():
    for rival in BASELINES.values():
        logit = rival(PRIOR, PARTS)
        assert logit.shape == PARTS.test.label.shape
        assert np.isfinite(logit).all()


def test_labels_of_the_test_pairs_do_not_matter():
    turned = Labelled(PARTS.test.pairs, ~PARTS.test.label)
    other = type(PARTS)(PARTS.train, PARTS.valid, turned, 0)
    for rival in BASELINES.values():
        assert np.array_equal(rival(PRIOR, PARTS), rival(PRIOR, other))


def test_degrees_tell_hubs_from_the_rest():
    rng = np.random.default_rng(0)
    pairs = np.stack([rng.integers(0, 30, 3000), rng.integers(0, 151, 3000)], 1)
    label = (pairs[:, 0] < 5) & (pairs[:, 1] < 75) | (rng.random(3000) < 0.1)
    parts = type(PARTS)(Labelled(pairs, label), PARTS.valid, Labelled(pairs, label), 0)
    for name in ("degree_product", "degree_logistic"):
        assert roc_auc_score(label, BASELINES[name](PRIOR, parts)) > 0.75
