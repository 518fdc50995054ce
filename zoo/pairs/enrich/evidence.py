"""What speaks for a regulator of a gene list: its listed edges, and its scores."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32, Int64

from zoo.pairs.enrich.gene_list import GeneList
from zoo.pairs.enrich.overlap import Draw
from zoo.pairs.known import Known

if TYPE_CHECKING:
    from zoo.pairs.scorer import PairScorer

COMPARED = 1024
"""Genes of a larger background that scores are compared with: the same ones each time."""

PerTf = Float[np.ndarray, "tfs"]
Counts = Int64[np.ndarray, "tfs"]
Edges = Int64[np.ndarray, "edges"]


@dataclass(frozen=True, eq=False)
class Listed:
    """Listed edges of regulators with genes of the list, and what a random list would have.

    `at` is where each edge stands in the list of known pairs, none of a gene with itself. In
    `weighted` an edge counts as many resources as list it, over all regulators of its gene.
    """

    tf: Edges
    at: Edges
    weighted: PerTf
    hits: Counts
    expected: PerTf
    z: PerTf
    p_value: PerTf

    @classmethod
    def of(cls, known: Known, own: Counts, genes: GeneList) -> "Listed":
        """Count the edges; `own` is the gene that each regulator is."""
        tf, gene = np.divmod(known.pairs.codes, known.pairs.genes_total)
        others = own[tf] != gene
        inside = others & np.isin(gene, genes.background)
        at = np.flatnonzero(others & np.isin(gene, genes.genes))
        rivals = np.bincount(gene)[gene[at]]
        weight = np.bitwise_count(known.resources[at]) / rivals
        hits = np.bincount(tf[at], minlength=len(own))
        draw = Draw(
            totals=np.bincount(tf[inside], minlength=len(own)),
            drawn=len(genes.genes) - np.isin(own, genes.genes),
            pool=len(genes.background) - np.isin(own, genes.background),
        )
        return cls(
            tf=tf[at],
            at=at,
            weighted=np.bincount(tf[at], weight, len(own)),
            hits=hits,
            expected=draw.mean,
            z=draw.z_score(hits),
            p_value=draw.p_value(hits),
        )


@dataclass(frozen=True, eq=False)
class Scored:
    """Pair-specific logits of every regulator with the list and with other genes of the background.

    They are NaN for a gene with itself. `mean_logit` is that with the list, regulator's popularity
    included.
    """

    specific: Float32[np.ndarray, "tfs genes"]
    beside: Float32[np.ndarray, "tfs others"]
    mean_logit: PerTf
    p_value: PerTf

    @classmethod
    def of(cls, model: "PairScorer", own: Counts, genes: GeneList) -> "Scored":
        """Score the list and genes of the background."""
        from scipy.special import ndtr

        others = np.setdiff1d(genes.background, genes.genes)
        if len(others) > COMPARED:
            others = np.sort(np.random.default_rng(0).choice(others, COMPARED, replace=False))
        tfs = np.arange(len(own))
        specific, beside = (
            np.where(own[:, None] == some, np.nan, model.logits(tfs, some, "pair_specific"))
            for some in (genes.genes, others)
        )
        mean, mean_beside = (np.nanmean(one, axis=1, dtype=float) for one in (specific, beside))
        inside, outside = ((~np.isnan(one)).sum(axis=1) for one in (specific, beside))
        spread = np.nanstd(np.hstack([specific, beside]), axis=1, dtype=float)
        error = spread * np.sqrt(1 / inside + 1 / np.maximum(outside, 1))
        z = np.divide(mean - mean_beside, error, out=np.zeros(len(own)), where=error > 0)
        popularity = model.terms(tfs, np.full(len(own), genes.genes[0])).tf_popularity
        return cls(specific, beside, mean + popularity, ndtr(-z))
