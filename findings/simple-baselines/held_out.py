"""Our models on perturbations that were left out: five doubles one by one, and unseen singles.

Each perturbation that is asked for is left out with whatever the protocol says, and every model is
fitted afresh on what is left.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from training.data.expression import ExpressionData
from training.data.profiles import Members, Profiles
from training.expression import fits, linear, vectors
from training.expression.folds import DOUBLE, FOLDS, SINGLE
from training.expression.response import Response
from training.scoring.bootstrap import Bootstrap, interval

ADDED_UP = ("additive", "shrunken_additive")
PLAIN = ("no_change", "mean", *ADDED_UP)
NOISE = "noise"
HALVES = 50
SIZES, DRAWS = (5, 8, 12, 16, 20, 24), 4
Fit = Callable[[Profiles, ExpressionData, int], Response]


def models() -> dict[str, Fit]:
    """Every model by its name; the linear ones one by one, for each kind of gene vectors."""
    return {name: fits.find(name) for name in PLAIN} | {
        f"linear_{kind}": partial(_linear, kind) for kind in vectors.names()
    }


def _linear(kind: str, train: Profiles, data: ExpressionData, seed: int) -> Response:
    """The closed form, without the variance of its errors, for which each set is left out."""
    source = linear.source(kind, data, seed)
    return linear.solved(train, data, linear.readout_factors(train), source)


def noise(data: ExpressionData, sets: Sequence[Members]) -> np.ndarray:
    """The mean L2 between two halves of the cells of each set, over several splits."""
    found = []
    for seed in range(HALVES):
        one, other = data.halves(seed)
        rows = [[half.place[each] for each in sets] for half in (one, other)]
        found.append(np.linalg.norm(one.mean[rows[0]] - other.mean[rows[1]], axis=1))
    return np.mean(found, axis=0)


def doubles(data: ExpressionData, chosen: Mapping[str, Fit]) -> pd.DataFrame:
    """One row a double with both singles measured and a model; the double alone is left out.

    `l2` of expression, `l2_of_change` of the predicted change against the mean of the control
    cells, and how much of the measured additive change the prediction has: `slope` (1 is all).
    """
    place, rows = data.profiles.place, []
    both = [x for x in FOLDS[DOUBLE](data) if all((g,) in place for g in x.test.sets[0])]
    pairs = [each.test.sets[0] for each in both]
    for fold, pair, halves in zip(both, pairs, noise(data, pairs), strict=True):
        train, name, truth = fold.train, data.set_name(pair), fold.test.change[0]
        additive = data.profiles.change[[place[pair[:1]], place[pair[1:]]]].sum(axis=0)
        rows.append({"double": name, "model": NOISE, "l2": halves})
        for model, fit in chosen.items():
            response = fit(train, data, 0)
            (change,) = response.against([pair], train.control)
            (alone,) = response.change([pair], train.control)
            figures = {
                "l2": np.linalg.norm(change - truth),
                "l2_of_change": np.linalg.norm(alone - truth),
                "slope": change @ additive / (additive @ additive),
            }
            rows.append({"double": name, "model": model} | figures)
    return pd.DataFrame(rows)


def halves(data: ExpressionData) -> pd.DataFrame:
    """One row a model and split: the mean L2 of singles in one half of the cells from the other.

    The controls are halved, too, so that the truth shares no cell with the training.
    """
    rows = []
    for seed in range(HALVES):
        train, test = data.halves(seed)
        alone = [row for row, genes in enumerate(test.sets) if len(genes) == 1]
        sets, truth = [test.sets[row] for row in alone], test.change[alone]
        for model in ADDED_UP:
            error = fits.find(model)(train, data, 0).change(sets) - truth
            rows.append({"model": model, "split": seed, "l2": np.linalg.norm(error, axis=1).mean()})
    return pd.DataFrame(rows)


def singles(data: ExpressionData, chosen: Mapping[str, Fit]) -> pd.DataFrame:
    """One row a single and model: L2 where everything with the gene is left out.

    `vector`: whether the model has a vector of the gene. Without, a linear one gives its offset.
    """
    alone, rows = list(FOLDS[SINGLE](data)), []
    asked = [each.test.sets[0] for each in alone]
    for fold, single, halves in zip(alone, asked, noise(data, asked), strict=True):
        train, name, truth = fold.train, data.set_name(single), fold.test.change[0]
        about = {"data": data.name, "single": name, "training": len(train)}
        rows.append(about | {"model": NOISE, "l2": halves, "vector": True})
        for model, fit in chosen.items():
            response = fit(train, data, 0)
            error = np.linalg.norm(response.against([single], train.control)[0] - truth)
            vector = name not in response.about.get("genes_without_vector", [])
            rows.append(about | {"model": model, "l2": error, "vector": vector})
    return pd.DataFrame(rows)


def compared(rows: pd.DataFrame, reference: str = "mean") -> pd.DataFrame:
    """Mean L2 of every model and its paired difference to the reference, over singles."""
    found = []
    for name, part in rows.groupby("data", sort=False):
        table = part.pivot(index="single", columns="model", values="l2").dropna(axis=1)
        draws = Bootstrap.of(np.arange(len(table)))
        gaps = table.sub(table[reference], axis=0)
        vectors = part.groupby("model")["vector"].sum()
        for model in table:
            means = np.concatenate([w @ gaps[model] / w.sum(axis=1) for w in draws.chunks()])
            low, high = interval(means)
            found.append(
                {
                    "data": name,
                    "model": model,
                    "l2": table[model].mean(),
                    "gap": gaps[model].mean(),
                    "gap_low": low,
                    "gap_high": high,
                    "gap_sd": gaps[model].std(ddof=1),
                    "ahead": int((gaps[model] < 0).sum()),
                    "singles": len(table),
                    "with_vector": int(vectors[model]),
                    "training": part["training"].median(),
                }
            )
    return pd.DataFrame(found)


def curve(data: ExpressionData, chosen: Mapping[str, Fit], seed: int = 0) -> pd.DataFrame:
    """Mean L2 of unseen singles after training on so many others, drawn DRAWS times each."""
    rng, rows = np.random.default_rng(seed), []
    for fold in FOLDS[SINGLE](data):
        others, single, truth = fold.train, fold.test.sets[0], fold.test.change[0]
        for size in (size for size in SIZES if size <= len(others)):
            for _ in range(DRAWS if size < len(others) else 1):
                train = others.take(np.sort(rng.choice(len(others), size, replace=False)))
                for model, fit in chosen.items():
                    change = fit(train, data, 0).against([single], train.control)[0]
                    error = float(np.linalg.norm(change - truth))
                    rows.append({"model": model, "training": size, "l2": error})
    return pd.DataFrame(rows).groupby(["model", "training"], as_index=False)["l2"].mean()
