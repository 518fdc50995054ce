"""Every regulator with every gene, for a network whose first layer is nearly linear in its sides.

A cross-encoder's hidden units see h = relu(a_t + b_g + W (f_t * f_g)): a_t and f_t belong to the
regulator, b_g and f_g to the gene, and are computed once, so that a pair costs one product of the
factors instead of the whole network. For one entity of one side, its factor and its share fold into
a small matrix, and all of the other side goes through one matrix product:

    relu(z + b) = max(z, -b) + b,   so   w . relu(z + b) = w . max(z, -b) + w . b

with z = [f_g, 1] [diag(f_t) W; a_t], which leaves two passes over a block that stays in the cache.
Of an ensemble, each member's factors meet its own matrix W and give its own share of the units.
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
    """What joins two sides: the product's weights and the last layer.

    Of an ensemble the members' weights stand one below the other: `width` is that of one member.
    """

    product_weight: Float32[np.ndarray, "factor width"]
    output_weight: Float32[np.ndarray, "hidden"]
    output_bias: np.float32

    @property
    def members(self) -> list[tuple[slice, slice]]:
        """Of each member the place of its factors and that of its hidden units."""
        factor, width = self.product_weight.shape
        count = len(self.output_weight) // width
        step = factor // count
        return [
            (slice(m * step, (m + 1) * step), slice(m * width, (m + 1) * width))
            for m in range(count)
        ]


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
        product = tfs.factor[t] * genes.factor[g]
        units = tfs.hidden[t] + genes.hidden[g]
        for factors, own in joint.members:
            units[:, own] += product[:, factors] @ joint.product_weight[factors]
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
        (factors, units), *_ = joint.members
        self.folded = np.empty((factors.stop + 1, units.stop), np.float32)
        self.units = np.empty((len(joint.members), ROWS, units.stop), np.float32)


class _Block:
    """Some rows, ready to meet one folded entity after another."""

    def __init__(self, side: Side, rows: slice, joint: Joint) -> None:
        hidden = side.hidden[rows]
        self.rows, self.joint = rows, joint
        ones = np.ones((len(hidden), 1), np.float32)
        factor = side.factor[rows]
        self.factors = [np.concatenate([factor[:, f], ones], axis=1) for f, _ in joint.members]
        self.floors = [np.ascontiguousarray(-hidden[:, units]) for _, units in joint.members]
        self.constant = hidden @ joint.output_weight + side.popularity[rows] + joint.output_bias

    def fill(
        self, folded: Side, one: int, scratch: _Scratch, out: Float32[np.ndarray, "rows"]
    ) -> None:
        """Logits of one folded entity with these rows."""
        joint, rows = self.joint, len(self.constant)
        np.add(self.constant, folded.popularity[one], out=out)
        for member, (factors, own) in enumerate(joint.members):
            units = scratch.units[member, :rows]
            factor = folded.factor[one, factors, None]
            np.multiply(joint.product_weight[factors], factor, out=scratch.folded[:-1])
            scratch.folded[-1] = folded.hidden[one, own]
            np.matmul(self.factors[member], scratch.folded, out=units)
            np.maximum(units, self.floors[member], out=units)
            out += units @ joint.output_weight[own]
