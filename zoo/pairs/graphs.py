"""The two kinds of pair scorers: one graph over pairs, or one tower a side and a dot product."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from jaxtyping import Float32, Int64

from zoo.pairs import exhaustive
from zoo.pairs.answers import Terms
from zoo.pairs.exhaustive import Joint, Side
from zoo.pairs.ranking import By
from zoo.pairs.scorer import BLOCK_PAIRS, PairScorer
from zoo.results import sigmoid
from zoo.runtime.graph import Graph

__all__ = ["GraphPairScorer", "PairEmbedder", "PairScorer"]

TfPositions = Int64[np.ndarray, "tfs"]
GenePositions = Int64[np.ndarray, "genes"]
PairPositions = Int64[np.ndarray, "pairs"]
Vectors = tuple[Float32[np.ndarray, "entities dim"], Float32[np.ndarray, "entities"]]
"""Vectors and popularity of all of one side."""
Matrix = Float32[np.ndarray, "tfs genes"]


class GraphPairScorer(PairScorer):
    """Scores of an entry whose task is pair_score: one graph, run over blocks of pairs."""

    def terms(self, tf: PairPositions, gene: PairPositions) -> Terms:
        """Probability and parts of the logit, for positions in the regulator and gene lists."""
        if not len(tf):
            nothing = np.empty(0, dtype=np.float32)
            return Terms(*[nothing] * 4, nothing if self.evidence.members > 1 else None)
        blocks = []
        for start in range(0, len(tf), BLOCK_PAIRS):
            rows = slice(start, start + BLOCK_PAIRS)
            outputs = self._opened.graphs["score"].run({"tf": tf[rows], "gene": gene[rows]})
            blocks.append(Terms(**outputs))
        return Terms.join(blocks)

    def logits(self, tf: TfPositions, gene: GenePositions, by: By = "score") -> Matrix:
        if self._splits:
            sides = self._sides["tf"].take(tf), self._sides["gene"].take(gene)
            if by == "pair_specific":
                sides = sides[0].without_popularity(), sides[1].without_popularity()
            return exhaustive.logits(*sides, self._joint, self._opened.threads)
        terms = self._all(tf, gene)
        values = terms.logit if by == "score" else terms.pair_specific
        return values.reshape(len(tf), len(gene))

    def pair_logits(self, tf: PairPositions, gene: PairPositions) -> Float32[np.ndarray, "pairs"]:
        """Logits pair by pair, from the parts of both sides where the entry has them."""
        if not self._splits:
            return super().pair_logits(tf, gene)
        return exhaustive.pair_logits(self._sides["tf"], self._sides["gene"], self._joint, tf, gene)

    @property
    def _splits(self) -> bool:
        """Whether every pair can be scored from parts; on a GPU the plain graph is used."""
        return "tf_part" in self._opened.graphs and self.device == "cpu"

    @cached_property
    def _sides(self) -> dict[str, Side]:
        """Both sides' parts, computed once."""
        return {"tf": self._side("tf"), "gene": self._side("gene")}

    def _side(self, side: str) -> Side:
        total = self.manifest.sizes[{"tf": "tfs_total", "gene": "genes_total"}[side]]
        outputs = run_blocks(self._opened.graphs[f"{side}_part"], side, total)
        return Side(*(outputs[f"{side}_{name}"] for name in ("hidden", "factor", "popularity")))

    @cached_property
    def _joint(self) -> Joint:
        state = self._opened.state
        bias = np.float32(state["output_bias"][0])
        return Joint(state["product_weight"], state["output_weight"], bias)

    def _all(self, tf: TfPositions, gene: GenePositions) -> Terms:
        return self.terms(np.repeat(tf, len(gene)), np.tile(gene, len(tf)))


class PairEmbedder(PairScorer):
    """Scores and vectors of an entry whose task is pair_embed.

    The vectors of the whole vocabulary are computed once. The onnx backend on the CPU takes those
    that the entry carries; any other session runs its own towers over everything, on first use.
    """

    def terms(self, tf: PairPositions, gene: PairPositions) -> Terms:
        """Probability and parts of the logit, for positions in the regulator and gene lists."""
        tf_vectors, tf_popularity = self._tfs
        gene_vectors, gene_popularity = self._genes
        members = self.evidence.members
        parts = np.empty((len(tf), members), dtype=np.float32)
        for start in range(0, len(tf), BLOCK_PAIRS):
            rows = slice(start, start + BLOCK_PAIRS)
            left = tf_vectors[tf[rows]].reshape(-1, members, tf_vectors.shape[1] // members)
            right = gene_vectors[gene[rows]].reshape(left.shape)
            np.einsum("pmd,pmd->pm", left, right, out=parts[rows])
        specific = parts.sum(axis=1)
        b_tf, c_gene = tf_popularity[tf], gene_popularity[gene]
        # The logit is the mean of the members', and so each part is a share of its member's own.
        spread = members * parts.std(axis=1) if members > 1 else None
        return Terms(sigmoid(specific + b_tf + c_gene), specific, b_tf, c_gene, spread)

    def embed_tfs(self, names: Iterable[str]) -> Float32[np.ndarray, "tfs dim"]:
        """Vectors of regulators; the dot product with a gene's is the pair-specific logit."""
        return self._tfs[0][self._tf_positions(names)]

    def embed_genes(self, names: Iterable[str]) -> Float32[np.ndarray, "genes dim"]:
        """Vectors of genes; the dot product with a regulator's is the pair-specific logit."""
        return self._genes[0][self._gene_positions(names)]

    def logits(self, tf: TfPositions, gene: GenePositions, by: By = "score") -> Matrix:
        tf_vectors, tf_popularity = self._tfs
        gene_vectors, gene_popularity = self._genes
        logits = tf_vectors[tf] @ gene_vectors[gene].T
        if by == "score":
            logits += tf_popularity[tf][:, None]
            logits += gene_popularity[gene]
        return logits

    def rank_values(
        self, tf: TfPositions, gene: GenePositions, by: By = "score"
    ) -> Float32[np.ndarray, "genes tfs"]:
        """One product: the regulator's popularity is a coordinate that every gene has 1 in."""
        if by == "pair_specific":
            return super().rank_values(tf, gene, by)
        ones = np.ones((len(gene), 1), np.float32)
        queries = np.concatenate([self._genes[0][gene], ones], axis=1)
        return queries @ self._ranked_tfs[tf].T

    @cached_property
    def _ranked_tfs(self) -> Float32[np.ndarray, "tfs dim_and_one"]:
        vectors, popularity = self._tfs
        return np.concatenate([vectors, popularity[:, None]], axis=1)

    @cached_property
    def _tfs(self) -> Vectors:
        return self._side("tf", len(self.vocabulary.regulators))

    @cached_property
    def _genes(self) -> Vectors:
        return self._side("gene", len(self.vocabulary))

    def _side(self, side: str, total: int) -> Vectors:
        """Vectors and popularity of all regulators or all genes."""
        state = self._opened.state
        if f"{side}_vectors" in state and (self.backend, self.device) == ("onnx", "cpu"):
            return state[f"{side}_vectors"], state[f"{side}_popularity"]
        outputs = run_blocks(self._opened.graphs[f"{side}_tower"], side, total)
        return outputs[f"{side}_vector"], outputs[f"{side}_popularity"]


def run_blocks(graph: Graph, name: str, total: int) -> dict[str, np.ndarray]:
    """Outputs of a graph over all positions of its one input, in blocks."""
    blocks = [
        graph.run({name: np.arange(start, min(start + BLOCK_PAIRS, total), dtype=np.int64)})
        for start in range(0, total, BLOCK_PAIRS)
    ]
    return {key: np.concatenate([block[key] for block in blocks]) for key in blocks[0]}
