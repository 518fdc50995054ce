"""The linear model Y ~ G W P^T + b, as Ahlmann-Eltze, Huber and Anders fit it in closed form.

Y has a column for each training perturbation, and one of zeros for the control, whose vector is 0.
G are principal components of the readout genes over the training profiles. P has the vector of each
perturbation: the sum over its genes. What has no vector is left out of the fit, as in their code
(Nature Methods 2025, https://github.com/const-ae/linear_perturbation_prediction-Paper). Theirs
leaves sets of several genes out, too, and answers for no gene without a vector; here such a gene
has the offset b.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64
from sklearn.decomposition import PCA

from training.data.expression import ExpressionData, Profiles
from training.expression import vectors
from training.expression.response import Response
from training.expression.vectors import DIM, READOUTS, GeneVectors

PENALTY = 0.1

Factors = Float64[np.ndarray, "readouts dim"]
Vectors = Callable[[Factors], GeneVectors]


class Solution(NamedTuple):
    """W and b."""

    weight: Float64[np.ndarray, "dim rank"]
    offset: Float64[np.ndarray, "readouts"]


def solve(
    change: Float64[np.ndarray, "readouts perturbations"],
    factors: Factors,
    embedding: Float64[np.ndarray, "perturbations rank"],
    penalty: float = PENALTY,
) -> Solution:
    """W = (G^T G + l I)^-1 G^T (Y - b) P (P^T P + l I)^-1, where b are the row means of Y."""
    offset = change.mean(axis=1)
    left = factors.T @ factors + penalty * np.eye(factors.shape[1])
    right = embedding.T @ embedding + penalty * np.eye(embedding.shape[1])
    middle = factors.T @ (change - offset[:, None]) @ embedding
    return Solution(np.linalg.solve(left, np.linalg.solve(right, middle.T).T), offset)


def readout_factors(train: Profiles, dim: int = DIM) -> Factors:
    """Principal components of the readout genes over the mean profiles and the control."""
    profiles = np.column_stack([train.mean.T, train.control])
    return PCA(min(dim, *profiles.shape), svd_solver="full").fit_transform(profiles)


def source(name: str, data: ExpressionData, seed: int) -> Vectors:
    """How a kind's vectors follow from the factors of the readouts: only READOUTS' own do."""
    if name == READOUTS:
        return lambda factors: vectors.of_readouts(data.readouts.genes, factors)
    made = vectors.of_source(name, seed)
    return lambda factors: made


def fit(train: Profiles, data: ExpressionData, kind: Vectors) -> Response:
    """Fit with one kind of vectors; the variance is the mean square of errors, left out in turn."""
    errors = left_out(train, data, {"": kind})[""]
    fitted = solved(train, data, readout_factors(train), kind)
    return replace(fitted, noise_offset=np.mean(errors**2, axis=0))


def left_out(
    train: Profiles, data: ExpressionData, kinds: dict[str, Vectors]
) -> dict[str, Float64[np.ndarray, "sets readouts"]]:
    """The error of every training set by kind, when it is left out."""
    errors: dict[str, list[np.ndarray]] = {name: [] for name in kinds}
    for row, genes in enumerate(train.sets):
        others = train.take(np.arange(len(train.sets)) != row)
        factors = readout_factors(others)
        for name, kind in kinds.items():
            change = solved(others, data, factors, kind).change([genes], train.control)
            errors[name].append(change[0] - train.change[row])
    return {name: np.array(each) for name, each in errors.items()}


def solved(train: Profiles, data: ExpressionData, factors: Factors, kind: Vectors) -> Response:
    """The closed form on the sets whose genes all have a vector."""
    found, genes = kind(factors), data.perturbed.genes
    rows, known = found.rows(genes)
    embedding, there = _summed(train.sets, rows, known)
    change = np.column_stack([train.change[there].T, np.zeros(len(train.control))])
    embedding = np.concatenate([embedding[there], np.zeros((1, rows.shape[1]))])
    weight, offset = solve(change, factors, embedding)
    flat = Response.of_offset(len(genes), offset, np.zeros(len(offset)))
    perturbed = set(genes)
    more = {gene: row for gene, row in found.vector.items() if gene not in perturbed}
    about = {
        "vectors": {"name": found.name, "about": found.about},
        "fitted_sets": int(there.sum()),
        "genes_without_vector": [gene for gene, has in zip(genes, known, strict=True) if not has],
    }
    licences = {} if found.licence is None else {f"Gene vectors {found.name}": found.licence}
    return replace(
        flat,
        loading=rows,
        direction=(factors @ weight).T,
        more=more,
        about=about,
        licences=licences,
    )


def _summed(
    sets: Sequence[tuple[int, ...]],
    rows: Float64[np.ndarray, "genes rank"],
    known: Bool[np.ndarray, "genes"],
) -> tuple[Float64[np.ndarray, "sets rank"], Bool[np.ndarray, "sets"]]:
    """The summed vectors of sets, and whose genes all have one."""
    summed = np.array([rows[list(genes)].sum(axis=0) for genes in sets])
    return summed, np.array([known[list(genes)].all() for genes in sets])
