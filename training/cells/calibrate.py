"""How sure a label is: temperature and threshold of its confidence, fixed on validation folds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Int64
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from zoo.cells.transfer import Prototypes

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
    known: Sequence[str] | np.ndarray,
    query: Float32[np.ndarray, "cells dim"],
    labels: Sequence[str] | np.ndarray,
) -> Scores:
    """Of query cells with the types of a labelled reference."""
    prototypes = Prototypes.of(reference, known)
    column = {name: place for place, name in enumerate(prototypes.types)}
    own = np.array([column.get(label, -1) for label in labels], np.int64)
    return Scores(query.astype(np.float64) @ prototypes.vectors.T, own)


def calibrate(cases: Sequence[Scores]) -> Calibration:
    """Of several sets of cells together, each against types of its own.

    The temperature makes the own types most likely. The threshold separates best what a label is
    for from what it is not: cells whose type the reference has, and the same cells where their type
    is taken out of it. It has the highest sum of the share of the first that is above and rightly
    labelled, and of the second that is below (Youden's J); every type weighs alike.
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
    return Calibration(temperature, _threshold(known, temperature))


def _threshold(known: Sequence[Scores], temperature: float) -> float:
    confidence, gain = [], []
    for cosine, own in known:
        weight = 1 / np.bincount(own, minlength=cosine.shape[1])[own]
        without = cosine.copy()
        without[np.arange(len(own)), own] = -np.inf
        right = cosine.argmax(axis=1) == own
        for cosines, worth in ((cosine, weight * right), (without, -weight)):
            confidence.append(softmax(cosines / temperature, axis=1).max(axis=1))
            gain.append(worth)
    given = np.concatenate(confidence)
    order = np.argsort(-given, kind="stable")
    total = np.cumsum(np.concatenate(gain)[order])
    last = np.flatnonzero(np.diff(given[order], append=-1))  # equal ones go together
    return float(given[order][last[np.argmax(total[last])]])
