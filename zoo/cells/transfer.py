"""Labels from one set of cells to another: the nearest type, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64

from contracts.errors import ContractViolation, InvalidOption, Violation
from contracts.genes.faults import is_missing

UNASSIGNED = "unassigned"

Vectors = Float32[np.ndarray, "cells dim"]


@dataclass(frozen=True, eq=False)
class Assigned:
    """A label for each cell, `unassigned` where confidence is too low, and the type next to it."""

    label: list[str]
    confidence: Float64[np.ndarray, "cells"]
    second: list[str]


@dataclass(frozen=True, eq=False)
class Prototypes:
    """The mean vector of each type, of length 1."""

    types: tuple[str, ...]
    vectors: Float64[np.ndarray, "types dim"]

    @classmethod
    def of(cls, vectors: Vectors, labels: Sequence[str]) -> "Prototypes":
        """Of labelled cells; raises InvalidOption where they are of one type."""
        types, place = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
        if len(types) < 2:
            raise InvalidOption("labels", types[0], "labels of at least two types of cells")
        sums = np.zeros((len(types), vectors.shape[1]))
        np.add.at(sums, place, vectors.astype(np.float64))
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        return cls(tuple(types.tolist()), sums / np.maximum(length, np.finfo(float).tiny))

    def assign(self, vectors: Vectors, temperature: float, threshold: float) -> Assigned:
        """The type whose prototype is nearest by cosine.

        Confidence is softmax(cosine / temperature) over the types; under `threshold` there is no
        label. `second` is the next type, whatever the confidence.
        """
        score = vectors.astype(np.float64) @ self.vectors.T / temperature
        share = np.exp(score - score.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        order = np.argsort(-score, axis=1, kind="stable")[:, :2]
        first, second = ([self.types[at] for at in column] for column in order.T.tolist())
        confidence = share.max(1)
        sure = (confidence >= threshold).tolist()
        label = [name if yes else UNASSIGNED for name, yes in zip(first, sure, strict=True)]
        return Assigned(label, confidence, second)


def labels_of(reference: Any, labels: Any, cells: Any) -> list[str]:
    """The label of every cell, from a column of an AnnData's obs, a list, or a Series by cell.

    Raises InvalidOption for a column that is not there, ContractViolation for a cell without a
    label, another number of labels than cells, a Series of other cells or a label that says
    `unassigned`.
    """
    if isinstance(labels, str):
        obs = getattr(reference, "obs", {})
        if labels not in obs:
            there = ", ".join(map(str, obs)) or "it has none, so give a list of labels"
            raise InvalidOption("labels", labels, f"a column of the reference's obs ({there})")
        labels = obs[labels]
    given = list(_by_cell(labels, cells))
    if len(given) != len(cells):
        expected = f"{len(cells)}, one for each cell of the reference"
        raise ContractViolation([Violation("labels", str(len(given)), expected)])
    missing = next((row for row, label in enumerate(given) if is_missing(label)), None)
    if missing is not None:
        expected = "a label for each cell: leave the others out of the reference"
        raise ContractViolation([Violation(f"labels[{missing}]", str(given[missing]), expected)])
    texts = [str(label) for label in given]
    if UNASSIGNED in texts:
        expected = f"a type: {UNASSIGNED} is what a cell without one is called"
        row = texts.index(UNASSIGNED)
        raise ContractViolation([Violation(f"labels[{row}]", UNASSIGNED, expected)])
    return texts


def _by_cell(labels: Any, cells: Any) -> Any:
    """Labels in the order of the cells, where a Series has them by the names of these."""
    index = getattr(labels, "index", None)
    if index is None or callable(index):
        return labels
    given, wanted = [str(name) for name in index], [str(name) for name in cells]
    plain = given == [str(number) for number in range(len(given))]
    if plain or given == wanted or len(given) != len(wanted):
        return labels
    place = {name: number for number, name in enumerate(given)}
    if set(place) != set(wanted) or len(place) < len(given):
        expected = "labels by the names of the reference's cells, or a list in their order"
        raise ContractViolation([Violation("labels", "a Series of other cells", expected)])
    return labels.iloc[[place[name] for name in wanted]]
