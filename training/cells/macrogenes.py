"""Macrogenes: clusters of the gene vectors of all species, and the weight of each gene in each."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64
from scipy.stats import rankdata
from sklearn.cluster import KMeans

from training.cells.vectors import GeneVectors

Score = Literal["default", "one_hot", "smoothed"]
SMALL = 1e-4
"""Score of a gene in all macrogenes but its own, where it has only one: logarithms are taken."""


def initial(
    vectors: GeneVectors,
    genes: Mapping[str, Int64[np.ndarray, "_"]],
    macrogenes: int,
    score: Score,
    seed: int,
) -> dict[str, Float32[np.ndarray, "_ macrogenes"]]:
    """Weights of every species' genes in the macrogenes, from one KMeans over all of them."""
    stacked = np.concatenate([vectors.vectors[species][used] for species, used in genes.items()])
    clusters = KMeans(macrogenes, n_init=1, random_state=seed).fit(stacked)
    rank = rankdata(clusters.transform(stacked), axis=1, method="ordinal")
    weights = scores(rank, score).astype(np.float32)
    ends = np.cumsum([len(used) for used in genes.values()])[:-1]
    return dict(zip(genes, np.split(weights, ends), strict=True))


def scores(
    rank: Int64[np.ndarray, "genes macrogenes"] | Float64[np.ndarray, "genes macrogenes"],
    score: Score,
) -> Float64[np.ndarray, "genes macrogenes"]:
    """By the rank r, from 1, of a macrogene's distance: 2 ln(1 + 1/r)^2, 1/r, or 1 for the nearest.

    Rosen et al. 2024, and the public code.
    """
    if score == "one_hot":
        return np.where(rank == 1, 1.0, SMALL)
    return 1 / rank if score == "smoothed" else 2 * np.log1p(1 / rank) ** 2


def effective_rank(weight: Float[np.ndarray, "genes macrogenes"]) -> float:
    """Exp of the entropy of the shares of the singular values (Roy and Vetterli 2007).

    From 1, where all macrogenes are one, to their number.
    """
    values = np.linalg.svd(weight.astype(np.float64), compute_uv=False)
    share = values[values > 0] / values.sum()
    return float(np.exp(-(share * np.log(share)).sum()))
