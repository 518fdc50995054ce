"""The regulators of a gene's nearest neighbours vote."""

import numpy as np
from jaxtyping import Float32, Int64
from scipy import sparse
from sklearn.metrics import roc_auc_score

from training.pairs.baselines import DEGREE_PRESERVING, UNIFORM, Context, Score
from training.pairs.negatives import Pairs

TITLE = "Votes of similar genes"
KINDS = (UNIFORM, DEGREE_PRESERVING)
NEIGHBOURS = (50, 100, 200, 400, 800)
EDGE_SHARES = (0.0, 0.5, 0.8)
PRIOR = 0.01
BLOCK = 512


def fit(context: Context, negatives: str) -> Score:
    """Choose how many neighbours vote, and how far training edges make them similar, on valid.

    Against uniform negatives the share of votes counts; against degree-preserving ones, how far it
    exceeds the regulator's share of all genes.
    """
    pairs, label = context.valid(negatives)
    voters = Voters(context)
    lift = negatives == DEGREE_PRESERVING
    grid = [(n, share) for n in _sizes(len(context.listed_genes)) for share in EDGE_SHARES]
    count, share = max(grid, key=lambda c: roc_auc_score(label, voters.score(pairs, *c, lift)))
    return lambda pairs: voters.score(pairs, count, share, lift)


def _sizes(listed: int) -> list[int]:
    """Numbers of neighbours to try; every gene but the one asked about may vote."""
    return sorted({min(n, max(1, listed - 1)) for n in NEIGHBOURS})


class Voters:
    """Genes with training edges, which vote for their regulators."""

    def __init__(self, context: Context):
        self.genes = context.listed_genes
        train, shape = context.train, (len(context.degrees.tf), len(context.degrees.gene))
        ones = np.ones(len(train), np.float32)
        adjacency = sparse.csr_array((ones, (train[:, 0], train[:, 1])), shape=shape)
        self.votes = adjacency[:, self.genes].T.tocsr()
        self.share = context.degrees.tf / len(self.genes)
        self.expression = _unit(context.features)
        rare = 1 / np.sqrt(np.maximum(context.degrees.tf, 1)).astype(np.float32)
        edges = (adjacency.T @ sparse.diags_array(rare)).tocsr()
        norm = np.sqrt(edges.multiply(edges).sum(1))
        inverse = np.divide(1, norm, out=np.zeros_like(norm), where=norm > 0)
        self.edges = (sparse.diags_array(inverse) @ edges).tocsr()

    def score(self, pairs: Pairs, count: int, edge_share: float, lift: bool) -> np.ndarray:
        """Share of the `count` most similar genes' votes, over the expected one if `lift`."""
        genes, row = np.unique(pairs[:, 1], return_inverse=True)
        share = np.empty(len(pairs))
        order = np.argsort(row, kind="stable")
        for start in range(0, len(genes), BLOCK):
            first, last = np.searchsorted(row[order], [start, start + BLOCK])
            here = order[first:last]
            weight = self.weights(genes[start : start + BLOCK], count, edge_share)
            share[here] = (weight @ self.votes)[row[here] - start, pairs[here, 0]]
        return (share + PRIOR) / (self.share[pairs[:, 0]] + PRIOR) if lift else share

    def weights(
        self, genes: Int64[np.ndarray, "asked"], count: int, edge_share: float
    ) -> Float32[np.ndarray, "asked listed"]:
        """Similarity to the nearest listed genes as shares of 1, 0 to the others and to itself."""
        alike = (1 - edge_share) * (self.expression[genes] @ self.expression[self.genes].T)
        if edge_share:
            alike += edge_share * (self.edges[genes] @ self.edges[self.genes].T).toarray()
        alike[genes[:, None] == self.genes] = -np.inf
        least = -np.partition(-alike, count - 1, axis=1)[:, count - 1 : count]
        kept = np.where((alike >= least) & (alike > 0), alike, 0)
        total = kept.sum(1, keepdims=True)
        return np.divide(kept, total, out=np.zeros_like(kept), where=total > 0).astype(np.float32)


def _unit(values: Float32[np.ndarray, "genes features"]) -> Float32[np.ndarray, "genes features"]:
    """Rows of norm 1, after each feature's mean."""
    centred = values - values.mean(0)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.divide(centred, norm, out=np.zeros_like(centred), where=norm > 0)
