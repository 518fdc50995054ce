"""Does anything learned beat adding up? The residual of the additive model, predicted for doubles.

A learner sees the residuals of measured doubles, the changes of their single genes and vectors of
these genes. Each double whose genes were measured alone is left out in turn. Which learner answers
for it is chosen by leaving out each of the others in turn, and no residual at all is one of the
choices: the double itself has no part in it.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from training.data.expression import ExpressionData
from training.expression import fits, vectors

BASES = ("additive", "shrunken_additive")
KINDS = ("go", "omnipath", "two_tower")
PENALTIES = (1.0, 10.0)
ADDITIVE = "no residual"
SEEDS = 2

Rows = Float64[np.ndarray, "doubles readouts"]
Features = Float64[np.ndarray, "doubles readouts features"]
Learner = Callable[[np.ndarray, int], np.ndarray]
"""Positions of the doubles that train, and the one to predict, to a residual."""


@dataclass(frozen=True, eq=False)
class Doubles:
    """Doubles whose genes were measured alone: names, truth, what adds up, and their genes."""

    names: tuple[str, ...]
    sets: tuple[tuple[int, int], ...]
    truth: Rows
    first: Rows
    second: Rows
    added: Rows
    control: Float64[np.ndarray, "readouts"]

    @property
    def residual(self) -> Rows:
        """What the truth has beyond the sum."""
        return self.truth - self.added


def doubles(data: ExpressionData, base: str) -> Doubles:
    """The doubles of the data, with the sums of a base model of singles."""
    profiles = data.profiles
    response = fits.find(base)(profiles, data, 0)
    pairs = [one for one in profiles.sets if len(one) == 2 and response.known[list(one)].all()]
    rows = [profiles.place[one] for one in pairs]
    alone = [response.change([(one[side],) for one in pairs]) for side in (0, 1)]
    return Doubles(
        tuple(map(data.set_name, pairs)),
        tuple((one, other) for one, other in pairs),
        profiles.change[rows],
        *alone,
        response.against(pairs, profiles.control),
        profiles.control,
    )


def learners(data: ExpressionData, them: Doubles) -> Iterator[tuple[str, Learner]]:
    """All that may be chosen, by name."""
    yield ADDITIVE, lambda train, row: np.zeros(len(them.control))
    changes = of_changes(them)
    for penalty in PENALTIES:
        yield f"ridge on changes, {penalty:g}", by_readout(them, changes, ridge(penalty))
        yield f"network on changes, {penalty:g}", by_readout(them, changes, network(penalty))
    for kind in KINDS:
        pair = of_genes(data, them, kind)
        wide = np.concatenate(
            [changes, np.broadcast_to(pair[:, None], (*changes.shape[:2], pair.shape[1]))], 2
        )
        for penalty in PENALTIES:
            yield f"kernel on {kind}, {penalty:g}", by_kernel(them, pair, penalty)
            yield f"network on {kind}, {penalty:g}", by_readout(them, wide, network(penalty))


def of_changes(them: Doubles) -> Features:
    """What both genes do to each readout, whichever is the first."""
    one, other = them.first, them.second
    size = np.abs(np.stack([one, other]))
    level = np.broadcast_to(them.control, one.shape)
    several = [one + other, one * other, size.max(0), size.min(0), level]
    return np.stack([*several, (one + other) * level], axis=2)


def of_genes(data: ExpressionData, them: Doubles, kind: str) -> Float64[np.ndarray, "doubles dim"]:
    """Sums and products of the vectors of both genes; 0 for a gene without."""
    rows, _ = vectors.of_source(kind).rows(data.perturbed.genes)
    one, other = (np.array([rows[pair[side]] for pair in them.sets]) for side in (0, 1))
    return np.concatenate([one + other, one * other], axis=1)


def ridge(penalty: float) -> Callable[[], list]:
    """Ridge regression."""
    return lambda: [make_pipeline(StandardScaler(), Ridge(penalty * 100))]


def network(penalty: float) -> Callable[[], list]:
    """One hidden layer of 16 units, from several seeds."""
    return lambda: [
        make_pipeline(
            StandardScaler(),
            MLPRegressor(
                hidden_layer_sizes=(16,),
                alpha=penalty,
                max_iter=100,
                solver="lbfgs",
                random_state=seed,
            ),
        )
        for seed in range(SEEDS)
    ]


def by_readout(them: Doubles, features: Features, make: Callable[[], list]) -> Learner:
    """One function for all readouts of all doubles: each of them is an example."""

    def answer(train: np.ndarray, row: int) -> np.ndarray:
        inputs = features[train].reshape(-1, features.shape[2])
        wanted, models = them.residual[train].ravel(), make()
        return np.mean([m.fit(inputs, wanted).predict(features[row]) for m in models], axis=0)

    return answer


def by_kernel(them: Doubles, pair: Float64[np.ndarray, "doubles dim"], penalty: float) -> Learner:
    """Kernel ridge on pairs of genes: the residual of doubles with like genes."""
    unit = pair / np.maximum(np.linalg.norm(pair, axis=1, keepdims=True), 1e-9)
    kernel = unit @ unit.T

    def answer(train: np.ndarray, row: int) -> np.ndarray:
        system = kernel[np.ix_(train, train)] + penalty * np.eye(len(train))
        return kernel[row, train] @ np.linalg.solve(system, them.residual[train])

    return answer


def l2(them: Doubles, learner: Learner, train: np.ndarray, row: int) -> float:
    """The distance of a prediction from the truth; no gene falls below 0."""
    change = np.maximum(them.added[row] + learner(train, row), -them.control)
    return float(np.linalg.norm(change - them.truth[row]))


def nested(them: Doubles, choices: Mapping[str, Learner]) -> Iterator[dict[str, Any]]:
    """For each double and learner: the mean L2 of the other doubles, each left out in turn.

    `chosen` is the best of them, and `left_out` the L2 of the double itself: of what was chosen
    without it, and of no residual.
    """
    every = np.arange(len(them.names))
    for row in every.tolist():
        others = np.delete(every, row)
        inner = {
            name: float(np.mean([l2(them, each, others[others != out], out) for out in others]))
            for name, each in choices.items()
        }
        chosen = min(inner, key=lambda name: inner[name])
        for name, figure in inner.items():
            asked = name in (chosen, ADDITIVE)
            yield {
                "double": them.names[row],
                "learner": name,
                "inner": figure,
                "chosen": name == chosen,
                "left_out": l2(them, choices[name], others, row) if asked else np.nan,
            }


def measure(data: ExpressionData) -> pd.DataFrame:
    """The figures of every learner, after each base model."""
    found = []
    for base in BASES:
        them = doubles(data, base)
        with warnings.catch_warnings():  # Networks stop after 100 steps, on purpose.
            warnings.filterwarnings("ignore", "lbfgs failed to converge", ConvergenceWarning)
            rows = nested(them, dict(learners(data, them)))
        found.append(pd.DataFrame(rows).assign(base=base))
    return pd.concat(found)


def compared(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean L2 by base: of what was chosen, of no residual; on how many doubles it is nearer."""
    added = rows[rows["learner"] == ADDITIVE].set_index(["base", "double"])["left_out"]
    chosen = rows[rows["chosen"]].set_index(["base", "double"])["left_out"]
    both = pd.DataFrame({"chosen": chosen, "added": added})
    nearer = (both["chosen"] < both["added"]).groupby("base").sum().rename("nearer")
    return both.groupby("base").mean().join(nearer)
