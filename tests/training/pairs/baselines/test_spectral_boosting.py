"""Factors against a dense SVD, and the leak that they would be if a pair saw its own edge."""

import numpy as np
from sklearn.metrics import roc_auc_score

from tests.training.pairs.baselines import planted
from training.pairs.baselines import DEGREE_PRESERVING, Context
from training.pairs.baselines._spectral import Factors, factors, out_of_fold

SHAPE = planted.TFS, planted.GENES
SUM = 3 * 32


def test_factors_are_those_of_a_dense_decomposition(context: Context):
    dense = np.zeros(SHAPE)
    for tf, gene in context.train.tolist():
        dense[tf, gene] = 1 / np.sqrt(context.degrees.tf[tf] * context.degrees.gene[gene])
    left, value, right = np.linalg.svd(dense, full_matrices=False)
    found = factors(context.train, SHAPE, rank=8)
    best = (left[:, :8] * value[:8]) @ right[:8]
    np.testing.assert_allclose(found.tf @ found.gene.T, best, atol=1e-9)
    np.testing.assert_allclose((found.tf**2).sum(0), value[:8], atol=1e-9)
    assert not found.gene[context.degrees.gene == 0].any()


def test_turning_undoes_a_rotation_and_keeps_products(context: Context):
    found = factors(context.train, SHAPE, rank=6)
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))
    back = Factors(found.tf @ turn, found.gene @ turn).turned(found)
    np.testing.assert_allclose(back.tf, found.tf, atol=1e-9)
    np.testing.assert_allclose(back.tf @ back.gene.T, found.tf @ found.gene.T, atol=1e-9)


def test_factors_of_a_pair_do_not_see_its_own_edge_and_would_leak_if_they_did():
    """Edges at random: whoever tells training pairs apart has looked at the edges themselves."""
    data = planted.data(signal=False)
    context = Context.of(data, planted.split(data))
    whole = factors(context.train, SHAPE)
    folds = context.folds(DEGREE_PRESERVING)
    label = np.concatenate([fold.label for fold in folds])
    out = np.concatenate([out_of_fold(fold, whole)[:, SUM] for fold in folds])
    inside = np.concatenate([whole.table(fold.pairs)[:, SUM] for fold in folds])
    assert roc_auc_score(label, inside) > 0.95
    assert 0.42 < roc_auc_score(label, out) < 0.58


def test_a_held_out_pair_copied_into_training_shows_in_its_factors():
    data = planted.data(signal=False)
    split = planted.split(data)
    row = int(np.flatnonzero(split.part == 2)[0])
    pair = data.pairs[row : row + 1]
    leaked = planted.with_pair_in_training(data, split, row)
    scores = [
        factors(Context.of(data, one).train, SHAPE).table(pair)[0, SUM] for one in (split, leaked)
    ]
    assert scores[1] > scores[0] + 0.02


def test_out_of_fold_products_equal_those_of_the_graph_without_the_fold(context: Context):
    fold = context.folds(DEGREE_PRESERVING)[0]
    dense = np.zeros(SHAPE)
    dense[fold.edges[:, 0], fold.edges[:, 1]] = 1
    root = [np.sqrt(np.maximum(dense.sum(axis), 1)) for axis in (1, 0)]
    left, value, right = np.linalg.svd(dense / root[0][:, None] / root[1], full_matrices=False)
    best = (left[:, :32] * value[:32]) @ right[:32]
    found = out_of_fold(fold, factors(context.train, SHAPE))[:, SUM]
    np.testing.assert_allclose(found, best[fold.pairs[:, 0], fold.pairs[:, 1]], atol=1e-6)
