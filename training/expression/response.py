"""What a fit of expression gives: the tables of zoo.architectures._expression, ready to answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float64, Int64

from contracts.genes.vocabulary import Vocabulary
from zoo.architectures._expression import Config, Model

Sets = Sequence[tuple[int, ...]]
Changes = Float64[np.ndarray, "sets readouts"]


@dataclass(frozen=True, eq=False)
class Response:
    """A change for any perturbation, one for each gene, and the variance of their error.

    Sets are positions among the `perturbed` genes of the data. `known` are those that the model
    answers for. `more` has the loading of further genes by their symbols: the data perturbs none of
    them, and what ships can be asked for them too. `level` is the mean
    expression of unperturbed cells as the model has it, where that is not the mean of the control
    cells. `about` goes into run.json, and `licences` are those of what is used beside the data.
    """

    offset: Float64[np.ndarray, "readouts"]
    loading: Float64[np.ndarray, "genes rank"]
    direction: Float64[np.ndarray, "rank readouts"]
    noise_offset: Float64[np.ndarray, "readouts"]
    noise_loading: Float64[np.ndarray, "genes noise_rank"]
    noise_direction: Float64[np.ndarray, "noise_rank readouts"]
    known: Bool[np.ndarray, "genes"]
    more: Mapping[str, Float64[np.ndarray, "rank"]] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    licences: dict[str, str] = field(default_factory=dict)
    level: Float64[np.ndarray, "readouts"] | None = None

    @classmethod
    def of_offset(
        cls,
        genes: int,
        offset: Float64[np.ndarray, "readouts"],
        variance: Float64[np.ndarray, "readouts"],
    ) -> "Response":
        """One change and one variance for every set, whatever its members."""
        nothing, none = np.zeros((genes, 1)), np.zeros((1, len(offset)))
        return cls(offset, nothing, none, variance, nothing, none, np.ones(genes, bool))

    @classmethod
    def of_members(
        cls,
        members: Int64[np.ndarray, "members"],
        genes: int,
        change: Float64[np.ndarray, "members readouts"],
        variance: Float64[np.ndarray, "members readouts"],
        level: Float64[np.ndarray, "readouts"] | None = None,
    ) -> "Response":
        """A change and a variance of each of some genes; sets with others have no answer."""
        loading, known = np.zeros((genes, len(members))), np.zeros(genes, bool)
        loading[members, np.arange(len(members))], known[members] = 1, True
        zero = np.zeros(change.shape[1])
        return cls(zero, loading, change, zero, loading, variance, known, level=level)

    def change(self, sets: Sets, control: Float64[np.ndarray, "readouts"] | None = None) -> Changes:
        """The change of each set: NaN where it cannot be told, 0 for the set without members.

        With a `control`, the mean expression of unperturbed cells, no gene falls below 0.
        """
        moved = self.offset + self._members(sets) @ self.loading @ self.direction
        if control is not None:
            moved = np.maximum(moved, -control)
        return self._answered(sets, moved)

    def against(self, sets: Sets, control: Float64[np.ndarray, "readouts"]) -> Changes:
        """The expression that is predicted, less the mean of the control cells of training.

        It is the change, but for a model with a `level` of its own: what the mean of these very
        cells is off by is no change, and part of how well expression is predicted.
        """
        level = control if self.level is None else self.level
        return self.change(sets, level) + (level - control)

    def deviation(self, sets: Sets) -> Changes:
        """The standard deviation of the error of each change; NaN where it cannot be told."""
        noise = self._members(sets) @ self.noise_loading @ self.noise_direction
        return self._answered(sets, np.sqrt(self.noise_offset + noise))

    def symbols(self, perturbed: Vocabulary) -> tuple[str, ...]:
        """The genes of what ships, sorted: those of the data that are known, and more."""
        return tuple(sorted(self._loadings(perturbed)))

    def model(self, perturbed: Vocabulary, kind: str, unit: str) -> tuple[Config, Model]:
        """The architecture's model with its Config; its genes are `symbols` in their order."""
        rows = self._loadings(perturbed)
        ordered = [rows[symbol] for symbol in sorted(rows)]
        config = Config(
            kind=kind,
            unit=unit,
            genes_total=len(rows),
            readouts=len(self.offset),
            rank=len(self.direction),
            noise_rank=len(self.noise_direction),
        )
        tables = {
            "offset": self.offset,
            "loading": np.stack([loading for loading, _ in ordered]),
            "direction": self.direction,
            "noise_offset": self.noise_offset,
            "noise_loading": np.stack([noise for _, noise in ordered]),
            "noise_direction": self.noise_direction,
        }
        model = Model(config)
        model.load_state_dict({n: torch.from_numpy(each).float() for n, each in tables.items()})
        return config, model

    def _loadings(self, perturbed: Vocabulary) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Both loadings of every gene that can be asked."""
        still = np.zeros(len(self.noise_direction))
        further = {gene: (one, still) for gene, one in self.more.items()}
        rows = zip(perturbed.genes, self.loading, self.noise_loading, self.known, strict=True)
        return further | {gene: (one, noise) for gene, one, noise, known in rows if known}

    def _members(self, sets: Sets) -> Float64[np.ndarray, "sets genes"]:
        """1 for each gene of a set."""
        there = np.zeros((len(sets), len(self.known)))
        for row, genes in enumerate(sets):
            there[row, list(genes)] = 1
        return there

    def _answered(self, sets: Sets, values: Changes) -> Changes:
        there = self._members(sets)
        empty, strange = ~there.any(1), there[:, ~self.known].any(1)
        values = np.where(empty[:, None], 0.0, values)
        return np.where(strange[:, None], np.nan, values)
