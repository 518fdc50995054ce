"""The toy family on the way to an entry."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from contracts.tensors import Contract
from export.family import Arrays, Case, Family, Figures, Probe, Sizes
from export.lanes import Run
from export.parity import TOLERANCE, ParityFailed


@dataclass(frozen=True)
class LevelProbe(Probe):
    """All genes."""

    genes: int

    def about(self) -> Figures:
        """How many genes."""
        return {"genes": self.genes}

    def ask(self, run: Run) -> np.ndarray:
        """Their levels."""
        return run("level", {"gene": np.arange(self.genes)})["value"]

    def compare(self, lane: str, truth: np.ndarray, got: np.ndarray) -> Figures:
        """The largest difference."""
        worst = float(np.abs(truth - got).max())
        if worst > TOLERANCE:
            raise ParityFailed(f"{lane} differs by {worst}.")
        return {"status": "certified", "max_abs_level": worst}


class Levels(Family):
    """Positions of genes."""

    samples = "genes.safetensors"

    def sizes(self, run: dict[str, Any], model: nn.Module) -> dict[str, int]:
        """The number of genes."""
        return dict(run["sizes"])

    def example(self, contract: Contract, sizes: Sizes) -> Arrays:
        """The first gene three times."""
        return {"gene": np.zeros(3, np.int64)}

    def golden(self, roles: Collection[str], sizes: Sizes, source: Path) -> Iterator[Case]:
        """All genes."""
        yield Case("level", "all", {"gene": np.arange(sizes["genes_total"])})

    def probe(self, task: str, sizes: Sizes) -> LevelProbe:
        """All genes."""
        return LevelProbe(sizes["genes_total"])


FAMILY = Levels()
