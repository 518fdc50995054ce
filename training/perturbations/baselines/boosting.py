"""Boosted trees on what can be said of a set: fitness, degrees, neighbours, edges, metabolism.

Channels of STRING count as one network. Everything is summed or spread over members (or over pairs
of members), so that pairs and triples have the same columns, whatever the order of the genes.
"""

from itertools import combinations

import numpy as np
from jaxtyping import Float64
from scipy.sparse import csr_array
from sklearn.ensemble import HistGradientBoostingRegressor

from training.perturbations.baselines import (
    Context,
    Members,
    Rung,
    Values,
    composed,
    labelled,
    product,
)

Table = Float64[np.ndarray, "sets columns"]

TITLE = "Boosting on pair features"
TREES = 200
SETTINGS = {
    "learning_rate": 0.05,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 20,
    "l2_regularization": 1.0,
    "early_stopping": False,
}
BLOCK = 20_000
JOINED = "string"
"""Networks whose names begin with this are taken together."""


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


class PairFeatures:
    """Columns of any set: about five a network, and some of fitness and metabolism."""

    def __init__(self, context: Context) -> None:
        self._single = context.single
        self._networks = _joined(context)
        degrees = [np.log1p(network.sum(axis=1)) for network in self._networks]
        metabolic = np.log1p(context.data.metabolism).T
        self._numbers = np.stack([context.single, *degrees, *metabolic[:1]])

    def __call__(self, members: Members) -> Table:
        """The columns of these sets."""
        starts = range(0, len(members), BLOCK)
        blocks = [self._block(members[start : start + BLOCK]) for start in starts]
        return np.concatenate(blocks) if blocks else np.empty((0, 0))

    def _block(self, members: Members) -> Table:
        there = members >= 0
        numbers = self._numbers[:, members]
        total = np.where(there, numbers, 0.0).sum(axis=2)
        low = np.where(there, numbers, np.inf).min(axis=2)
        high = np.where(there, numbers, -np.inf).max(axis=2)
        pairs = [column for network in self._networks for column in _of_pairs(network, members)]
        return np.stack([*total, *(high - low), product(self._single, members), *pairs], axis=1)


def _joined(context: Context) -> list[csr_array]:
    """Networks between genes of the vocabulary, either way."""
    genes, found = context.genes, {}
    for name, network in context.data.networks.items():
        key = JOINED if name.startswith(JOINED) else name
        edges = csr_array(network.either_way[:genes, :genes])
        found[key] = found[key] + edges if key in found else edges
    return [csr_array((each > 0).astype(np.float64)) for each in found.values()]


def _of_pairs(network: csr_array, members: Members) -> tuple[Values, Values]:
    """Direct edges and shared neighbours (log) over all pairs of a set's members."""
    direct, shared = np.zeros(len(members)), np.zeros(len(members))
    for pair in combinations(range(members.shape[1]), 2):
        rows = np.flatnonzero((members[:, pair] >= 0).all(axis=1))
        first, second = members[rows][:, pair].T
        if len(rows):
            direct[rows] += np.asarray(network[first, second]).ravel()
            shared[rows] += network[first].multiply(network[second]).sum(axis=1)
    return direct, np.log1p(shared)
