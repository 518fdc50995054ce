"""What cards of cell models show beside the evaluation; their words are in remarks.md.j2."""

from pathlib import Path
from typing import Any

from contracts.cells.species import SPECIES
from contracts.cells.task import weight_of
from training.cells.figures import FIGURES
from training.cells.questions import PROTOCOLS
from zoo.cells.state import COVERAGE_FLOOR, TRANSFER, center_of
from zoo.entry import STATE
from zoo.store.files import read_tensors

__all__ = ["DRAWN", "FIGURES", "TAG", "facts"]

TAG = "single-cell"
"""What the entries are about, for hubs."""
DRAWN = PROTOCOLS
"""Protocols that are drawn before others."""


def facts(folder: Path) -> dict[str, Any]:
    """Genes and how they go in, macrogenes, and the limits that were fixed on validation."""
    state = read_tensors(folder / STATE)
    sizes = {species: state[weight_of(species)].shape for species in SPECIES}
    return {
        "genes": {species: genes for species, (genes, _) in sizes.items()},
        "macrogenes": max(macrogenes for _, macrogenes in sizes.values()),
        "threshold": float(state[TRANSFER][1]),
        "floor": float(state[COVERAGE_FLOOR][0]),
        "standardised": any(state[center_of(species)].any() for species in SPECIES),
    }
