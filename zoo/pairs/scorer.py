"""What every entry for regulator-gene pairs offers: score, score_matrix, regulators, targets.

How a pair comes by its logit is left to the kinds of scorers in zoo.pairs.graphs. This is the door
for people's input: it is checked here, with messages of our own.
"""

import abc
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Float32, Int64

from zoo import results
from zoo.entry import OpenEntry
from zoo.pairs import ranking
from zoo.pairs.answers import ScoredPairs, Terms
from zoo.pairs.candidates import KnownPairs
from zoo.pairs.evidence import BLOCK_PAIRS, SUPPORT, Evidence
from zoo.pairs.ranking import By, Search
from zoo.pairs.rerank import Reranking
from zoo.scorer import Scorer
from zoo.tables.inputs import name_list, pair_columns

if TYPE_CHECKING:
    import pandas as pd

MATRIX_VALUES = 1 << 24
"""Scores of a matrix that are computed at once: 64 MB."""

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
    `tf_edges` and `gene_edges` count the training edges of every regulator and of every gene.
    """

    def __init__(self, opened: OpenEntry) -> None:
        super().__init__(opened)
        self.evidence = Evidence(opened, self.terms)
        self.tf_edges, self.gene_edges = self.evidence.tf_edges, self.evidence.gene_edges

    @cached_property
    def reranking(self) -> Reranking:
        """The entries that this one's candidates were ranked again with, and how well it went."""
        return Reranking()

    def _knows(self) -> str:
        return f"{len(self.vocabulary.regulators)} regulators, {len(self.vocabulary)} genes"

    @abc.abstractmethod
    def terms(self, tf: PairPositions, gene: PairPositions) -> Terms:
        """Probability and parts of the logit, for positions in the regulator and gene lists."""

    @abc.abstractmethod
    def logits(self, tf: TfPositions, gene: GenePositions, by: By = "score") -> Matrix:
        """Logits of every regulator with every gene, or their pair-specific parts.

        For a block that fits in memory.
        """

    def rank_values(
        self, tf: TfPositions, gene: GenePositions, by: By = "score"
    ) -> Float32[np.ndarray, "genes tfs"]:
        """What ranks the regulators of each gene: logits, up to a number that is the gene's own."""
        return self.logits(tf, gene, by).T

    def pair_logits(self, tf: PairPositions, gene: PairPositions) -> Float32[np.ndarray, "pairs"]:
        """Logits pair by pair, by the fastest way there is."""
        return self.terms(tf, gene).logit

    def score(
        self, pairs: Any, on_unknown: OnUnknown = "raise", *, prior: float | None = None
    ) -> Float32[np.ndarray, "pairs"]:
        """Probabilities in [0, 1] that the regulators regulate the genes, pair by pair.

        Args:
            pairs: a list of (tf, gene), an array [pairs, 2] of names, or a DataFrame with columns
                tf and gene. Duplicates are kept, in order.
            on_unknown: "skip" gives NaN for pairs with a name that cannot be used, and warns: there
                is always one value a pair.
            prior: the share of the pairs asked that are edges; None means one half, for which
                scores are calibrated. A score is sigmoid(logit + ln(prior / (1 - prior))).
        """
        tfs, genes = pair_columns(pairs)
        index = self.vocabulary.resolve_pairs(tfs, genes, on_unknown)
        results.warn_left_out(index.skipped, len(index.kept), "pairs", "Their scores are NaN.")
        scores = np.full(len(tfs), np.nan, np.float32)
        scores[index.kept] = self.terms(index.tf, index.gene).at(prior).probability
        return scores

    def details(
        self,
        pairs: Any,
        on_unknown: OnUnknown = "raise",
        *,
        columns: Iterable[str] | None = None,
        prior: float | None = None,
    ) -> "pd.DataFrame":
        """Scores with their parts and what they rest on: a DataFrame, one row a pair.

        Columns tf and gene (approved symbols), score, pair_specific, tf_popularity,
        gene_popularity (logits), support, tf_edges and gene_edges (in the training data). Where the
        entry has a list of known pairs: known (the resources that list the pair, empty where none
        does), references (publications) and verdict (see zoo.pairs.verdict). Where it has them:
        activates (probability that the effect is an activation, given that there is one) and
        uncertainty (standard deviation of the logit). `columns` chooses some of these.

        The index is that of a DataFrame `pairs`, else the position in the list or array; with
        on_unknown="skip", rows with a name that cannot be used are missing from it, and it warns.
        `prior` is as for `score`.
        """
        scored = self.scored(pairs, on_unknown, columns=columns, prior=prior)
        return results.indexed(scored, pairs, "pairs")

    def scored(
        self,
        pairs: Any,
        on_unknown: OnUnknown = "raise",
        progress: Progress | None = None,
        *,
        columns: Iterable[str] | None = None,
        prior: float | None = None,
    ) -> ScoredPairs:
        """What `details` shows, without pandas, and with the rows that were left out and why.

        `progress` is called with the number of pairs done since its last call.
        """
        names = self.evidence.chosen(columns)
        tfs, genes = pair_columns(pairs)
        index = self.vocabulary.resolve_pairs(tfs, genes, on_unknown)
        blocks = []
        for start in range(0, max(1, len(index.tf)), BLOCK_PAIRS):
            rows = slice(start, start + BLOCK_PAIRS)
            blocks.append(self.terms(index.tf[rows], index.gene[rows]))
            if progress is not None:
                progress(len(index.tf[rows]))
        terms = Terms.join(blocks).at(prior)
        table = self.evidence.columns(index.tf, index.gene, terms, names)
        return ScoredPairs(table, terms, index.kept, index.skipped)

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
        by: By = "score",
        known: KnownPairs = "include",
        prior: float | None = None,
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
            by: "pair_specific" ranks by that part of the logit, without popularity.
            known: "exclude" lists no pair that a resource lists, "only" no other.
            prior: as for `score`; it changes no rank.
            among: only these regulators are listed. Filters come before the search.
            min_edges: only regulators with so many edges in the training data are.
            exclude: pairs (tf, gene) that are not listed, such as known edges, as for `score`.
            rerank_with: an entry (or one loaded) of the same genes, which ranks this entry's
                candidates again and gives the scores; see zoo.pairs.rerank.
            recall: share of that entry's own top k that the candidates must hold; None means 0.99.
            exact: with `rerank_with`, take all regulators as candidates.

        Returns:
            A DataFrame with columns gene, rank (from 1), tf, then those of
            zoo.pairs.ranking.COLUMNS that the entry has (see `details`), and query (the name as it
            was typed); k rows a gene, or fewer where the filters leave fewer, in the order of
            `genes`. With known="only" a gene may have none. With `rerank_with`, its
            `.attrs["rerank"]` says how many candidates there were and which recall was measured.

        Raises:
            InvalidOption: k is not from 1 to the number of regulators, or another option is none
                that there is.
            NothingLeft: the filters leave no regulator, or none for some gene.
            OtherGenes: the other entry has another vocabulary.
            Unsupported: `known` is asked of an entry without a list of known pairs.
        """
        again = rerank_with, recall, exact
        search = Search(by, known, prior, among, min_edges, exclude, *again)
        return ranking.regulators(self, genes, k, search)

    def targets(
        self,
        tfs: Iterable[str],
        k: int = 10,
        *,
        by: By = "score",
        known: KnownPairs = "include",
        prior: float | None = None,
    ) -> "pd.DataFrame":
        """The k genes with the highest logit for each regulator, ties by name.

        `by`, `known` and `prior` are as for `regulators`.

        Returns:
            A DataFrame with columns tf, rank (from 1), gene and then as `regulators` has them; k
            rows a regulator, or fewer where `known` leaves fewer, in the order of `tfs`.

        Raises:
            InvalidOption: k is not from 1 to the number of genes, or another option is none.
            Unsupported: `known` is asked of an entry without a list of known pairs.
        """
        return ranking.targets(self, tfs, k, Search(by, known, prior))

    def enrich(
        self,
        genes: Iterable[str],
        background: Iterable[str] | None = None,
        signs: Mapping[str, int] | None = None,
        k: int = 20,
        *,
        on_unknown: OnUnknown = "raise",
    ) -> "pd.DataFrame":
        """The k regulators that best explain a list of genes; zoo.pairs.enrich.table says how.

        Args:
            genes: names, at least 3 different genes; what is repeated counts once.
            background: all genes that could have been in the list, such as those measured; None
                means the whole vocabulary.
            signs: 1 for genes that go up and -1 for those that go down, by name.
            k: how many regulators to list.
            on_unknown: "skip" leaves names out that cannot be used, and warns.

        Returns:
            A DataFrame, one row a regulator: rank, tf, score (evidence joined, 0 to 1), p_value and
            q_value (chance alone; Benjamini-Hochberg over all regulators), listed (genes of the
            list that a resource lists with it), expected (as many by chance), predicted (others
            with a high pair-specific logit), known_share (listed of both), activity (with `signs`:
            1 where its genes go as it sends them, -1 the other way), tf_edges and genes (listed
            ones first). listed, expected and known_share are there where the entry has listed
            edges. `.attrs` has the numbers of genes and of background, and names skipped.

        Raises:
            NothingLeft: fewer than 3 genes are left.
            ContractViolation: a gene is not in the background, or `signs` is no such mapping.
            InvalidOption: k is not from 1 to the number of regulators.
        """
        from zoo.pairs.enrich.gene_list import GeneList
        from zoo.pairs.enrich.table import Enrichment

        names = GeneList.of(self.vocabulary, genes, background, signs, on_unknown)
        return Enrichment.of(self, names).table(k)

    def support(self, tfs: Iterable[str], genes: Iterable[str]) -> list[str]:
        """How much the model knew of each pair: both_seen, tf_only, gene_only or unseen.

        A side is seen if it has an edge in the training data.
        """
        index = self.vocabulary.resolve_pairs(name_list(tfs, "tfs"), name_list(genes, "genes"))
        return [SUPPORT[code] for code in self.evidence.support(index.tf, index.gene).tolist()]

    def _tf_positions(self, names: Iterable[str] | None) -> TfPositions:
        if names is None:
            return np.arange(len(self.vocabulary.regulators), dtype=np.int64)
        return self.vocabulary.regulator_index(name_list(names, "tfs"))

    def _gene_positions(self, names: Iterable[str] | None) -> GenePositions:
        if names is None:
            return np.arange(len(self.vocabulary), dtype=np.int64)
        return self.vocabulary.gene_index(name_list(names, "genes"))
