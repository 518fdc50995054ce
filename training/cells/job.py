"""One training over cells: which of them it sees, of which genes, standardised how."""

import importlib
from dataclasses import dataclass, replace
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32
from pydantic import ValidationError

from training import data as datasets
from training.begin import Options
from training.cells import genes as chosen_genes
from training.cells import macrogenes, matching, vectors
from training.cells.genes import Chosen
from training.cells.split import CellSplit, make_split
from training.cells.validation import Cells
from training.cells.vectors import GeneVectors
from training.data.cells import CellData
from training.recipe import Recipe
from training.strict import InvalidRecipe, wrong
from zoo.architectures.saturn import CLIPPED
from zoo.cells.statistics import GeneStatistics, Moments, Standard, levels

PLAIN = 2.0
"""What levels are divided by where they are not standardised: none is then cut off."""


@dataclass(frozen=True, eq=False)
class Job:
    """A recipe on the cells `seen` of each species; all that is chosen is chosen on them."""

    recipe: Recipe
    data: CellData
    split: CellSplit
    seen: Cells
    seed: int
    options: Options

    @classmethod
    def open(cls, recipe: Recipe, options: Options) -> "Job":
        """On all cells of the training part. Raises what loading the data does."""
        data = datasets.load(recipe.dataset)
        split = make_split(data, recipe.split_seed)
        seen = {species: split.cells(data, species, "train") for species in data.species}
        seed = recipe.seed if options.seed is None else options.seed
        return cls(recipe, data, split, seen, seed, options)

    def on(self, cells: Cells, name: str) -> "Job":
        """The same on other cells, in a folder of that name inside of this one's."""
        options = replace(self.options, folder=self.options.folder / name)
        return replace(self, seen=cells, options=options)

    @property
    def fit(self) -> ModuleType:
        """The file of the architecture."""
        return importlib.import_module(f"training.cells.fits.{self.recipe.architecture}")

    @cached_property
    def numbers(self) -> Any:
        """What [objective] says. Raises InvalidRecipe."""
        try:
            return self.fit.Numbers(**self.recipe.objective)
        except ValidationError as error:
            faults = wrong(error, "objective.")
            raise InvalidRecipe(f"{self.recipe.entry} has no sound recipe: {faults}.") from error

    @cached_property
    def vectors(self) -> GeneVectors:
        """Of all genes of the data, from the file of the options or of the kind of the recipe."""
        if self.options.gene_vectors is not None:
            return vectors.read(self.options.gene_vectors, self.data)
        return vectors.make(self.numbers.gene_vectors, self.data, self.recipe.seed)

    @cached_property
    def chosen(self) -> Chosen:
        """The genes that are used."""
        numbers = self.numbers
        return chosen_genes.choose(
            self.data, self.seen, self.vectors, numbers.genes, numbers.paired_genes
        )

    @property
    def sizes(self) -> dict[str, int]:
        """Genes of each species, as a Config has them."""
        return {f"{species}_genes": len(used) for species, used in self.chosen.genes.items()}

    def counts(self, species: str, cells: np.ndarray) -> Float32[np.ndarray, "cells genes"]:
        """Raw counts of the used genes."""
        one = self.data.species[species].counts[cells]
        return one[:, self.chosen.genes[species]].toarray().astype(np.float32)

    @cached_property
    def standards(self) -> dict[str, Standard]:
        """How levels become the encoder's input, by the cells that are seen."""
        standards = {}
        for species, seen in self.seen.items():
            trained = moments(species, self.counts(species, seen))
            plain = np.zeros_like(trained.mean), np.full_like(trained.mean, PLAIN)
            own = trained.mean, trained.deviation
            standards[species] = Standard(trained, *(own if self.numbers.standardised else plain))
        return standards

    def inputs(
        self,
        species: str,
        counts: Float32[np.ndarray, "cells genes"],
        over_cells: bool = False,
        present: Bool[np.ndarray, "genes"] | None = None,
    ) -> Float32[np.ndarray, "cells genes"]:
        """What the encoder takes; with `over_cells` these cells are brought to trained levels."""
        standard = self.standards[species]
        present = np.ones(counts.shape[1], bool) if present is None else present
        counts = counts * present
        statistics = moments(species, counts) if over_cells else standard.trained
        given = standard.inputs(statistics, present)
        parts = (levels(counts) - given["mean"]) / given["deviation"]
        return np.clip(parts, -CLIPPED, CLIPPED).astype(np.float32)

    @cached_property
    def labels(self) -> dict[str, np.ndarray]:
        """The types of the cells that are seen, each in the words of its own species."""
        return {
            species: one.labels.to_numpy(str)[self.seen[species]]
            for species, one in self.data.species.items()
        }

    @cached_property
    def weights(self) -> dict[str, np.ndarray]:
        """Weights of genes in the macrogenes at the beginning."""
        count, score = self.recipe.model["macrogenes"], self.numbers.score
        return macrogenes.initial(self.vectors, self.chosen.genes, count, score, self.seed)

    @cached_property
    def partners(self) -> list[tuple[str, str]]:
        """Types of the first species and of the second that are taken for one."""
        one, other = self._profiles
        return [(one.types[a], other.types[b]) for a, b in self._matched.tolist()]

    @cached_property
    def groups(self) -> dict[str, np.ndarray]:
        """The group of each cell that is seen: that of its type and the partner of this."""
        matched = matching.groups(self._matched, *self._profiles)
        numbers, start = {}, max(map(len, matched))
        for (species, labels), group in zip(self.labels.items(), matched, strict=True):
            alone = [name for name in np.unique(labels).tolist() if name not in group]
            group |= {name: start + number for number, name in enumerate(alone)}
            start += len(alone)
            numbers[species] = np.array([group[name] for name in labels.tolist()])
        return numbers

    @cached_property
    def _profiles(self) -> list[matching.Profiles]:
        found = []
        for species, column in zip(self.labels, self.chosen.partners.T, strict=True):
            trained = self.standards[species].trained
            apart = levels(self.counts(species, self.seen[species])) - trained.mean
            apart = np.clip(apart / trained.deviation, -CLIPPED, CLIPPED)[:, column]
            labels, least = self.labels[species].tolist(), self.numbers.least_cells
            found.append(matching.profiles(apart.astype(np.float32), labels, least))
        return found

    @cached_property
    def _matched(self) -> np.ndarray:
        similar = matching.similarity(*self._profiles)
        return matching.matched(similar, self.numbers.least_similarity, self.numbers.mutual)


def moments(species: str, counts: Float32[np.ndarray, "cells genes"]) -> GeneStatistics:
    """Mean and deviation of the levels of some cells."""
    found = Moments(counts.shape[1])
    found.add(counts)
    return found.statistics(species, np.ones(counts.shape[1], bool))
