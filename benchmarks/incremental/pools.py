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

PIECE = 2**17  # numbers of one array that a CPU's nearest cache holds beside others

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
    """ISAB, PMA and SAB, with every product of two weights, or of one and a parameter, made once.

    The inducing points' sums over genes are corrected. What they saw then changes every gene, so
    that the rest is done for all of them, folded: a score is x (W_q^T k) and what is seen
    softmax (V W_o^T), products with the inducing points alone, and PMA's seed needs no value of
    any gene but of the weighted sum. The bias of a key adds the same to every gene's score.
    """

    def __init__(self, pool: nn.Module, x: Genes):
        self.pool, self.heads = pool, pool.gather.heads
        self.scale = 1 / math.sqrt(x.shape[1] / self.heads)
        asked = self._folded(pool.gather, pool.inducing[0])
        self.seed = self._folded(pool.pool, pool.seed[0])
        self.looks = Looks(lambda some: some @ asked.T, x)
        self.z = self._decoded([self._seen(self.looks.mean, x, None)])[0]

    def change(self, genes: Rows, x: Genes) -> Float[Tensor, "sets dim"]:
        """The vector z of every set."""
        return self._decoded([self._seen(*each) for each in self.looks.change(genes, x)])

    def _seen(
        self, induced: Float[Tensor, "asked dim"], x: Genes, lost: Lost | None
    ) -> Float[Tensor, "dim"]:
        """From what the inducing points look at to what the seed has seen of the genes."""
        pool, block = self.pool, self.pool.spread
        induced = self._told(pool.gather, pool.inducing[0], induced)
        query, bias = self._heads(block.query)
        key, value = (
            lin(induced).unflatten(1, (self.heads, -1)).transpose(0, 1)
            for lin in (block.key, block.value)
        )
        ask = (self.scale * key @ query).flatten(0, 1).T.contiguous()
        base = (self.scale * key @ bias[..., None]).flatten()
        out = block.out.weight.unflatten(1, (self.heads, -1)).permute(1, 2, 0)
        tell = (value @ out).flatten(0, 1)
        y = torch.empty_like(x)
        for part in pieces(len(x), max(x.shape[1], ask.shape[1]), x.device):
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

    def _heads(self, lin: nn.Linear) -> tuple[Tensor, ...]:
        """Weight [heads, part, dim] and bias [heads, part]."""
        return tuple(each.unflatten(0, (self.heads, -1)) for each in (lin.weight, lin.bias))

    def _folded(self, block: nn.Module, x: Float[Tensor, "queries dim"]) -> Tensor:
        """What a gene's state is multiplied with for its score; heads first, then queries."""
        query = block.query(x).unflatten(1, (self.heads, -1)).transpose(0, 1)
        return (query @ self._heads(block.key)[0]).flatten(0, 1) * self.scale

    def _told(
        self, block: nn.Module, x: Float[Tensor, "queries dim"], seen: Float[Tensor, "asked dim"]
    ) -> Float[Tensor, "queries dim"]:
        """A block's queries after they have seen these weighted means of states."""
        weight, bias = self._heads(block.value)
        seen = seen.unflatten(0, (self.heads, -1)) @ weight.transpose(1, 2) + bias[:, None]
        x = x + block.out(seen.transpose(0, 1).flatten(1))
        return x + block.feed(x).relu()

    def _decoded(self, z: list[Float[Tensor, "dim"]]) -> Float[Tensor, "sets dim"]:
        one = torch.stack(z)[:, None]
        return self.pool.decode(one, one)[:, 0]


def pieces(total: int, numbers: int, device: torch.device) -> Iterator[slice]:
    """Ranges of so many rows that a CPU's cache holds, where each takes so many numbers."""
    step = max(PIECE // numbers, 1) if device.type == "cpu" else max(total, 1)
    return (slice(start, start + step) for start in range(0, total, step))


POOLS = {"set_transformer": SetTransformer, "attention": GatedAttention}
