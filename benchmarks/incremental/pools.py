"""The pools of HeteroCell over genes that differ from the wildtype's in some rows.

Every pool is made of its module and the wildtype's genes, and tells of sets one by one: z of a set
comes from the rows that changed, their states, and the genes that are gone.
"""

import math

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from incremental.sums import (
    PIECE,
    Edges,
    Held,
    Rows,
    Terms,
    changed_means,
    joined,
    pieces,
)
from zoo.architectures.hetero_cell.removals import FAR, LOST


class GatedAttention:
    """The mean of genes by their gates: one node that every gene points at."""

    def __init__(self, pool: nn.Module, x: Float[Tensor, "genes dim"]):
        self.gate, self.x = pool.gate, x
        self.gates = self.gate(x)
        genes = torch.arange(len(x), device=x.device)
        self.edges = Edges.of(torch.stack([genes, torch.zeros_like(genes)]), 1)
        self.held = Held.of(self.edges, self._terms(x, self.gates))
        self.z = self.held.mean()[0, 0]

    def change(self, genes: Rows, x: Float[Tensor, "changed dim"]) -> Float[Tensor, "sets dim"]:
        """The vector z of every set."""
        z, nothing = self.z.repeat(len(genes.gone), 1), genes.key.new_zeros(0)
        whole = Rows.of(nothing, torch.zeros_like(genes.gone[:, :1]))
        terms = self._terms(joined(self.x, x), joined(self.gates, self.gate(x)))
        key, found = changed_means(self.held, self.edges, terms, genes, whole)
        z[key] = found[0]
        return z

    @staticmethod
    def _terms(x: Float[Tensor, "slots dim"], gates: Float[Tensor, "slots 1"]) -> Terms:
        return Terms(x[None], lambda edge, source, target: gates[source])


class SetTransformer:
    """ISAB, PMA and SAB, with every product of two weights, or of one and a parameter, made once.

    The inducing points' sums over genes are corrected. What they saw then changes every gene, so
    that the rest is done for all of them, folded: a score is x (W_q^T k) and what is seen
    softmax (V W_o^T), products with the inducing points alone, and PMA's seed needs no value of
    any gene but of the weighted sum.
    """

    def __init__(self, pool: nn.Module, x: Float[Tensor, "genes dim"]):
        self.pool, self.x = pool, x
        heads, dim = pool.gather.heads, x.shape[1]
        self.heads, self.scale = heads, 1 / math.sqrt(dim / heads)
        self.asked = self._folded(pool.gather, pool.inducing[0])
        self.seed = self._folded(pool.pool, pool.seed[0])
        self.score = self._scores(x)
        self.shift = self.score.amax(0)
        self.weight = (self.score - self.shift).exp()
        self.bottom, self.top = self.weight.sum(0), self.weight.T @ x
        self.z = self._decoded(self._seen(self.top, self.bottom, x, None)[None])[0]

    def change(self, genes: Rows, x: Float[Tensor, "changed dim"]) -> Float[Tensor, "sets dim"]:
        """The vector z of every set."""
        number = genes.key.div(genes.nodes, rounding_mode="floor")
        row, counts = genes.key % genes.nodes, torch.bincount(number, minlength=len(genes.gone))
        parts = zip(row.split(counts.tolist()), x.split(counts.tolist()), genes.gone, strict=True)
        z = [self._one(changed, states, gone) for changed, states, gone in parts]
        return self._decoded(torch.stack(z)) if z else self.x.new_zeros(0, self.x.shape[1])

    def _one(
        self,
        row: Int64[Tensor, "changed"],
        x: Float[Tensor, "changed dim"],
        gone: Bool[Tensor, "genes"],
    ) -> Float[Tensor, "dim"]:
        """What the seed sees of one set."""
        every = self.x.index_copy(0, row, x)
        lost = gone.nonzero()[:, 0]
        old = torch.cat([row, lost])
        weight = torch.cat([(self._scores(x) - self.shift).exp(), -self.weight[old]])
        bottom = self.bottom + weight.sum(0)
        top = self.top + weight.T @ torch.cat([x, self.x[old]])
        if not ((bottom > LOST * self.bottom) & (bottom < FAR)).all():
            score = self._scores(every).index_fill(0, lost, -math.inf)
            weight = (score - score.amax(0)).exp()
            bottom, top = weight.sum(0), weight.T @ every
        return self._seen(top, bottom, every, lost)

    def _seen(
        self,
        top: Float[Tensor, "asked dim"],
        bottom: Float[Tensor, "asked"],
        x: Float[Tensor, "genes dim"],
        lost: Int64[Tensor, "lost"] | None,
    ) -> Float[Tensor, "dim"]:
        """From the inducing points' sums to what the seed has seen of the genes."""
        pool, dim = self.pool, x.shape[1]
        induced = self._told(pool.gather, pool.inducing[0], top / bottom[:, None])
        block = pool.spread
        query, bias = self._heads(block.query)
        key = block.key(induced).unflatten(1, (self.heads, -1)).transpose(0, 1) * self.scale
        value = block.value(induced).unflatten(1, (self.heads, -1)).transpose(0, 1)
        ask = (key @ query).flatten(0, 1).T.contiguous()
        base = (key @ bias[..., None]).flatten()
        out = block.out.weight.unflatten(1, (self.heads, -1)).permute(1, 2, 0)
        tell = (value @ out).flatten(0, 1)
        y = torch.empty_like(x)
        for part in pieces(len(x), max(dim, ask.shape[1]), x.device):
            score = torch.addmm(base, x[part], ask).unflatten(1, (self.heads, -1)).softmax(-1)
            h = torch.addmm(block.out.bias, score.flatten(1), tell).add_(x[part])
            h += block.feed(h).relu_()
            y[part] = pool.lin(h).relu_()
        score = y @ self.seed.T
        if lost is not None:
            score[lost] = -math.inf
        weight = (score - score.amax(0)).exp()
        # Two steps: one sum of thousands of numbers loses a digit more than hundreds of each do.
        parts = [weight[part].T @ y[part] for part in pieces(len(x), PIECE // 256, x.device)]
        seen = torch.stack(parts).sum(0) / weight.sum(0)[:, None]
        return self._told(pool.pool, pool.seed[0], seen)[0]

    def _scores(self, x: Float[Tensor, "some dim"]) -> Float[Tensor, "some asked"]:
        """How much every inducing point, head by head, looks at each gene.

        The bias of a key adds the same to every gene's score.
        """
        return x @ self.asked.T

    def _heads(
        self, lin: nn.Linear
    ) -> tuple[Float[Tensor, "heads part dim"], Float[Tensor, "heads part"]]:
        return tuple(each.unflatten(0, (self.heads, -1)) for each in (lin.weight, lin.bias))

    def _folded(
        self, block: nn.Module, x: Float[Tensor, "queries dim"]
    ) -> Float[Tensor, "asked dim"]:
        """What a gene's state is multiplied with for its score; heads first, then queries."""
        query = block.query(x).unflatten(1, (self.heads, -1)).transpose(0, 1)
        return (query @ self._heads(block.key)[0]).flatten(0, 1) * self.scale

    def _told(
        self,
        block: nn.Module,
        x: Float[Tensor, "queries dim"],
        seen: Float[Tensor, "asked dim"],
    ) -> Float[Tensor, "queries dim"]:
        """A block's queries after they have seen these weighted means of states."""
        weight, bias = self._heads(block.value)
        seen = seen.unflatten(0, (self.heads, -1)) @ weight.transpose(1, 2) + bias[:, None]
        x = x + block.out(seen.transpose(0, 1).flatten(1))
        return x + block.feed(x).relu()

    def _decoded(self, z: Float[Tensor, "sets dim"]) -> Float[Tensor, "sets dim"]:
        return self.pool.decode(z[:, None], z[:, None])[:, 0]


POOLS = {"set_transformer": SetTransformer, "attention": GatedAttention}
