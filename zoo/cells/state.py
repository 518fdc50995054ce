"""What cell entries keep: macrogene weights, statistics of training, limits fixed on validation."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from contracts.cells.species import SPECIES
from contracts.cells.task import genes_of, weight_of
from contracts.errors import CorruptArtefact
from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import Manifest
from zoo.cells.statistics import GeneStatistics, Standard
from zoo.entry import Look, OpenEntry, State, StateRules

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


def center_of(species: str) -> str:
    """The name of what a level is taken less of before the encoder."""
    return f"{species}_center"


def scale_of(species: str) -> str:
    """The name of the unit that it is then taken in."""
    return f"{species}_scale"


def standard(state: State, species: str) -> Standard:
    """How levels of a species become the encoder's input."""
    names = (mean_of, deviation_of, center_of, scale_of)
    mean, deviation, center, scale = (np.float64(state[name(species)]) for name in names)
    present = np.ones(len(mean), dtype=bool)
    return Standard(GeneStatistics(species, mean, deviation, present), center, scale)


def _totals(*vocabularies: Vocabulary) -> dict[str, int]:
    return {genes_of(s): len(genes) for s, genes in zip(SPECIES, vocabularies, strict=True)}


def _shapes(manifest: Manifest, there: Iterable[str]) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {TRANSFER: (2,), COVERAGE_FLOOR: (1,)}
    for species in SPECIES:
        genes = manifest.sizes[genes_of(species)]
        names = (mean_of, deviation_of, center_of, scale_of)
        shapes |= {name(species): (genes,) for name in names}
        shapes[weight_of(species)] = (genes, manifest.sizes["macrogenes"])
    return shapes


def _looks(opened: OpenEntry, path: Path) -> Iterator[Look]:
    yield "limits", partial(_limits, opened.state, path)


def _limits(state: State, path: Path) -> str:
    """Look at the numbers that no graph checks; raises CorruptArtefact."""
    (temperature, threshold), (floor,) = state[TRANSFER].tolist(), state[COVERAGE_FLOOR].tolist()
    rules = {
        f"temperature {temperature:g}": (temperature > 0, "one above 0"),
        f"threshold {threshold:g}": (0 <= threshold <= 1, "one from 0 to 1"),
        f"coverage floor {floor:g}": (0 < floor <= 1, "one above 0 and up to 1"),
    }
    for got, (holds, expected) in rules.items():
        if not holds:
            raise CorruptArtefact(path, expected, got)
    return ", ".join(rules)


RULES = StateRules(_totals, _shapes, _looks, FILES)
