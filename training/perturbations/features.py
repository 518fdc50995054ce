"""What a model is told of each gene: fitness, degrees, metabolic role, place in networks, profile.

A gene's place in a network is given by the leading singular vectors of its degree-normalised
adjacency: genes of one complex or pathway come close to each other, so that they stand for
complexes as well. A gene's profile is made in the same way from the interactions of the training
records, source by source: genes that interact alike with the others come close. No record that is
held out has a part in it.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.linalg import svds

from training.data.perturbations import PerturbationData, Records
from zoo.perturbations.feature_scale import FeatureScale
from zoo.perturbations.gene_descriptions import KNOWN, SINGLE

NETWORK_COMPONENTS, PROFILE_COMPONENTS = 12, 28
"""Singular vectors of each network, and of each source's interactions."""

SMALLEST_SOURCE = 5000
"""A source with fewer pairs has no profiles: its genes stand in a few of them each."""

FEWEST = 5
"""A gene with fewer training partners has its profile shrunk, as if it had so many."""

OUTLIER = 5.0
"""Interactions count as at most so many standard deviations."""


@dataclass(frozen=True)
class GeneFeatures:
    """Features of every gene in natural units, and the scale that a model is told them in."""

    names: tuple[str, ...]
    natural: Float64[np.ndarray, "genes features"]
    scale: FeatureScale

    @property
    def standardised(self) -> Float32[np.ndarray, "genes features"]:
        """As a model is told them, 0 the average."""
        return self.scale.standardised(self.natural)


def gene_features(data: PerturbationData, train: Records | None = None) -> GeneFeatures:
    """What is known of every gene of the vocabulary, single fitness first.

    A gene without a measured single mutant has the average fitness and says so in
    `single_fitness_known`. With the training records, profiles come last.
    """
    genes = len(data.vocabulary)
    counts = {f"{name}_degree": each.degree[:genes] for name, each in data.networks.items()}
    counts |= dict(zip(data.metabolic_features, data.metabolism.T, strict=True))
    columns = {
        SINGLE: data.filled_single_fitness,
        KNOWN: np.isfinite(data.single_fitness),
        **counts,
    }
    for name, vectors in _spectra(data).items():
        for number, vector in enumerate(vectors[:genes].T, 1):
            columns[f"{name}_{number:02d}"] = vector
    for source in np.unique(train.source) if train is not None else ():
        for number, vector in enumerate(_profiles(train, str(source), genes).T, 1):
            columns[f"{source}_profile_{number:02d}"] = vector
    natural = np.stack(list(columns.values()), axis=1).astype(np.float64)
    scale = FeatureScale.of(natural, np.isin(list(columns), list(counts)))
    return GeneFeatures(tuple(columns), natural, scale)


def _spectra(data: PerturbationData) -> dict[str, Float64[np.ndarray, "nodes components"]]:
    """Singular vectors of the physical network, of all STRING channels, and of co-regulation."""
    networks = data.networks
    channels = [network.either_way for name, network in networks.items() if "string" in name]
    found = {"physical": networks["physical"].either_way} if "physical" in networks else {}
    if channels:
        found["string"] = csr_array((sum(channels[1:], channels[0]) > 0).astype(np.float64))
    if "regulatory" in networks:
        targets = networks["regulatory"].adjacency.astype(np.float64)
        found["coregulation"] = csr_array(targets.T @ targets)
    return {name: spectrum(matrix) for name, matrix in found.items()}


def spectrum(
    matrix: csr_array, components: int = NETWORK_COMPONENTS
) -> Float64[np.ndarray, "nodes components"]:
    """Leading left singular vectors of D^-1/2 A D^-1/2, each times the root of its value.

    The sign of each is chosen so that its largest entry is positive: the same matrix gives the
    same features.
    """
    degree = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1)
    scale = diags_array(1 / np.sqrt(degree))
    return _leading(csr_array(scale @ matrix @ scale), components)


def _profiles(train: Records, source: str, genes: int) -> Float64[np.ndarray, "genes components"]:
    """Leading singular vectors of a source's interactions, as `spectrum` has those of a network.

    Entries are z-scores of the training pairs, 0 where there is none, over the roots of how many
    partners both genes have. A source of few pairs gives no columns.
    """
    rows = (train.source == source) & (train.order == 2)
    if rows.sum() < SMALLEST_SOURCE:
        return np.empty((genes, 0))
    first, second = train.members[rows, :2].T
    label = train.interaction[rows]
    z = np.clip((label - label.mean()) / label.std(), -OUTLIER, OUTLIER)
    places = np.r_[first, second], np.r_[second, first]
    matrix = csr_array(coo_array((np.r_[z, z], places), shape=(genes, genes)))
    partners = np.bincount(places[0], minlength=genes)
    scale = diags_array(1 / np.sqrt(np.maximum(partners, FEWEST)))
    return _leading(csr_array(scale @ matrix @ scale), PROFILE_COMPONENTS)


def _leading(matrix: csr_array, components: int) -> Float64[np.ndarray, "nodes components"]:
    count = min(components, min(matrix.shape) - 1)
    start = np.random.default_rng(0).normal(size=matrix.shape[0])
    left, value, _ = svds(matrix, count, v0=start)
    order = np.argsort(-value)
    left = left[:, order]
    sign = np.sign(left[np.abs(left).argmax(axis=0), np.arange(count)])
    return left * sign * np.sqrt(value[order])
