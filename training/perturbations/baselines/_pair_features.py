"""What can be said of a set's genes in numbers, whatever their order.

Channels of STRING count as one network. Everything is summed or spread over members (or over pairs
of members), so that pairs and triples have the same columns.
"""

from itertools import combinations

import numpy as np
from jaxtyping import Float64
from scipy.sparse import csr_array

from training.perturbations.baselines import Context, Members, Values, product

Table = Float64[np.ndarray, "sets columns"]

BLOCK = 20_000
JOINED = "string"
"""Networks whose names begin with this are taken together."""


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
