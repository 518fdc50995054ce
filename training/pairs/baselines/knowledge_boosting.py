"""Gradient boosting on all that the entries learn from: the edges, expression and knowledge."""

from training.data.pairs import PairData
from training.pairs.baselines import DEGREE_PRESERVING, UNIFORM, Context, Score, knows
from training.pairs.baselines._boosting import profiles
from training.pairs.baselines._spectral import boosted

TITLE = "Boosting on all features of the entries"
KINDS = (UNIFORM, DEGREE_PRESERVING)
TREES = 150


def suits(data: PairData) -> bool:
    """Whether there is more than expression to learn from."""
    return knows(data)


def fit(context: Context, negatives: str) -> Score:
    """Fit on spectral factors of the training graph, and the whole profile of both sides."""
    return boosted(context, negatives, profiles, TREES)
