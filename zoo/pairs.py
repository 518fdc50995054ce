"""The two kinds of pair scorers: one graph over pairs, or one tower a side and a dot product."""

from collections.abc import Iterable
from functools import cached_property
from typing import NoReturn

import numpy as np
from jaxtyping import Float32, Int64

from contracts.errors import Unsupported
from zoo.pair_base import BLOCK_PAIRS, PairScorer
from zoo.results import Terms

__all__ = ["GraphPairScorer", "PairEmbedder", "PairScorer"]

TfPositions = Int64[np.ndarray, "tfs"]
GenePositions = Int64[np.ndarray, "genes"]
PairPositions = Int64[np.ndarray, "pairs"]
Matrix = Float32[np.ndarray, "tfs genes"]


class GraphPairScorer(PairScorer):
    """Scores of an entry whose task is pair_score: one graph, run over blocks of pairs."""

    def terms(self, tf: PairPositions, gene: PairPositions) -> Terms:
        """Probability and parts of the logit, for positions in the regulator and gene lists."""
        if not len(tf):
            return Terms(*[np.empty(0, dtype=np.float32)] * 4)
        blocks = []
        for start in range(0, len(tf), BLOCK_PAIRS):
            rows = slice(start, start + BLOCK_PAIRS)
            outputs = self._opened.graphs["score"].run({"tf": tf[rows], "gene": gene[rows]})
            blocks.append(Terms(**outputs))
        return Terms.join(blocks)

    def _probabilities(self, tf: TfPositions, gene: GenePositions) -> Matrix:
        return self._all(tf, gene).probability.reshape(len(tf), len(gene))

    def _logits(self, tf: TfPositions, gene: GenePositions) -> Matrix:
        terms = self._all(tf, gene)
        logits = terms.pair_specific + terms.tf_popularity + terms.gene_popularity
        return logits.reshape(len(tf), len(gene))

    def _all(self, tf: TfPositions, gene: GenePositions) -> Terms:
        return self.terms(np.repeat(tf, len(gene)), np.tile(gene, len(tf)))

    def embed_tfs(self, names: Iterable[str]) -> NoReturn:
        """Raise Unsupported: this entry looks at pairs and has no vectors of its own."""
        self._no_vectors("embed_tfs")

    def embed_genes(self, names: Iterable[str]) -> NoReturn:
        """Raise Unsupported: this entry looks at pairs and has no vectors of its own."""
        self._no_vectors("embed_genes")

    def _no_vectors(self, method: str) -> NoReturn:
        instead = (
            "Load an entry of task pair_embed, such as those of `zoo search --task pair_embed`."
        )
        raise Unsupported(self.entry, method, instead)


class PairEmbedder(PairScorer):
    """Scores and vectors of an entry whose task is pair_embed.

    The vectors of the whole vocabulary are computed once. The onnx backend on the CPU takes those
    that the entry carries; any other session runs its own towers over everything, on first use.
    """

    def terms(self, tf: PairPositions, gene: PairPositions) -> Terms:
        """Probability and parts of the logit, for positions in the regulator and gene lists."""
        tf_vectors, tf_popularity = self._tfs
        gene_vectors, gene_popularity = self._genes
        specific = np.empty(len(tf), dtype=np.float32)
        for start in range(0, len(tf), BLOCK_PAIRS):
            rows = slice(start, start + BLOCK_PAIRS)
            np.einsum(
                "pd,pd->p", tf_vectors[tf[rows]], gene_vectors[gene[rows]], out=specific[rows]
            )
        b_tf, c_gene = tf_popularity[tf], gene_popularity[gene]
        return Terms(_sigmoid(specific + b_tf + c_gene), specific, b_tf, c_gene)

    def embed_tfs(self, names: Iterable[str]) -> Float32[np.ndarray, "tfs dim"]:
        """Vectors of regulators; the dot product with a gene's is the pair-specific logit."""
        return self._tfs[0][self._tf_positions(names)]

    def embed_genes(self, names: Iterable[str]) -> Float32[np.ndarray, "genes dim"]:
        """Vectors of genes; the dot product with a regulator's is the pair-specific logit."""
        return self._genes[0][self._gene_positions(names)]

    def _probabilities(self, tf: TfPositions, gene: GenePositions) -> Matrix:
        return _sigmoid(self._logits(tf, gene))

    def _logits(self, tf: TfPositions, gene: GenePositions) -> Matrix:
        tf_vectors, tf_popularity = self._tfs
        gene_vectors, gene_popularity = self._genes
        logits = tf_vectors[tf] @ gene_vectors[gene].T
        logits += tf_popularity[tf][:, None]
        logits += gene_popularity[gene]
        return logits

    @cached_property
    def _tfs(self) -> tuple[Float32[np.ndarray, "tfs dim"], Float32[np.ndarray, "tfs"]]:
        return self._side("tf", len(self.vocabulary.regulators))

    @cached_property
    def _genes(self) -> tuple[Float32[np.ndarray, "genes dim"], Float32[np.ndarray, "genes"]]:
        return self._side("gene", len(self.vocabulary))

    def _side(
        self, side: str, total: int
    ) -> tuple[Float32[np.ndarray, "entities dim"], Float32[np.ndarray, "entities"]]:
        """Vectors and popularity of all regulators or all genes."""
        state = self._opened.state
        if f"{side}_vectors" in state and (self.backend, self.device) == ("onnx", "cpu"):
            return state[f"{side}_vectors"], state[f"{side}_popularity"]
        graph = self._opened.graphs[f"{side}_tower"]
        blocks = [
            graph.run({side: np.arange(start, min(start + BLOCK_PAIRS, total), dtype=np.int64)})
            for start in range(0, total, BLOCK_PAIRS)
        ]
        return (
            np.concatenate([block[f"{side}_vector"] for block in blocks]),
            np.concatenate([block[f"{side}_popularity"] for block in blocks]),
        )


def _sigmoid(logits: Float32[np.ndarray, "*axes"]) -> Float32[np.ndarray, "*axes"]:
    with np.errstate(over="ignore"):  # exp of a very negative logit is inf, and 1 / inf the right 0
        return 1 / (1 + np.exp(-logits))
