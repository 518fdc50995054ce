"""How many genes of the entries that predict expression have a vector."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import split_entry
from training.data.pairs import require_coverage
from zoo.entry import STATE, read_state
from zoo.expression.state import FILES, GENE_CELLS, PERTURBED, READOUTS
from zoo.store import catalogue, folders

FLOOR = 0.5
"""The least share of the perturbed genes of one data set at least."""


@dataclass(frozen=True)
class Coverage:
    """Genes of a data set with a vector, and how many there are."""

    dataset: str
    perturbed: int
    perturbed_total: int
    readouts: int
    readouts_total: int

    def __str__(self) -> str:
        return (
            f"{self.perturbed} of {self.perturbed_total} perturbed genes, {self.readouts} of "
            f"{self.readouts_total} readout genes of {self.dataset}"
        )

    def as_json(self) -> dict[str, Any]:
        """Its numbers by name."""
        return asdict(self)


def of(symbols: Collection[str]) -> list[Coverage]:
    """A line for every data set that an entry on this machine was trained on."""
    there, found = set(symbols), []
    for dataset, perturbed, readouts in _datasets():
        counts = [sum(gene in there for gene in genes) for genes in (perturbed, readouts)]
        found.append(Coverage(dataset, counts[0], len(perturbed), counts[1], len(readouts)))
    return found


def require(what: str, found: list[Coverage]) -> None:
    """Raise LowCoverage where no data set has enough of its perturbed genes among the vectors."""
    if found:
        best = max(found, key=lambda one: one.perturbed / one.perturbed_total)
        share = best.perturbed / best.perturbed_total
        require_coverage(f"the perturbed genes of {best.dataset} in {what}", share, FLOOR)


def _datasets() -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Each data set once: its name, the genes that it perturbs, those that it reads."""
    seen: set[str] = set()
    rows, _ = catalogue.found(task="expression")
    for entry in (row["entry"] for row in rows):
        dataset, folder = split_entry(entry)[1], folders.locate(entry)
        if dataset in seen:
            continue
        seen.add(dataset)
        perturbed, readouts = (Vocabulary.load(folder / FILES[k]) for k in (PERTURBED, READOUTS))
        cells = read_state(folder / STATE, folders.read_manifest(folder, entry))[GENE_CELLS]
        measured = tuple(np.array(perturbed.genes)[cells > 0].tolist())
        yield dataset, measured, readouts.genes
