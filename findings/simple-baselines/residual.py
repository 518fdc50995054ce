"""Does anything learned beat adding up? The residual of the additive model, predicted for doubles.

A learner sees the residuals of measured doubles, the changes of their single genes and vectors of
these genes. Each double whose genes were measured alone is left out in turn. Which learner answers
for it is chosen by leaving out each of the others in turn, and no residual at all is one of the
choices: the double itself has no part in it.

Command: python findings/simple-baselines/residual.py
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from training import data as datasets
from training.data.expression import ExpressionData
from training.expression import fits, vectors

RESULT = Path(__file__).parent / "results" / "residual.json"
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
        response.change(pairs, profiles.control),
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


def nested(them: Doubles, choices: dict[str, Learner]) -> list[dict]:
    """For each double: what is chosen without it, the inner figures, and its own L2."""
    every, found = np.arange(len(them.names)), []
    for row in every.tolist():
        others = np.delete(every, row)
        inner = {
            name: float(np.mean([l2(them, each, others[others != out], out) for out in others]))
            for name, each in choices.items()
        }
        chosen = min(inner, key=lambda name: inner[name])
        found.append(
            {
                "double": them.names[row],
                "chosen": chosen,
                "inner": inner,
                "l2": l2(them, choices[chosen], others, row),
                "without_residual": l2(them, choices[ADDITIVE], others, row),
            }
        )
    return found


def main() -> None:
    """Write the figures of both bases."""
    data = datasets.load("norman19")
    found = {}
    for base in BASES:
        them = doubles(data, base)
        found[base] = nested(them, dict(learners(data, them)))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
