"""What cards of expression models show beside the evaluation; words are in remarks.md.j2."""

from pathlib import Path
from typing import Any

from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import FILENAME, Manifest
from training.expression.figures import FIGURES
from training.expression.folds import FOLDS
from zoo.entry import STATE
from zoo.expression.state import FILES, GENE_CELLS, ORDER, PERTURBED, READOUTS
from zoo.store.files import read_tensors

__all__ = ["DRAWN", "FEW", "FIGURES", "TAG", "facts"]

TAG = "gene-expression"
"""What the entries are about, for hubs."""
DRAWN = tuple(FOLDS)
"""Protocols that are drawn before others."""
FEW = 100
"""A training on fewer perturbations says little of genes that it has not seen."""


def facts(folder: Path) -> dict[str, Any]:
    """The kind and unit of the entry, how many genes it takes and gives, and what it has seen."""
    state, config = read_tensors(folder / STATE), Manifest.load(folder / FILENAME).config
    names = {what: Vocabulary.load(folder / FILES[what]).genes for what in (PERTURBED, READOUTS)}
    seen = [g for g, n in zip(names[PERTURBED], state[GENE_CELLS], strict=True) if n]
    pairs = state[ORDER] > 1
    return {
        "kind": config["kind"],
        "unit": config["unit"],
        "genes": len(names[PERTURBED]),
        "readouts": len(names[READOUTS]),
        "seen": len(seen),
        "example": seen[: 1 + pairs.any()],
        "pairs": int(pairs.sum()),
        "few": FEW,
    }
