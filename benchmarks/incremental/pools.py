"""The pools of HeteroCell over genes that differ from the wildtype's in some rows.

Every pool is made of its module and the wildtype's genes, and tells of sets one by one: z of a set
comes from the rows that changed, their states, and the genes that are gone.
"""

import math
from collections.abc import Callable, Iterator

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn

from incremental.sums import Rows, sound

Genes = Float[Tensor, "genes dim"]
Lost = Int64[Tensor, "lost"]


class Looks:
    """The means of all genes, weighted by the softmax of what each query asks of every gene."""

    def __init__(self, score: Callable[[Genes], Float[Tensor, "genes asked"]], x: Genes):
        self.score, self.x = score, x
        scores = score(x)
        self.shift = scores.amax(0)
        self.weight = (scores - self.shift).exp()
        self.bottom, self.top = self.weight.sum(0), self.weight.T @ x
        self.mean = self.top / self.bottom[:, None]

    def change(self, genes: Rows, x: Genes) -> Iterator[tuple[Tensor, Genes, Lost]]:
        """Of every set the means, the states of all its genes, and those that are gone."""
        sets, nodes = genes.gone.shape
        number, node = genes.key.div(nodes, rounding_mode="floor"), genes.key % nodes
        counts = torch.bincount(number, minlength=sets).tolist()
        parts = zip(node.split(counts), x.split(counts), genes.gone, strict=True)
        return (self._one(*each) for each in parts)

    def _one(
        self, row: Int64[Tensor, "changed"], x: Genes, gone: Bool[Tensor, "genes"]
    ) -> tuple[Tensor, Genes, Lost]:
        every, lost = self.x.index_copy(0, row, x), gone.nonzero()[:, 0]
        old = torch.cat([row, lost])
        weight = torch.cat([(self.score(x) - self.shift).exp(), -self.weight[old]])
        bottom = self.bottom + weight.sum(0)
        top = self.top + weight.T @ torch.cat([x, self.x[old]])
        if not sound(bottom[None], self.bottom[None]):
            weight = self.score(every).index_fill(0, lost, -math.inf).softmax(0)
            bottom, top = weight.sum(0), weight.T @ every
        return top / bottom[:, None], every, lost


class GatedAttention:
    """The mean of genes by their gates."""

    def __init__(self, pool: nn.Module, x: Genes):
        self.looks = Looks(pool.gate, x)
        self.z = self.looks.mean[0]

    def change(self, genes: Rows, x: Genes) -> Float[Tensor, "sets dim"]:
        """The vector z of every set."""
        return torch.stack([mean[0] for mean, _, _ in self.looks.change(genes, x)])


class SetTransformer:
    """ISAB, PMA and SAB; the inducing points' means over genes are corrected.

    What they saw then changes every gene, so that the rest is done for all of them. A score of a
    gene is x (W_k^T q), the same product for all sets; the bias of a key adds the same to every
    gene's score.
    """

    def __init__(self, pool: nn.Module, x: Genes):
        self.pool, gather, heads = pool, pool.gather, pool.gather.heads
        query = gather.query(pool.inducing[0]).unflatten(1, (heads, -1)).transpose(0, 1)
        key = gather.key.weight.unflatten(0, (heads, -1))
        asked = (query @ key).flatten(0, 1) / math.sqrt(x.shape[1] / heads)
        self.looks = Looks(lambda some: some @ asked.T, x)
        self.z = self._one(self.looks.mean, x, torch.zeros(0, dtype=torch.int64, device=x.device))

    def change(self, genes: Rows, x: Genes) -> Float[Tensor, "sets dim"]:
        """The vector z of every set."""
        return torch.stack([self._one(*each) for each in self.looks.change(genes, x)])

    def _one(self, mean: Float[Tensor, "asked dim"], x: Genes, lost: Lost) -> Float[Tensor, "dim"]:
        """From what the inducing points have seen of the genes to the vector of a set."""
        pool, gather, heads = self.pool, self.pool.gather, self.pool.gather.heads
        weight, bias = (each.unflatten(0, (heads, -1)) for each in gather.value.parameters())
        seen = mean.unflatten(0, (heads, -1)) @ weight.transpose(1, 2) + bias[:, None]
        induced = pool.inducing[0] + gather.out(seen.transpose(0, 1).flatten(1))
        induced = induced + gather.feed(induced).relu()
        y = pool.lin(pool.spread(x[None], induced[None])).relu()
        keep = torch.ones(1, len(x), dtype=torch.bool, device=x.device).index_fill(1, lost, False)
        z = pool.pool(pool.seed, y, keep)
        return pool.decode(z, z)[0, 0]


POOLS = {"set_transformer": SetTransformer, "attention": GatedAttention}
