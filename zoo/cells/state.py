"""What cell entries keep: macrogene weights, statistics of training, limits fixed on validation."""

from collections.abc import Iterable

import numpy as np

from contracts.cells.species import SPECIES
from contracts.cells.task import genes_of, weight_of
from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import Manifest
from zoo.cells.statistics import GeneStatistics
from zoo.entry import State, StateRules

TRANSFER = "transfer"
"""Temperature of the softmax over types, and the confidence under which no label is given."""
COVERAGE_FLOOR = "coverage_floor"
"""The share of the entry's genes that a matrix must have."""
FILES = {species: f"{species}.tsv.gz" for species in SPECIES}


def mean_of(species: str) -> str:
    """The name of the means of a species' genes over the cells of training."""
    return f"{species}_mean"


def deviation_of(species: str) -> str:
    """The name of their deviations."""
    return f"{species}_deviation"


def trained_on(state: State, species: str) -> GeneStatistics:
    """The statistics of a species' genes over the cells of training."""
    mean, deviation = (state[name(species)] for name in (mean_of, deviation_of))
    present = np.ones(len(mean), dtype=bool)
    return GeneStatistics(species, *np.float64([mean, deviation]), present)


def _totals(*vocabularies: Vocabulary) -> dict[str, int]:
    return {genes_of(s): len(genes) for s, genes in zip(SPECIES, vocabularies, strict=True)}


def _shapes(manifest: Manifest, there: Iterable[str]) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {TRANSFER: (2,), COVERAGE_FLOOR: (1,)}
    for species in SPECIES:
        genes = manifest.sizes[genes_of(species)]
        shapes |= {mean_of(species): (genes,), deviation_of(species): (genes,)}
        shapes[weight_of(species)] = (genes, manifest.sizes["macrogenes"])
    return shapes


RULES = StateRules(_totals, _shapes, lambda opened, path: (), FILES)
