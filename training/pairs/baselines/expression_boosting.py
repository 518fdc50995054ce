"""Gradient boosting on the expression of both genes, which knows no edge and no name."""

import numpy as np

from training.pairs.baselines import DEGREE_PRESERVING, UNIFORM, Context, Score
from training.pairs.baselines._boosting import boost, expression
from training.pairs.negatives import Pairs

TITLE = "Boosting on expression"
KINDS = (UNIFORM, DEGREE_PRESERVING)
TREES, LEAVES = 200, 63


def fit(context: Context, negatives: str) -> Score:
    """Fit on the training pairs."""

    def describe(pairs: Pairs) -> np.ndarray:
        return expression(context, pairs)

    pairs, label = context.training(negatives)
    return boost(describe(pairs), label, describe, context.seed, trees=TREES, leaves=LEAVES)
