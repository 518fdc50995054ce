"""Would an interaction of two genes be seen? On the data's own cells, with interactions planted.

Without an interaction, the additive prediction errs by the sampling noise of four means: of the
double, of both singles and of the control cells. Its expected squared L2 is the sum of their
squared standard errors, s2/n each. Two halves of the double's cells, n/2 each, differ by an
expected squared L2 of 2 s2/(n/2) = 4 s2/n. With equal n and s2 both are the same: an additive error
as large as the half-split noise is what no interaction looks like.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float64
from scipy import stats

from training.data.expression import ExpressionData
from training.data.profiles import CONTROL, Members

DRAWS = 2000
LEVEL, POWER = 0.95, 0.8
SIZES = np.round(np.arange(0, 2.0001, 0.005), 3)
FEW = 20
DIRECTIONS = ("against", "along", "few", "many")
"""Planted along or against the additive change, in FEW random genes, or in all of them."""

Vector = Float64[np.ndarray, "readouts"]
Draws = Float64[np.ndarray, "draws readouts"]


@dataclass(frozen=True, eq=False)
class Groups:
    """Cells [cells, readouts] of a double, of both singles and of control."""

    double: Float64[np.ndarray, "cells readouts"]
    one: Float64[np.ndarray, "cells readouts"]
    other: Float64[np.ndarray, "cells readouts"]
    control: Float64[np.ndarray, "cells readouts"]

    @property
    def additive(self) -> Vector:
        """The sum of both single changes."""
        return self.one.mean(0) + self.other.mean(0) - 2 * self.control.mean(0)

    @property
    def beyond(self) -> Vector:
        """What the double does beyond it."""
        return self.double.mean(0) - self.control.mean(0) - self.additive

    @property
    def noise(self) -> Vector:
        """The variance of `beyond` that sampling of cells alone makes."""
        return sum(map(squared_error, (self.double, self.one, self.other, self.control)))


@dataclass(frozen=True, eq=False)
class Noise:
    """Draws of what sampling does to `beyond`, the double, the additive change and two halves."""

    beyond: Draws
    truth: Draws
    additive: Draws
    halves: Float64[np.ndarray, "draws"]


def squared_error(cells: Float64[np.ndarray, "cells readouts"]) -> Vector:
    """The squared standard error of the mean."""
    return cells.var(axis=0, ddof=1) / len(cells)


def doubles(data: ExpressionData) -> dict[str, Groups]:
    """The doubles both of whose singles were measured, by name."""
    cells = data.source.reader(np.arange(data.source.readouts))(0, len(data.source.code)).toarray()
    place = data.profiles.place

    def of(members: Members) -> Float64[np.ndarray, "cells readouts"]:
        return cells[data.source.code == place[members]]

    control = cells[data.source.code == CONTROL]
    return {
        data.set_name(pair): Groups(of(pair), of(pair[:1]), of(pair[1:]), control)
        for pair in data.profiles.sets
        if len(pair) == 2 and {pair[:1], pair[1:]} <= set(place)
    }


def draw(groups: Groups, rng: np.random.Generator, draws: int = DRAWS) -> Noise:
    """Sample every group's cells about their mean, with replacement."""

    def mean(cells: np.ndarray, count: int) -> Draws:
        spread = (cells - cells.mean(0)) * np.sqrt(len(cells) / (len(cells) - 1))
        times = rng.multinomial(count, np.full(len(cells), 1 / len(cells)), size=draws)
        return times @ spread / count

    half = len(groups.double) // 2
    first, second = (mean(groups.double, half) for _ in range(2))
    one, other, control = (
        mean(each, len(each)) for each in (groups.one, groups.other, groups.control)
    )
    truth, additive = (first + second) / 2 - control, one + other - 2 * control
    return Noise(truth - additive, truth, additive, np.linalg.norm(first - second, axis=1))


def direction(kind: str, groups: Groups, rng: np.random.Generator) -> Vector:
    """A planted interaction of length 1."""
    additive = groups.additive
    if kind in ("against", "along"):
        found = additive if kind == "along" else -additive
    else:
        found = rng.normal(size=len(additive)) * np.sqrt(groups.noise)
        if kind == "few":
            chosen = rng.choice(np.flatnonzero(groups.noise), FEW, replace=False)
            found = np.where(np.isin(np.arange(len(found)), chosen), found, 0)
    return found / np.linalg.norm(found)


def smallest_seen(noise: Noise, planted: Vector) -> float:
    """The least L2 of an interaction whose additive error is beyond chance in POWER of the draws.

    Beyond chance is above the LEVEL quantile of errors without an interaction. NaN where none of
    SIZES is enough.
    """
    errors = np.linalg.norm(noise.beyond, axis=1)
    beyond_chance = np.quantile(errors, LEVEL)
    along = noise.beyond @ planted
    for size in SIZES:
        if (np.sqrt(errors**2 + 2 * size * along + size**2) > beyond_chance).mean() >= POWER:
            return float(size)
    return float("nan")


def excluded(noise: Noise, planted: Vector, error: float) -> float:
    """The least L2 of an interaction with which the error is so small in 1 - LEVEL of the draws."""
    errors, along = np.linalg.norm(noise.beyond, axis=1), noise.beyond @ planted
    for size in SIZES:
        if (np.sqrt(errors**2 + 2 * size * along + size**2) <= error).mean() <= 1 - LEVEL:
            return float(size)
    return float("nan")


def slope(groups: Groups, noise: Noise) -> tuple[float, float, float]:
    """How much of the additive change the double shows, with an interval: 1 without interaction.

    The slope of the double's change on the additive one, through 0. Control cells are in both, and
    the additive change has noise of its own: both are taken off. Below 1 is buffering as a whole.
    NaN where the additive change is hardly more than noise.
    """
    shared = 2 * squared_error(groups.control).sum()
    own = sum(squared_error(each).sum() for each in (groups.one, groups.other)) + 2 * shared
    truth, additive = groups.additive + groups.beyond, groups.additive

    drawn_truth, drawn = truth + noise.truth, additive + noise.additive
    length = np.einsum("dg,dg->d", drawn, drawn) - 2 * own
    if np.quantile(length, 1 - LEVEL) <= 0:
        return (float("nan"),) * 3
    slopes = (np.einsum("dg,dg->d", drawn_truth, drawn) - 2 * shared) / length
    low, high = np.quantile(slopes, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float((truth @ additive - shared) / (additive @ additive - own)), float(low), float(high)


def changed(beyond: np.ndarray, noise: Vector) -> np.ndarray:
    """Which genes are beyond additive at a false discovery rate of 5 % (Benjamini-Hochberg)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(noise > 0, beyond / np.sqrt(noise), 0)
    return stats.false_discovery_control(2 * stats.norm.sf(np.abs(z)), axis=-1) <= 1 - LEVEL


def measure(data: ExpressionData, seed: int = 0) -> pd.DataFrame:
    """One row a double: errors, what they would be without interaction, and what would be seen."""
    rng = np.random.default_rng(seed)
    rows = []
    for name, groups in doubles(data).items():
        noise = draw(groups, rng)
        beyond, errors = groups.beyond, np.linalg.norm(noise.beyond, axis=1)
        error, planted = np.linalg.norm(beyond), {n: direction(n, groups, rng) for n in DIRECTIONS}
        genes = changed(beyond, groups.noise)
        rows.append(
            {
                "double": name,
                "cells": len(groups.double),
                "additive": error,
                "without_interaction": np.sqrt(groups.noise.sum()),
                "chance": (errors >= error).mean(),
                "halves": noise.halves.mean(),
                "size": np.linalg.norm(groups.additive),
                "interaction_squared": error**2 - groups.noise.sum(),
                "interaction_squared_sd": (errors**2).std(),
                **dict(
                    zip(("slope", "slope_low", "slope_high"), slope(groups, noise), strict=True)
                ),
                "genes": int(genes.sum()),
                "genes_buffering": int((genes & (beyond * groups.additive < 0)).sum()),
                "genes_by_chance": changed(noise.beyond, groups.noise).sum(axis=1).mean(),
                **{f"seen_{kind}": smallest_seen(noise, each) for kind, each in planted.items()},
                **{
                    f"excluded_{kind}": excluded(noise, each, error)
                    for kind, each in planted.items()
                },
            }
        )
    return pd.DataFrame(rows)
