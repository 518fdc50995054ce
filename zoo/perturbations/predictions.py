"""What a perturbation scorer says of sets: as columns for a table, or as records for JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int64

from contracts.genes.vocabulary import Skipped
from contracts.sets.kinds import JOINT, KINDS, unpack, written
from zoo.perturbations.composition import Composed
from zoo.results import Columns
from zoo.sets.members import Sets


@dataclass(frozen=True)
class Predicted:
    """Predictions for sets with approved symbols, and the rows that were left out.

    `symbols` and `names` are those of all genes: their approved symbols and their common names.
    `kept` has the row of the input that each set comes from, counted from 0; `skipped` the others.
    """

    symbols: Sequence[str]
    names: Sequence[str]
    sets: Sets
    composed: Composed
    basis: list[str]
    support: list[str]
    kept: Int64[np.ndarray, "sets"]
    skipped: tuple[Skipped, ...]

    def columns(self) -> Columns:
        """As PerturbationScorer.predict has them, by name.

        A perturbation is written as YAL002W|YBR001C:added and its names as VPS8|NTH2:added, the
        wildtype as an empty text.
        """
        members = self._members()
        words = [written(gene, kind) for gene, _, kind in members]
        names = [written(name, kind) for _, name, kind in members]
        return {
            "perturbation": [JOINT.join(one) for one in self.sets.divided(words)],
            "names": [JOINT.join(one) for one in self.sets.divided(names)],
            **self._numbers(),
            "expectation_basis": self.basis,
            "support": self.support,
        }

    def records(self) -> list[dict[str, Any]]:
        """One dict a set, as contracts.perturbations.requests.PredictedPerturbation has it."""
        members = [
            {"gene": gene, "name": name, "kind": KINDS[kind]}
            for gene, name, kind in self._members()
        ]
        numbers = [column.tolist() for column in self._numbers().values()]
        names = ("genes", *self._numbers(), "expectation_basis", "support")
        rows = zip(self.sets.divided(members), *numbers, self.basis, self.support, strict=True)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _members(self) -> list[tuple[str, str, int]]:
        """The symbol, common name and kind of every member of every set."""
        gene, kind = unpack(self.sets.code)
        return [
            (self.symbols[one], self.names[one], what)
            for one, what in zip(gene.tolist(), kind.tolist(), strict=True)
        ]

    def _numbers(self) -> dict[str, np.ndarray]:
        composed = self.composed
        return {
            "fitness": composed.fitness.astype(np.float32),
            "gene_interaction": composed.gene_interaction.astype(np.float32),
            "expectation": composed.expectation.astype(np.float32),
        }
