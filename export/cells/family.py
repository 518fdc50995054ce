"""Cells on the way to an entry: a graph a species, whose macrogene weights are in the state."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from torch import nn

from contracts.cells.task import genes_of, weight_of
from contracts.tensors import Contract
from export.cells.parity import CellProbe
from export.cells.samples import edge_cells, random_cells
from export.family import Arrays, Case, Family, Sizes
from export.lanes import Run
from zoo.entry import STATE

RANDOM = 64


class Cells(Family):
    """Counts of cells, and weights that every lane is given from the state."""

    samples = "cells.safetensors"

    def sizes(self, run: dict[str, Any], model: nn.Module) -> dict[str, int]:
        """Genes of each species, macrogenes and the length of a vector."""
        names = [*map(genes_of, model.graphs()), "macrogenes", "dim"]
        return {name: run["config"][name] for name in names}

    def example(self, contract: Contract, sizes: Sizes) -> Arrays:
        """A few cells, not as many as a fixed axis is long: the exporter takes equals for one."""
        cells = next(
            number for number in range(3, 3 + len(sizes) + 1) if number not in {*sizes.values()}
        )
        shapes = {t.name: [sizes.get(a.name, cells) for a in t.axes] for t in contract.inputs}
        return {name: np.ones(shape, np.float32) for name, shape in shapes.items()}

    def fed(self, task: str, run: Run, folder: Path) -> Run:
        """A lane whose graphs have the weights that ship."""
        state = load_file(folder / STATE)

        def lane(role: str, inputs: Arrays) -> Arrays:
            name = weight_of(role)
            return run(role, {**inputs, name: state[name].astype(np.float32)})

        return lane

    def golden(self, roles: Collection[str], sizes: Sizes, source: Path) -> Iterator[Case]:
        """For each species `random`, `real` (cells of the run) and `edge`.

        The run's cells are in `<species>_counts`, `_mean` and `_deviation`.
        """
        real, rng = load_file(source / self.samples), np.random.default_rng(0)
        for species in roles:
            yield Case(species, "random", random_cells(rng, RANDOM, species, sizes))
            names = ("counts", "mean", "deviation")
            yield Case(
                species, "real", {n: real[f"{species}_{n}"].astype(np.float32) for n in names}
            )
            yield Case(species, "edge", edge_cells(species, sizes))

    def probe(self, task: str, sizes: Sizes) -> CellProbe:
        """Batches of random cells of each species, and a sample of all to find neighbours in."""
        return CellProbe.draw(sizes)


FAMILY = Cells()
