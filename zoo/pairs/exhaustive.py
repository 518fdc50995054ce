"""Every regulator with every gene, for a network whose first layer is nearly linear in its sides.

A cross-encoder's hidden units see h = relu(a_t + b_g + W (f_t * f_g)): a_t and f_t belong to the
regulator, b_g and f_g to the gene, and are computed once, so that a pair costs one product of the
factors instead of the whole network. For one entity of one side, its factor and its share fold into
a small matrix, and all of the other side goes through one matrix product:

    relu(z + b) = max(z, -b) + b,   so   w . relu(z + b) = w . max(z, -b) + w . b

with z = [f_g, 1] [diag(f_t) W; a_t], which leaves two passes over a block that stays in the cache.
numpy's products do it: they are faster here than the same as a graph in onnxruntime (benchmarks).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from jaxtyping import Float32, Int64
from threadpoolctl import threadpool_limits

ROWS = 2048
"""Entities in a block: their hidden units (1 MB for 128) stay in a core's cache."""

Matrix = Float32[np.ndarray, "tfs genes"]
Pairs = Int64[np.ndarray, "pairs"]
Positions = Int64[np.ndarray, "entities"]


@dataclass(frozen=True)
class Side:
    """One side's share of every pair's logit, entity by entity."""

    hidden: Float32[np.ndarray, "entities hidden"]
    factor: Float32[np.ndarray, "entities factor"]
    popularity: Float32[np.ndarray, "entities"]

    def take(self, positions: Positions) -> "Side":
        """The same of some entities."""
        return Side(self.hidden[positions], self.factor[positions], self.popularity[positions])

    def without_popularity(self) -> "Side":
        """The same with no term of its own."""
        return replace(self, popularity=np.zeros_like(self.popularity))

    def __len__(self) -> int:
        return len(self.popularity)


@dataclass(frozen=True)
class Joint:
    """What joins two sides: the product's weights and the last layer."""

    product_weight: Float32[np.ndarray, "factor hidden"]
    output_weight: Float32[np.ndarray, "hidden"]
    output_bias: np.float32


def logits(tfs: Side, genes: Side, joint: Joint, threads: int = 1) -> Matrix:
    """Logits of every regulator with every gene; they do not depend on the cores used (`threads`).

    Equal to the plain graph within 1e-5; the order of the sums is another one.
    """
    if len(tfs) <= len(genes):
        return _fold(tfs, genes, joint, threads)
    return _fold(genes, tfs, joint, threads).T


def pair_logits(
    tfs: Side, genes: Side, joint: Joint, tf: Pairs, gene: Pairs
) -> Float32[np.ndarray, "pairs"]:
    """Logits of pairs, given by their positions on both sides."""
    out = np.empty(len(tf), np.float32)
    for start in range(0, len(tf), ROWS):
        rows = slice(start, start + ROWS)
        t, g = tf[rows], gene[rows]
        units = (tfs.factor[t] * genes.factor[g]) @ joint.product_weight
        units += tfs.hidden[t]
        units += genes.hidden[g]
        np.maximum(units, 0, out=units)
        out[rows] = units @ joint.output_weight
        out[rows] += tfs.popularity[t] + genes.popularity[g] + joint.output_bias
    return out


def _fold(
    folded: Side, rows: Side, joint: Joint, threads: int
) -> Float32[np.ndarray, "folded rows"]:
    """Logits by folding the entities of the shorter side into matrices, one after the other."""
    out = np.empty((len(folded), len(rows)), np.float32)
    blocks = [_Block(rows, slice(s, s + ROWS), joint) for s in range(0, len(rows), ROWS)]

    def fill(share: slice) -> None:
        scratch = _Scratch(joint)
        for block in blocks:
            for one in range(share.start, share.stop):
                block.fill(folded, one, scratch, out[one, block.rows])

    with threadpool_limits(1, "blas"):
        _share(fill, len(folded), threads)
    return out


def _share(fill: Callable[[slice], None], total: int, threads: int) -> None:
    """Give every thread an equal share of the folded entities."""
    edges = np.linspace(0, total, min(threads, total) + 1).astype(int).tolist()
    shares = [slice(a, b) for a, b in pairwise(edges)]
    if len(shares) == 1:
        fill(shares[0])
        return
    with ThreadPoolExecutor(len(shares)) as pool:
        for done in [pool.submit(fill, share) for share in shares]:
            done.result()


class _Scratch:
    """Memory of one thread, used again for every entity."""

    def __init__(self, joint: Joint) -> None:
        factor, hidden = joint.product_weight.shape
        self.folded = np.empty((factor + 1, hidden), np.float32)
        self.units = np.empty((ROWS, hidden), np.float32)


class _Block:
    """Some rows, ready to meet one folded entity after another."""

    def __init__(self, side: Side, rows: slice, joint: Joint) -> None:
        hidden = side.hidden[rows]
        self.rows, self.joint = rows, joint
        ones = np.ones((len(hidden), 1), np.float32)
        self.factor = np.concatenate([side.factor[rows], ones], axis=1)
        self.floor = -hidden
        self.constant = hidden @ joint.output_weight + side.popularity[rows] + joint.output_bias

    def fill(
        self, folded: Side, one: int, scratch: _Scratch, out: Float32[np.ndarray, "rows"]
    ) -> None:
        """Logits of one folded entity with these rows."""
        units = scratch.units[: len(self.floor)]
        if self.factor.shape[1] == 1:
            np.maximum(folded.hidden[one], self.floor, out=units)
        else:
            factor = folded.factor[one, :, None]
            np.multiply(self.joint.product_weight, factor, out=scratch.folded[:-1])
            scratch.folded[-1] = folded.hidden[one]
            np.matmul(self.factor, scratch.folded, out=units)
            np.maximum(units, self.floor, out=units)
        np.matmul(units, self.joint.output_weight, out=out)
        out += self.constant
        out += folded.popularity[one]
