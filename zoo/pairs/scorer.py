"""What every entry for regulator-gene pairs offers: score, score_matrix, regulators, targets.

How a pair comes by its logit is left to the kinds of scorers in zoo.pairs.graphs. This is the door
for people's input: it is checked here, with messages of our own.
"""

import abc
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Float32, Int64

from zoo import results
from zoo.pairs.candidates import Candidates
from zoo.pairs.top_k import best_of_blocks
from zoo.results import ScoredPairs, Terms
from zoo.scorer import Scorer
from zoo.tables.inputs import check_k, name_list, pair_columns

if TYPE_CHECKING:
    import pandas as pd

    from zoo.pairs.rerank import Reranking

BLOCK_PAIRS = 1 << 11
"""Pairs that go through a graph at once: few enough for what is between the layers to stay in the
cache, a third faster than 65,536 for the cross-encoder."""

MATRIX_VALUES = 1 << 24
"""Scores of a matrix that are computed at once: 64 MB."""

REGULATOR_COLUMNS = ("gene", "rank", "tf", "score", "support", "query")
TARGET_COLUMNS = ("tf", "rank", "gene", "score", "support", "query")

SUPPORT = ("unseen", "tf_only", "gene_only", "both_seen")

OnUnknown = Literal["raise", "skip"]
Progress = Callable[[int], object]
PairPositions = Int64[np.ndarray, "pairs"]
TfPositions = Int64[np.ndarray, "tfs"]
GenePositions = Int64[np.ndarray, "genes"]
Matrix = Float32[np.ndarray, "tfs genes"]


class PairScorer(Scorer):
    """A loaded entry that scores pairs of a regulator and a gene; made by `zoo.load`.

    Names may be approved symbols in any case, previous symbols, aliases, or Ensembl, UniProt and
    HGNC ids. Every method that takes names raises UnknownGene (with near names), AmbiguousGene,
    NotARegulator, EmptyInput or ContractViolation for those it cannot use, and changes no input.
    """

    @cached_property
    def reranking(self) -> "Reranking":
        """The entries that this one's candidates were ranked again with, and how well it went."""
        from zoo.pairs.rerank import Reranking

        return Reranking()

    def _knows(self) -> str:
        return f"{len(self.vocabulary.regulators)} regulators, {len(self.vocabulary)} genes"

    @abc.abstractmethod
    def terms(self, tf: PairPositions, gene: PairPositions) -> Terms:
        """Probability and parts of the logit, for positions in the regulator and gene lists."""

    @abc.abstractmethod
    def logits(self, tf: TfPositions, gene: GenePositions) -> Matrix:
        """Logits of every regulator with every gene, for a block that fits in memory."""

    def rank_values(self, tf: TfPositions, gene: GenePositions) -> Float32[np.ndarray, "genes tfs"]:
        """What ranks the regulators of each gene: logits, up to a number that is the gene's own."""
        return self.logits(tf, gene).T

    def pair_logits(self, tf: PairPositions, gene: PairPositions) -> Float32[np.ndarray, "pairs"]:
        """Logits pair by pair, by the fastest way there is."""
        terms = self.terms(tf, gene)
        return terms.pair_specific + terms.tf_popularity + terms.gene_popularity

    def score(self, pairs: Any, on_unknown: OnUnknown = "raise") -> Float32[np.ndarray, "pairs"]:
        """Probabilities in [0, 1] that the regulators regulate the genes, pair by pair.

        Args:
            pairs: a list of (tf, gene), an array [pairs, 2] of names, or a DataFrame with columns
                tf and gene. Duplicates are kept, in order.
            on_unknown: "skip" gives NaN for pairs with a name that cannot be used, and warns: there
                is always one value a pair.
        """
        tfs, genes = pair_columns(pairs)
        index = self.vocabulary.resolve_pairs(tfs, genes, on_unknown)
        results.warn_left_out(index.skipped, len(index.kept), "pairs", "Their scores are NaN.")
        scores = np.full(len(tfs), np.nan, np.float32)
        scores[index.kept] = self.terms(index.tf, index.gene).probability
        return scores

    def details(self, pairs: Any, on_unknown: OnUnknown = "raise") -> "pd.DataFrame":
        """Scores with their parts: a DataFrame, one row a pair.

        Columns tf and gene (approved symbols), score, pair_specific, tf_popularity,
        gene_popularity (logits) and support. The index is that of a DataFrame `pairs`, else the
        position in the list or array; with on_unknown="skip", rows with a name that cannot be used
        are missing from it, and it warns.
        """
        return results.indexed(self.scored(pairs, on_unknown), pairs, "pairs")

    def scored(
        self, pairs: Any, on_unknown: OnUnknown = "raise", progress: Progress | None = None
    ) -> ScoredPairs:
        """What `details` shows, without pandas, and with the rows that were left out and why.

        `progress` is called with the number of pairs done since its last call.
        """
        tfs, genes = pair_columns(pairs)
        index = self.vocabulary.resolve_pairs(tfs, genes, on_unknown)
        blocks = []
        for start in range(0, max(1, len(index.tf)), BLOCK_PAIRS):
            rows = slice(start, start + BLOCK_PAIRS)
            blocks.append(self.terms(index.tf[rows], index.gene[rows]))
            if progress is not None:
                progress(len(index.tf[rows]))
        regulators, targets = self.vocabulary.regulators, self.vocabulary.genes
        return ScoredPairs(
            tf=[regulators[position] for position in index.tf.tolist()],
            gene=[targets[position] for position in index.gene.tolist()],
            terms=Terms.join(blocks),
            support=self._support(index.tf, index.gene),
            kept=index.kept,
            skipped=index.skipped,
        )

    def score_matrix(
        self, tfs: Iterable[str] | None = None, genes: Iterable[str] | None = None
    ) -> Matrix:
        """Probabilities of every regulator with every gene; None means all of the vocabulary."""
        tf, gene = self._tf_positions(tfs), self._gene_positions(genes)
        matrix = np.empty((len(tf), len(gene)), dtype=np.float32)
        start = 0
        for rows in self.matrix_rows(tf, gene):
            matrix[start : start + len(rows)] = rows
            start += len(rows)
        return matrix

    def matrix_rows(self, tf: TfPositions, gene: GenePositions) -> Iterator[Matrix]:
        """The score matrix in blocks of whole rows, first to last, about 64 MB each."""
        step = max(1, MATRIX_VALUES // len(gene))
        for start in range(0, len(tf), step):
            logits = self.logits(tf[start : start + step], gene)
            yield results.sigmoid(logits, out=logits)

    def regulators(
        self,
        genes: Iterable[str],
        k: int = 10,
        *,
        among: Iterable[str] | None = None,
        min_edges: int = 0,
        exclude: Any = None,
        rerank_with: "str | PairScorer | None" = None,
        recall: float | None = None,
        exact: bool = False,
    ) -> "pd.DataFrame":
        """The k regulators with the highest logit for each gene, ties by name.

        Args:
            genes: names; each is listed as often as it is asked.
            k: how many regulators to list for each.
            among: only these regulators are listed. Filters come before the search.
            min_edges: only regulators with so many edges in the training data are.
            exclude: pairs (tf, gene) that are not listed, such as known edges, as for `score`.
            rerank_with: an entry (or one loaded) of the same genes, which ranks this entry's
                candidates again and gives the scores; see zoo.pairs.rerank.
            recall: share of that entry's own top k that the candidates must hold; None means 0.99.
            exact: with `rerank_with`, take all regulators as candidates.

        Returns:
            A DataFrame with columns gene, rank (from 1), tf, score, support and query (the name as
            it was typed); k rows a gene, or fewer where the filters leave fewer, in the order of
            `genes`. With `rerank_with`, its `.attrs["rerank"]` says how many candidates there were
            and which recall was measured.

        Raises:
            InvalidOption: k is not from 1 to the number of regulators, or another option is none
                that there is.
            NothingLeft: the filters leave no regulator, or none for some gene.
            OtherGenes: the other entry has another vocabulary.
        """
        from zoo.pairs import rerank as second

        tfs = Candidates.of(self.vocabulary, self.tf_edges, among, min_edges, exclude)
        k = check_k(k, len(tfs), "regulators", filtered=len(tfs) < len(self.vocabulary.regulators))
        queries = name_list(genes, "genes")
        gene = self._gene_positions(queries)
        scorer, about = second.plan(self, rerank_with, tfs, k, recall, exact)
        size = about.candidates if about else len(tfs)
        if scorer is self or size == len(tfs):
            tf = second.top(scorer, tfs, gene, k)
        else:
            tf = second.rerank(scorer, tfs, gene, second.top(self, tfs, gene, size), k)
        rank = np.tile(np.arange(1, k + 1), len(gene))
        tf, gene = tf.ravel(), np.repeat(gene, k)
        listed = tfs.listed(tf, gene, self.vocabulary.genes)
        columns = scorer._ranking(tf[listed], gene[listed], rank[listed])
        columns["query"] = np.repeat(np.array(queries, object), k)[listed]
        frame = results.frame({name: columns[name] for name in REGULATOR_COLUMNS})
        frame.attrs.update({"rerank": about.record()} if about else {})
        return frame

    def targets(self, tfs: Iterable[str], k: int = 10) -> "pd.DataFrame":
        """The k genes with the highest logit for each regulator, ties by name.

        Returns:
            A DataFrame with columns tf, rank (from 1), gene, score, support and query (the name as
            it was typed); k rows a regulator, in the order of `tfs`.

        Raises:
            InvalidOption: k is not from 1 to the number of genes.
        """
        everyone = self._gene_positions(None)
        k = check_k(k, len(everyone), "genes")
        queries = name_list(tfs, "tfs")
        tf = self._tf_positions(queries)
        gene = best_of_blocks(lambda some: self.logits(some, everyone), tf, len(everyone), k)
        rank = np.tile(np.arange(1, k + 1), len(tf))
        columns = self._ranking(np.repeat(tf, k), gene.ravel(), rank)
        columns["query"] = np.repeat(np.array(queries, object), k)
        return results.frame({name: columns[name] for name in TARGET_COLUMNS})

    def support(self, tfs: Iterable[str], genes: Iterable[str]) -> list[str]:
        """How much the model knew of each pair: both_seen, tf_only, gene_only or unseen.

        A side is seen if it has an edge in the training data.
        """
        index = self.vocabulary.resolve_pairs(name_list(tfs, "tfs"), name_list(genes, "genes"))
        return self._support(index.tf, index.gene)

    def _ranking(
        self, tf: PairPositions, gene: PairPositions, rank: PairPositions
    ) -> results.Columns:
        regulators, targets = self.vocabulary.regulators, self.vocabulary.genes
        return {
            "tf": [regulators[position] for position in tf.tolist()],
            "gene": [targets[position] for position in gene.tolist()],
            "rank": rank,
            "score": self.terms(tf, gene).probability,
            "support": self._support(tf, gene),
        }

    @property
    def tf_edges(self) -> Int64[np.ndarray, "tfs"]:
        """Training edges of every regulator."""
        return self._opened.state["tf_edges"].astype(np.int64)

    @property
    def gene_edges(self) -> Int64[np.ndarray, "genes"]:
        """Training edges of every gene."""
        return self._opened.state["gene_edges"].astype(np.int64)

    def support_codes(self, tf: PairPositions, gene: PairPositions) -> PairPositions:
        """How much the model knew of each pair, as a position in SUPPORT."""
        seen_tf = self._opened.state["tf_edges"][tf] > 0
        seen_gene = self._opened.state["gene_edges"][gene] > 0
        return seen_tf + np.int64(2) * seen_gene

    def _support(self, tf: PairPositions, gene: PairPositions) -> list[str]:
        return [SUPPORT[code] for code in self.support_codes(tf, gene).tolist()]

    def _tf_positions(self, names: Iterable[str] | None) -> TfPositions:
        if names is None:
            return np.arange(len(self.vocabulary.regulators), dtype=np.int64)
        return self.vocabulary.regulator_index(name_list(names, "tfs"))

    def _gene_positions(self, names: Iterable[str] | None) -> GenePositions:
        if names is None:
            return np.arange(len(self.vocabulary), dtype=np.int64)
        return self.vocabulary.gene_index(name_list(names, "genes"))
