"""How many genes a matrix may lack: fixed on the validation folds, by taking genes away."""

from collections.abc import Iterable, Sequence

import numpy as np
from torch import nn

from training.cells.embedding import judged
from training.cells.job import Job
from training.cells.validation import Fold

SHARES = (0.9, 0.8, 0.7, 0.6, 0.5)
LOSS = 0.02
"""What balanced accuracy may lose, on average over directions, folds and draws."""
DRAWS = 3

Trained = tuple[nn.Module, Job, Fold]


def curve(trained: Sequence[Trained], seed: int) -> dict[str, float]:
    """Mean balanced accuracy of the folds with such shares of the genes left, drawn by chance."""
    rng = np.random.default_rng(seed)
    accuracy = {}
    for share in (1.0, *SHARES):
        values = []
        for model, job, fold in trained:
            for _ in range(DRAWS if share < 1 else 1):
                left = {s: rng.random(len(used)) < share for s, used in job.chosen.genes.items()}
                values += judged(model, job, fold, left).values()
        accuracy[str(share)] = float(np.mean(values))
    return accuracy


def floor(accuracy: dict[str, float]) -> float:
    """The least share before the first that loses more than LOSS; at least the last of SHARES."""
    enough = 1.0
    for share in _descending(accuracy):
        if accuracy[str(share)] < accuracy["1.0"] - LOSS:
            break
        enough = share
    return max(enough, SHARES[-1]) if enough < 1 else SHARES[0]


def _descending(accuracy: Iterable[str]) -> list[float]:
    return sorted(map(float, accuracy), reverse=True)
