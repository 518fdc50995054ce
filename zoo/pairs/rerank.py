"""Retrieve with a fast entry, rank the candidates again with another one.

How many candidates are enough is measured, not assumed: on one sample of genes the smallest number
is chosen whose recall of the exhaustive top k is sure to reach the target, and on another sample
that recall is measured again. Genes that training saw are harder than the others, of which the
popularity of regulators says nearly all, so that the target holds for either kind, and the lower of
the two recalls is told. Recall counts (gene, regulator) pairs: the share of the exhaustive
top k that the candidates hold. Its lower bound is that of Clopper and Pearson (1934), which takes
pairs for independent; the share of genes whose whole top k is found stands beside it.
"""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Bool, Int64

from contracts.errors import InvalidOption, OtherGenes
from zoo.loading import load_of
from zoo.pairs.candidates import Candidates
from zoo.pairs.top_k import best_of_blocks

if TYPE_CHECKING:
    from zoo.pairs.scorer import PairScorer

GENES = 500
"""Genes in each of the two samples of a kind."""
CONFIDENCE = 0.95
RECALL = 0.99

Genes = Int64[np.ndarray, "genes"]
Positions = Int64[np.ndarray, "genes k"]


@dataclass(frozen=True)
class Measured:
    """How well candidates of one entry hold the top k of another, for the harder kind of genes.

    `recall` and `genes_whole` come with lower bounds at `confidence` from `genes` genes that did
    not take part in choosing `candidates`. Where `exact`, all regulators were candidates.
    """

    retriever: str
    reranker: str
    k: int
    target: float
    candidates: int
    exact: bool
    genes: int
    recall: float
    recall_low: float
    genes_whole: float
    genes_whole_low: float
    confidence: float = CONFIDENCE

    @classmethod
    def exhaustive(
        cls, retriever: "PairScorer", reranker: "PairScorer", tfs: Candidates, k: int
    ) -> "Measured":
        """All regulators as candidates: nothing to measure."""
        return cls(retriever.entry, reranker.entry, k, 1.0, len(tfs), True, 0, 1.0, 1.0, 1.0, 1.0)

    def record(self) -> dict[str, object]:
        """Plain values by name."""
        return asdict(self)


def measure(
    retriever: "PairScorer", reranker: "PairScorer", tfs: Candidates, k: int, target: float
) -> Measured:
    """Choose the number of candidates for a recall of `target` at k, and measure it."""
    samples = _samples(retriever.gene_edges)
    total = len(tfs)
    chosen = [_ranks(retriever, reranker, tfs, one, k) for one, _ in samples]
    sizes = np.unique(np.minimum(total, k * 2 ** np.arange(0, 24, 0.5)).astype(int))
    reach = (n for n in sizes.tolist() if all((r < n).mean() >= target for r in chosen))
    enough = (n for n in reach if all(_bound(ranks < n) >= target for ranks in chosen))
    size = next(enough, total)
    held_out = [_ranks(retriever, reranker, tfs, one, k) < size for _, one in samples]
    found = min(held_out, key=lambda one: one.mean())
    whole = found.all(axis=1)
    return Measured(
        retriever.entry,
        reranker.entry,
        k,
        target,
        size,
        size == total,
        len(found),
        float(found.mean()),
        _bound(found),
        float(whole.mean()),
        _bound(whole),
    )


class Plan(NamedTuple):
    """What a number of candidates was measured for; `tfs` has the bytes of their positions."""

    reranker: str
    version: str
    k: int
    target: float
    known: str
    tfs: bytes


@dataclass
class Reranking:
    """What one retriever has loaded and measured: each once for all of its questions."""

    entries: dict[str, "PairScorer"] = field(default_factory=dict)
    measured: dict[Plan, Measured] = field(default_factory=dict)


def plan(
    retriever: "PairScorer",
    rerank_with: "str | PairScorer | None",
    tfs: Candidates,
    k: int,
    recall: object,
    exact: bool,
    by: str = "score",
) -> tuple["PairScorer", Measured | None]:
    """The entry that ranks in the end, and how many candidates it is given; None without one.

    Raises InvalidOption for a recall outside of (0, 1) and for what does not go with another entry,
    OtherGenes for another vocabulary.
    """
    if rerank_with is None:
        for name, given in (("exact", exact or None), ("recall", recall)):
            if given is not None:
                raise InvalidOption(name, given, "rerank_with=ENTRY beside it")
        return retriever, None
    target = _target(recall, tfs, by)
    reranker = rerank_with
    if isinstance(reranker, str):
        reranker = _loaded(retriever, reranker)
    if reranker.entry == retriever.entry:
        raise InvalidOption("rerank_with", reranker.entry, "another entry than the one asked")
    check_vocabulary(retriever, reranker)
    if exact:
        return reranker, Measured.exhaustive(retriever, reranker, tfs, k)
    version, known = reranker.manifest.version, tfs.pairs.known
    key = Plan(reranker.entry, version, k, target, known, tfs.tfs.tobytes())
    measured = retriever.reranking.measured
    if key not in measured:
        measured[key] = measure(retriever, reranker, tfs, k, target)
    return reranker, measured[key]


def _target(recall: object, tfs: Candidates, by: str) -> float:
    """The recall to reach; raises InvalidOption for it, or for what goes with no other entry."""
    if by != "score":
        raise InvalidOption("by", by, "'score' beside rerank_with")
    if tfs.pairs.known == "only":
        raise InvalidOption("known", "only", "'include' or 'exclude' beside rerank_with")
    target = RECALL if recall is None else recall
    if isinstance(target, bool) or not isinstance(target, int | float) or not 0 < target < 1:
        raise InvalidOption("recall", target, "a number between 0 and 1, such as 0.99")
    return float(target)


def _loaded(retriever: "PairScorer", name: str) -> "PairScorer":
    """The entry of that name, loaded as the retriever is, and once for all of its questions."""
    entries = retriever.reranking.entries
    if name not in entries:
        options = (retriever.backend, retriever.device, retriever.threads)
        entries[name] = load_of("pairs", name, "re-ranking of regulators", *options)
    return entries[name]


def check_vocabulary(retriever: "PairScorer", reranker: "PairScorer") -> None:
    """Raise OtherGenes where positions of one are not positions of the other."""
    mine, theirs = retriever.vocabulary, reranker.vocabulary
    if mine.regulators != theirs.regulators or mine.genes != theirs.genes:
        raise OtherGenes(retriever.entry, reranker.entry)


def rerank(
    reranker: "PairScorer",
    tfs: Candidates,
    genes: Genes,
    candidates: Int64[np.ndarray, "genes candidates"],
    k: int,
) -> Positions:
    """The k candidates of each gene with the highest logits, ties by position."""
    ordered = np.sort(candidates, axis=1)
    tf, gene = ordered.ravel(), np.repeat(genes, ordered.shape[1])
    values = reranker.pair_logits(tf, gene)
    values[tfs.pairs.drops(tf, gene)] = -np.inf
    order = np.argsort(-values.reshape(ordered.shape), axis=1, kind="stable")[:, :k]
    return np.take_along_axis(ordered, order, 1)


def top(
    scorer: "PairScorer", tfs: Candidates, genes: Genes, k: int, by: str = "score"
) -> Positions:
    """The k best regulators of each gene by one entry alone, as positions."""

    def values(some: Int64[np.ndarray, "some"]) -> np.ndarray:
        return tfs.pairs.mask(scorer.rank_values(tfs.tfs, some, by), some, tfs.tfs)

    return tfs.tfs[best_of_blocks(values, genes, len(tfs), k)]


def lower_bound(hits: int, total: int, confidence: float = CONFIDENCE) -> float:
    """The one-sided lower limit of Clopper and Pearson for a share of `hits` in `total`.

    It is the share under which so many hits or more have a chance of 1 - confidence.
    """
    from scipy.special import betaincinv

    if hits <= 0:
        return 0.0
    return float(betaincinv(hits, total - hits + 1, 1 - confidence))


def _bound(found: Bool[np.ndarray, "..."]) -> float:
    return lower_bound(int(found.sum()), found.size)


def _samples(
    gene_edges: Int64[np.ndarray, "genes_total"],
) -> list[tuple[Int64[np.ndarray, "chosen"], Int64[np.ndarray, "held_out"]]]:
    """Two samples without a gene in common, of the genes seen in training and of the others."""
    rng = np.random.default_rng(0)
    samples = []
    for kind in (np.flatnonzero(gene_edges > 0), np.flatnonzero(gene_edges == 0)):
        size = min(GENES, len(kind) // 2)
        drawn = rng.permutation(kind)[: 2 * size]
        if size:
            samples.append((np.sort(drawn[:size]), np.sort(drawn[size:])))
    return samples


def _ranks(
    retriever: "PairScorer", reranker: "PairScorer", tfs: Candidates, genes: Genes, k: int
) -> Positions:
    """Where the retriever has each of the reranker's top k, from 0."""
    wanted = top(reranker, tfs, genes, k)
    values = tfs.pairs.mask(retriever.rank_values(tfs.tfs, genes), genes, tfs.tfs)
    order = np.argsort(-values, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(len(tfs)), order.shape), 1)
    return np.take_along_axis(rank, np.searchsorted(tfs.tfs, wanted), 1)
