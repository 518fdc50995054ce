"""How sure a label is: temperature and threshold of its confidence, fixed on validation folds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Int64
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from zoo.cells.transfer import Prototypes

RIGHT, LABELLED = 0.95, 0.5
"""Share of the labels that shall be right, and the least share of cells that get one."""
TEMPERATURES = (1e-3, 10.0)
"""Between these the temperature is looked for, on a logarithmic scale."""


class Calibration(NamedTuple):
    """What cosines are divided by, and the confidence under which there is no label."""

    temperature: float
    threshold: float


class Scores(NamedTuple):
    """Cosines of cells with types, and the column of each cell's own type, -1 for none."""

    cosine: Float64[np.ndarray, "cells types"]
    own: Int64[np.ndarray, "cells"]


def scores(
    reference: Float32[np.ndarray, "_ dim"],
    known: Sequence[str],
    query: Float32[np.ndarray, "cells dim"],
    labels: Sequence[str],
) -> Scores:
    """Of query cells with the types of a labelled reference."""
    prototypes = Prototypes.of(reference, known)
    column = {name: place for place, name in enumerate(prototypes.types)}
    own = np.array([column.get(label, -1) for label in labels], np.int64)
    return Scores(query.astype(np.float64) @ prototypes.vectors.T, own)


def calibrate(cases: Sequence[Scores]) -> Calibration:
    """Of several sets of cells together, each against types of its own.

    The temperature makes the own types most likely. The threshold is the lowest one with which so
    many labels are right, or the one that half of the cells pass. A cell of a type that the
    reference lacks has no label that is right.
    """

    known = [Scores(cosine[own >= 0], own[own >= 0]) for cosine, own in cases]

    def loss(log_temperature: float) -> float:
        chances = [log_softmax(cosine / np.exp(log_temperature), axis=1) for cosine, _ in known]
        terms = [
            each[np.arange(len(own)), own] for each, (_, own) in zip(chances, known, strict=True)
        ]
        return -float(np.concatenate(terms).mean())

    bounds = tuple(np.log(TEMPERATURES))
    temperature = float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))
    confidence = np.concatenate(
        [np.exp(log_softmax(cosine / temperature, axis=1)).max(axis=1) for cosine, _ in cases]
    )
    right = np.concatenate([cosine.argmax(axis=1) == own for cosine, own in cases])
    order = np.argsort(-confidence, kind="stable")
    enough = np.cumsum(right[order]) >= RIGHT * np.arange(1, len(right) + 1)
    labelled = max(int(np.flatnonzero(enough).max(initial=-1)) + 1, round(LABELLED * len(right)))
    threshold = 0.0 if labelled == len(right) else float(confidence[order][labelled - 1])
    return Calibration(temperature, threshold)
