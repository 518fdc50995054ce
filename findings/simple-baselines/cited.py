"""What others published, as tidy tables: methods of one table, on the perturbations they share.

Intervals are of 1,000 bootstraps over doubles. A double that stands in several splits is drawn with
all its rows.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from training.data import published
from training.data.files import DataFiles
from training.scoring.bootstrap import Bootstrap, coded, interval

MEAN, LINEAR = "trainMean", "linearModel"
REFERENCES = (MEAN, LINEAR)
SEEN = {
    "seen2": "two genes, both in training",
    "seen1": "two genes, one in training",
    "seen0": "two genes, none in training",
    "single": "one gene",
}


def scperturbench(files: DataFiles) -> pd.DataFrame:
    """Every method's mean correlation, and by how much it is above each of REFERENCES.

    One row a screen, number of genes, method and reference; `rows` are doubles in splits.
    """
    scores = published.scperturbench(files)
    parts = [
        _compared(
            part.pivot(index=["double", "split"], columns="method", values="correlation")
        ).assign(screen=screen, genes=genes)
        for (screen, genes), part in scores.groupby(["screen", "genes"], sort=False)
    ]
    first = ["screen", "genes", "method", "reference"]
    found = pd.concat(parts, ignore_index=True)
    return found[first + [name for name in found if name not in first]]


def _compared(scores: pd.DataFrame) -> pd.DataFrame:
    """Means of the columns and their paired differences to the references, with intervals."""
    if scores.isna().any(axis=None):
        raise ValueError("A method lacks a double that others have: none may be compared")
    doubles = scores.index.get_level_values("double").to_numpy(str)
    draws = Bootstrap.of(coded(doubles))
    rows = []
    for reference in REFERENCES:
        for method in scores:
            figure = _spread(scores[method].to_numpy(), draws)
            gap = _spread((scores[method] - scores[reference]).to_numpy(), draws)
            rows.append(
                {"method": method, "reference": reference}
                | dict(zip(("value", "low", "high"), figure, strict=True))
                | dict(zip(("gap", "gap_low", "gap_high"), gap, strict=True))
                | {"rows": len(scores), "doubles": len(np.unique(doubles))}
            )
    return pd.DataFrame(rows)


def _spread(values: np.ndarray, draws: Bootstrap) -> tuple[float, float, float]:
    """The mean of the rows, and its interval."""
    means = np.concatenate([weights @ values / weights.sum(axis=1) for weights in draws.chunks()])
    return (float(values.mean()), *interval(means))


def scouter(files: DataFiles) -> pd.DataFrame:
    """Mean errors of Scouter's table on what all its methods share, and on what each was scored on.

    One row a kind of perturbation and method: `shared` is the number of perturbations in splits
    that all methods have, `scored` that of the method, `error` and `error_shared` the means.
    """
    return pd.DataFrame(_scouter(published.scouter(files)))


def _scouter(rows: pd.DataFrame) -> Iterator[dict[str, str | float | int]]:
    for seen in SEEN:
        part = rows[rows["seen"] == seen]
        errors = part.pivot(index=["perturbation", "split"], columns="method", values="error")
        shared = errors.dropna()
        for method in errors:
            yield {
                "seen": seen,
                "method": method,
                "error": float(errors[method].mean()),
                "scored": int(errors[method].notna().sum()),
                "error_shared": float(shared[method].mean()),
                "shared": len(shared),
            }
