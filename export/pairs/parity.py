"""Parity of regulator-gene pairs: probabilities, and the ten best regulators of genes in order."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int64
from scipy.special import expit

from contracts.manifest import Manifest
from export.family import Figures, Probe, Sizes
from export.lanes import Run
from export.parity import BATCHES, TOP, check_order, near
from zoo.entry import open_parts
from zoo.pairs.graphs import GraphPairScorer

GENES = 200

Answers = tuple[list[np.ndarray], np.ndarray]
"""Logits of every batch, and logits [genes, tfs] of the sampled genes."""


@dataclass(frozen=True)
class PairProbe(Probe):
    """Batches of random pairs, and genes against all regulators."""

    task: str
    batches: tuple[np.ndarray, ...]
    genes: np.ndarray
    tfs_total: int

    @classmethod
    def draw(cls, task: str, sizes: Sizes, seed: int = 0) -> "PairProbe":
        """A fixed sample of an entry with these sizes."""
        rng = np.random.default_rng(seed)
        tfs, genes = sizes["tfs_total"], sizes["genes_total"]
        batches = tuple(
            np.stack([rng.integers(tfs, size=n), rng.integers(genes, size=n)]) for n in BATCHES
        )
        return cls(task, batches, rng.choice(genes, min(GENES, genes), replace=False), tfs)

    def about(self) -> Figures:
        """How many genes have their regulators ranked."""
        return {"ranked_genes": len(self.genes), "top": TOP}

    def ask(self, run: Run) -> Answers:
        """Logits of all pairs of the sample."""
        batches = [pair_logits(self.task, run, *batch) for batch in self.batches]
        everyone = np.arange(self.tfs_total)
        ranked = [
            pair_logits(self.task, run, everyone, np.full(self.tfs_total, gene))
            for gene in self.genes
        ]
        return batches, np.stack(ranked)

    def compare(self, lane: str, truth: Answers, got: Answers) -> Figures:
        """Figures of one lane. Raises ParityFailed."""
        pairs = zip([*truth[0], truth[1]], [*got[0], got[1]], strict=True)
        off = (np.abs(expit(a) - expit(b)).max() for a, b in pairs)
        worst = near(lane, "probability", off)
        check_order(lane, "best regulators", truth[1], got[1], np.abs(truth[1]).max())
        return {
            "status": "certified",
            "max_abs_probability": worst,
            "max_abs_logit": float(np.abs(truth[1] - got[1]).max()),
            "top_order_equal": True,
        }


def parts_lane(folder: Path, manifest: Manifest) -> Run:
    """Pairs taken from the matrix that the shipped parts give (zoo.pairs.exhaustive), on the CPU.

    The whole logit stands as `pair_specific`, beside popularities of 0.
    """
    scorer = GraphPairScorer(open_parts(folder, manifest, "onnx", "cpu", threads=1))

    def run(role: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        assert role == "score", role
        tfs, row = np.unique(inputs["tf"], return_inverse=True)
        genes, column = np.unique(inputs["gene"], return_inverse=True)
        logits = scorer.logits(tfs, genes)[row, column]
        nothing = np.zeros_like(logits)
        return {"pair_specific": logits, "tf_popularity": nothing, "gene_popularity": nothing}

    return run


def pair_logits(
    task: str, run: Run, tf: Int64[np.ndarray, "pairs"], gene: Int64[np.ndarray, "pairs"]
) -> Float[np.ndarray, "pairs"]:
    """Logits of pairs, by whichever graphs the task has, in the lane's own precision."""
    if task == "pair_score":
        out = run("score", {"tf": tf, "gene": gene})
        specific = out["pair_specific"]
        return specific + out["tf_popularity"] + out["gene_popularity"]
    left, right = run("tf_tower", {"tf": tf}), run("gene_tower", {"gene": gene})
    specific = np.einsum("pd,pd->p", left["tf_vector"], right["gene_vector"])
    return specific + left["tf_popularity"] + right["gene_popularity"]
