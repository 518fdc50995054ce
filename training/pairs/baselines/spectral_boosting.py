"""Gradient boosting on spectral factors of the training graph and on expression."""

from training.pairs.baselines import DEGREE_PRESERVING, UNIFORM, Context, Score
from training.pairs.baselines._boosting import expression
from training.pairs.baselines._spectral import boosted

TITLE = "Boosting on spectral factors and expression"
KINDS = (UNIFORM, DEGREE_PRESERVING)
TREES = 150


def fit(context: Context, negatives: str) -> Score:
    """Fit on the training pairs."""
    return boosted(context, negatives, expression, TREES)
