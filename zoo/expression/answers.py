"""What an expression entry says of sets: as columns for a table, or as records for JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64

from contracts.genes.vocabulary import Skipped
from contracts.sets.kinds import WILDTYPE
from zoo.results import Columns
from zoo.sets.members import Sets
from zoo.sets.notation import PLUS

QUANTILE = 1.96
"""Deviations on either side that 95% of a normal distribution lie within."""

Changes = Float32[np.ndarray, "sets readouts"]


@dataclass(frozen=True, eq=False)
class Answer:
    """Changes of expression for sets with approved symbols, and the rows that were left out.

    `symbols` are the genes that can be perturbed, `readouts` those whose change is predicted;
    `measured` is NaN for sets that were not. `kept` has the row of the input that each set comes
    from, counted from 0; `skipped` the others. `doubts` are sentences about the control.
    """

    symbols: Sequence[str]
    readouts: Sequence[str]
    sets: Sets
    control: Float32[np.ndarray, "readouts"]
    change: Changes
    deviation: Changes
    measured: Changes
    support: list[str]
    kept: Int64[np.ndarray, "sets"]
    skipped: tuple[Skipped, ...]
    doubts: tuple[str, ...] = ()

    @property
    def low(self) -> Changes:
        """The lower end of the 95% interval; no expression falls below 0."""
        return np.maximum(self.change - np.float32(QUANTILE) * self.deviation, 0 - self.control)

    @property
    def high(self) -> Changes:
        """The upper end."""
        return self.change + np.float32(QUANTILE) * self.deviation

    @property
    def members(self) -> list[list[str]]:
        """The symbols of each set."""
        symbols = [self.symbols[gene] for gene in self.sets.gene.tolist()]
        return [list(members) for members in self.sets.divided(symbols)]

    @property
    def texts(self) -> list[str]:
        """Each set in one word: KLF1+MAP2K6, or wildtype."""
        return [PLUS.join(members) or WILDTYPE for members in self.members]

    def columns(self, top: int | None = None) -> Columns:
        """As ExpressionPredictor.predict_expression has them, by name."""
        order = self._order(top)
        listed = order.shape[1]
        return {
            "perturbation": np.repeat(np.array(self.texts, object), listed),
            "gene": np.array(self.readouts, object)[order.ravel()],
            **{name: values.ravel() for name, values in self._numbers(order).items()},
            "support": np.repeat(np.array(self.support, object), listed),
        }

    def records(self, top: int | None = None) -> list[dict[str, Any]]:
        """One dict a set, as contracts.expression.requests.PredictedExpression has it."""
        order, members, is_measured = self._order(top), self.members, self.is_measured
        numbers = {name: values.tolist() for name, values in self._numbers(order).items()}
        return [
            {
                "genes": members[row],
                "support": self.support[row],
                "gene": [self.readouts[gene] for gene in order[row].tolist()],
                **{
                    name: rows[row]
                    for name, rows in numbers.items()
                    if name != "measured" or is_measured[row]
                },
            }
            for row in range(len(order))
        ]

    @property
    def is_measured(self) -> list[bool]:
        """Whether the change of each set was measured."""
        return [bool(known) for known in np.isfinite(self.measured).all(axis=1)]

    def _order(self, top: int | None) -> Int64[np.ndarray, "sets listed"]:
        """Which readouts are listed: all, or those that change most, ties in their order."""
        if top is None:
            return np.broadcast_to(np.arange(len(self.readouts)), self.change.shape)
        return np.argsort(-np.abs(self.change), axis=1, kind="stable")[:, :top]

    def _numbers(self, order: Int64[np.ndarray, "sets listed"]) -> dict[str, np.ndarray]:
        numbers = {"change": self.change, "low": self.low, "high": self.high}
        numbers["measured"] = self.measured
        return {name: np.take_along_axis(each, order, 1) for name, each in numbers.items()}
