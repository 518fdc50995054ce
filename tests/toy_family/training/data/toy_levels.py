"""A data set of the toy family: 60 genes, each with a level that falls with its number."""

from dataclasses import dataclass, field

import numpy as np

from contracts.genes.vocabulary import GeneRecord, Vocabulary
from training.data.files import DataFiles

GENES = 60


@dataclass(frozen=True)
class Levels:
    """Levels of genes, by their place in the vocabulary."""

    name: str
    vocabulary: Vocabulary
    level: np.ndarray
    coverage: dict[str, float] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    licences: dict[str, str] = field(default_factory=lambda: {"toy": "CC0-1.0"})
    description: str = "A toy."


def load(files: DataFiles) -> Levels:
    """Make the data; no file is read."""
    records = [GeneRecord(symbol=f"G{number:02d}") for number in range(GENES)]
    rng = np.random.default_rng(0)
    level = np.linspace(3, 0, GENES) + 0.1 * rng.normal(size=GENES)
    return Levels("toy_levels", Vocabulary.from_records(records), level)
