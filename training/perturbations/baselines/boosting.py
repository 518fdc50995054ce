"""Boosted trees on what can be said of a pair: fitness, degrees, neighbours, edges, metabolism."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from training.perturbations.baselines import Context, Members, Rung, Values, composed, labelled
from training.perturbations.baselines._pair_features import PairFeatures

TITLE = "Boosting on pair features"
TREES = 200
SETTINGS = {
    "learning_rate": 0.05,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 20,
    "l2_regularization": 1.0,
    "early_stopping": False,
}


def fit(context: Context) -> Rung:
    """One forest a source; so many trees of it as have the least error on validation."""
    describe = PairFeatures(context)
    valid = context.part("valid")
    forests = {}
    for source in context.sources:
        own, held = labelled(context.train, source), labelled(valid, source)
        model = HistGradientBoostingRegressor(max_iter=TREES, random_state=context.seed, **SETTINGS)
        model.fit(describe(own.members), own.interaction)
        forests[source] = model, _trees(model, describe(held.members), held.interaction)

    def interaction(members: Members, source: str) -> Values:
        model, trees = forests[source]
        return _predicted(model, describe(members), trees)

    return composed(context, interaction)


def _trees(model: HistGradientBoostingRegressor, table: np.ndarray, label: np.ndarray) -> int:
    """The number of trees with the least error; all of them without any label to choose with."""
    if not len(label):
        return TREES
    errors = [float(np.mean((p - label) ** 2)) for p in model.staged_predict(table)]
    return 1 + int(np.argmin(errors))


def _predicted(model: HistGradientBoostingRegressor, table: np.ndarray, trees: int) -> Values:
    """What the first so many trees say."""
    for number, values in enumerate(model.staged_predict(table), 1):
        if number == trees:
            return values
    return np.empty(0)
