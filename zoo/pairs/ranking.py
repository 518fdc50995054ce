"""The best regulators of genes and the best targets of regulators, and what is said of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from jaxtyping import Bool, Float32, Int64

from contracts.errors import InvalidOption
from zoo import results
from zoo.pairs import rerank
from zoo.pairs.answers import plain
from zoo.pairs.candidates import Candidates, KnownPairs, PairFilter
from zoo.pairs.top_k import best_of_blocks
from zoo.tables.inputs import check_k, name_list

if TYPE_CHECKING:
    import pandas as pd

    from zoo.pairs.scorer import PairScorer

COLUMNS = (
    "score",
    "verdict",
    "known",
    "references",
    "pair_specific",
    "uncertainty",
    "activates",
    "support",
)
"""What a ranking says of a pair, where the entry has it."""

By = Literal["score", "pair_specific"]
"""What a ranking goes by: the logit, or its pair-specific part."""
Pairs = Int64[np.ndarray, "pairs"]


@dataclass(frozen=True)
class Search:
    """The options of a ranking; PairScorer.regulators says what each is."""

    by: By = "score"
    known: KnownPairs = "include"
    prior: float | None = None
    among: Iterable[str] | None = None
    min_edges: int = 0
    exclude: Any = None
    rerank_with: "str | PairScorer | None" = None
    recall: float | None = None
    exact: bool = False

    def filter(self, model: "PairScorer") -> PairFilter:
        """The pairs that may be listed; raises InvalidOption for a wrong `by` or `known`."""
        if self.by not in get_args(By):
            raise InvalidOption("by", self.by, "'score' or 'pair_specific'")
        return PairFilter.of(model, self.known, self.exclude)


def regulators(model: "PairScorer", genes: Iterable[str], k: int, search: Search) -> "pd.DataFrame":
    """The k best regulators of each gene; see PairScorer.regulators."""
    vocabulary = model.vocabulary
    pairs = search.filter(model)
    tfs = Candidates.of(vocabulary, model.tf_edges, search.among, search.min_edges, pairs)
    k = check_k(k, len(tfs), "regulators", filtered=len(tfs) < len(vocabulary.regulators))
    queries = name_list(genes, "genes")
    gene = vocabulary.gene_index(queries)
    again = search.rerank_with, tfs, k, search.recall, search.exact, search.by
    scorer, about = rerank.plan(model, *again)
    size = about.candidates if about else len(tfs)
    if scorer is model or size == len(tfs):
        tf = rerank.top(scorer, tfs, gene, k, search.by)
    else:
        tf = rerank.rerank(scorer, tfs, gene, rerank.top(model, tfs, gene, size), k)
    tf, gene = tf.ravel(), np.repeat(gene, k)
    listed = tfs.listed(tf, gene, vocabulary.genes)
    frame = _table(scorer, ("gene", "tf"), (gene, tf), queries, listed, search.prior)
    frame.attrs.update({"rerank": about.record()} if about else {})
    return frame


def targets(model: "PairScorer", tfs: Iterable[str], k: int, search: Search) -> "pd.DataFrame":
    """The k best genes of each regulator; see PairScorer.targets."""
    everyone = np.arange(len(model.vocabulary))
    pairs, k = search.filter(model), check_k(k, len(everyone), "genes")
    queries = name_list(tfs, "tfs")
    distinct, which = np.unique(model.vocabulary.regulator_index(queries), return_inverse=True)

    def values(some: Int64[np.ndarray, "tfs"]) -> Float32[np.ndarray, "tfs genes"]:
        return pairs.mask(model.logits(some, everyone, search.by).T, everyone, some).T

    best = best_of_blocks(values, distinct, len(everyone), k)[which]
    tf, gene = np.repeat(distinct[which], k), best.ravel()
    listed = ~pairs.drops(tf, gene)
    return _table(model, ("tf", "gene"), (tf, gene), queries, listed, search.prior)


def _table(
    model: "PairScorer",
    sides: tuple[str, str],
    positions: tuple[Pairs, Pairs],
    queries: list[Any],
    listed: Bool[np.ndarray, "pairs"],
    prior: float | None,
) -> "pd.DataFrame":
    """The listed ones of as many ranked pairs for each query, best first.

    `sides` are the one that was asked for and the one that was found.
    """
    k = len(listed) // len(queries)
    at = {side: where[listed] for side, where in zip(sides, positions, strict=True)}
    evidence = model.evidence
    names = (*sides, *(name for name in COLUMNS if name in evidence.names))
    terms = model.terms(at["tf"], at["gene"]).at(prior)
    columns = plain(evidence.columns(at["tf"], at["gene"], terms, names))
    rank = np.tile(np.arange(1, k + 1), len(queries))[listed]
    query = np.repeat(np.array(queries, object), k)[listed]
    first = columns.pop(sides[0])
    return results.frame({sides[0]: first, "rank": rank, **columns, "query": query})
