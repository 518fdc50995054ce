"""Gradient boosting on spectral factors of the training graph and on expression."""

import numpy as np

from training.pairs.baselines import DEGREE_PRESERVING, UNIFORM, Context, Fold, Score
from training.pairs.baselines._boosting import Table, boost, expression
from training.pairs.baselines._spectral import Factors, factors
from training.pairs.negatives import Pairs

TITLE = "Boosting on spectral factors and expression"
KINDS = (UNIFORM, DEGREE_PRESERVING)
TREES, LEAVES = 150, 31


def fit(context: Context, negatives: str) -> Score:
    """Fit on out-of-fold factors; a pair is scored with those of the whole training graph."""
    shape = len(context.degrees.tf), len(context.degrees.gene)
    whole = factors(context.train, shape)
    folds = context.folds(negatives)
    tables = [out_of_fold(context, fold, whole) for fold in folds]
    table, label = np.concatenate(tables), np.concatenate([fold.label for fold in folds])

    def describe(pairs: Pairs) -> Table:
        return np.concatenate([whole.table(pairs), expression(context, pairs)], axis=1)

    return boost(table, label, describe, context.seed, trees=TREES, leaves=LEAVES)


def out_of_fold(context: Context, fold: Fold, whole: Factors) -> Table:
    """Columns of a fold's pairs, from factors of a graph without the fold's edges.

    Only the rotation, one for all entities, comes from the whole graph.
    """
    shape = len(whole.tf), len(whole.gene)
    own = factors(fold.edges, shape).turned(whole)
    return np.concatenate([own.table(fold.pairs), expression(context, fold.pairs)], axis=1)
