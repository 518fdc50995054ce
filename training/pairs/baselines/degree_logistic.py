"""Logistic regression on both log degrees."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from training.pairs.baselines import DEGREE_PRESERVING, UNIFORM, Context, Score
from training.pairs.batches import Degrees
from training.pairs.negatives import Pairs

TITLE = "Logistic regression on both degrees"
KINDS = (UNIFORM, DEGREE_PRESERVING)


def fit(context: Context, negatives: str) -> Score:
    """Fit on degrees without the pair's own edge, as a held-out pair will find them."""
    folds = context.folds(negatives)
    counts = [Degrees.count(context.data, fold.edges) for fold in folds]
    tables = [_table(count, fold.pairs) for count, fold in zip(counts, folds, strict=True)]
    label = np.concatenate([fold.label for fold in folds])
    model = LogisticRegression(class_weight="balanced").fit(np.concatenate(tables), label)
    weight = model.coef_[0]
    return lambda pairs: _table(context.degrees, pairs) @ weight


def _table(degrees: Degrees, pairs: Pairs) -> np.ndarray:
    columns = [degrees.log_tf[pairs[:, 0]], degrees.log_gene[pairs[:, 1]]]
    return np.stack(columns, axis=1).astype(np.float64)
