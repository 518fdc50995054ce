"""Gradient boosting on spectral factors of the training graph and on a table of both genes."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Float64
from scipy import sparse
from scipy.sparse.linalg import svds

from training.pairs.baselines import Context, Fold, Score
from training.pairs.baselines._boosting import Table, boost
from training.pairs.negatives import Pairs

RANK, LEAVES = 32, 31


class Factors(NamedTuple):
    """Coordinates of both sides; their product approximates the normalised adjacency."""

    tf: Float64[np.ndarray, "tfs factors"]
    gene: Float64[np.ndarray, "genes factors"]

    def turned(self, to: "Factors") -> "Factors":
        """The same factors in the rotation that comes closest to `to` (orthogonal Procrustes).

        Factors of two graphs are comparable only so: each has its own signs and its own rotation.
        """
        left, _, right = np.linalg.svd(self.tf.T @ to.tf + self.gene.T @ to.gene)
        return Factors(self.tf @ (left @ right), self.gene @ (left @ right))

    def table(self, pairs: Pairs) -> Float32[np.ndarray, "pairs columns"]:
        """Both sides' factors, their products, and the sum of these."""
        tf, gene = self.tf[pairs[:, 0]], self.gene[pairs[:, 1]]
        product = tf * gene
        columns = [tf, gene, product, product.sum(1, keepdims=True)]
        return np.concatenate(columns, axis=1).astype(np.float32)


def boosted(
    context: Context, negatives: str, sides: Callable[[Context, Pairs], Table], trees: int
) -> Score:
    """Fit on out-of-fold factors; a pair is scored with those of the whole training graph.

    `sides` gives what is known of both genes of each pair.
    """
    shape = len(context.degrees.tf), len(context.degrees.gene)
    whole = factors(context.train, shape)
    folds = context.folds(negatives)
    tables = [
        np.concatenate([out_of_fold(fold, whole), sides(context, fold.pairs)], axis=1)
        for fold in folds
    ]
    table, label = np.concatenate(tables), np.concatenate([fold.label for fold in folds])
    del tables

    def describe(pairs: Pairs) -> Table:
        return np.concatenate([whole.table(pairs), sides(context, pairs)], axis=1)

    return boost(table, label, describe, context.seed, trees=trees, leaves=LEAVES)


def out_of_fold(fold: Fold, whole: Factors) -> Table:
    """Columns of a fold's pairs, from factors of a graph without the fold's edges.

    Only the rotation, one for all entities, comes from the whole graph.
    """
    own = factors(fold.edges, (len(whole.tf), len(whole.gene))).turned(whole)
    return own.table(fold.pairs)


def factors(edges: Pairs, shape: tuple[int, int], rank: int = RANK) -> Factors:
    """Truncated SVD of the adjacency over the root of both degrees, singular values shared evenly.

    A row or column without edges gets zeros. A graph with few entities gets fewer factors.
    """
    ones = np.ones(len(edges))
    adjacency = sparse.coo_array((ones, (edges[:, 0], edges[:, 1])), shape=shape).tocsr()
    degree = [adjacency.sum(axis) for axis in (1, 0)]
    scale = [1 / np.sqrt(np.maximum(count, 1)) for count in degree]
    normal = sparse.diags_array(scale[0]) @ adjacency @ sparse.diags_array(scale[1])
    rank = min(rank, min(shape) - 1)
    left, value, right = svds(normal, rank, v0=np.ones(min(shape)))
    order = np.argsort(-value)
    root = np.sqrt(np.maximum(value[order], 0))
    sides = [left[:, order] * root, right[order].T * root]
    # svds leaves traces of 1e-18, which trees would take for an order.
    return Factors(
        *(side * (count > 0)[:, None] for side, count in zip(sides, degree, strict=True))
    )
