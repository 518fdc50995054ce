"""Boosting finds an interaction where no single column tells anything."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from training.pairs.baselines._boosting import SETTINGS, boost


def test_an_exclusive_or_is_learned_where_unweighted_trees_never_split():
    sides = np.array([[a, b] for a in (0, 1) for b in (0, 1)], np.int64)
    pairs = np.tile(sides, (300, 1))
    label = pairs[:, 0] != pairs[:, 1]

    def describe(asked: np.ndarray) -> np.ndarray:
        return asked.astype(np.float32)

    plain = HistGradientBoostingClassifier(max_iter=40, random_state=0, **SETTINGS)
    assert np.ptp(plain.fit(describe(pairs), label).decision_function(describe(pairs))) < 1e-9
    score = boost(describe(pairs), label, describe, 0, trees=40, leaves=8)
    assert roc_auc_score(label, score(pairs)) == 1.0
    assert score(pairs[:0]).shape == (0,)
