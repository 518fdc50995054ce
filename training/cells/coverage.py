"""How many genes a matrix may lack: fixed on the validation folds, by taking genes away."""

from collections.abc import Sequence

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


def judgements(trained: Sequence[Trained], seed: int) -> dict[str, list[dict[str, float]]]:
    """Figures of the folds with such shares of the genes left, drawn by chance: all, then SHARES.

    Each share has DRAWS rows a fold, all genes one: what the fold's training is worth.
    """
    rng = np.random.default_rng(seed)

    def drawn(job: Job, share: float) -> dict[str, np.ndarray]:
        return {s: rng.random(len(used)) < share for s, used in job.chosen.genes.items()}

    return {
        str(share): [
            judged(model, job, fold, drawn(job, share))
            for model, job, fold in trained
            for _ in range(DRAWS if share < 1 else 1)
        ]
        for share in (1.0, *SHARES)
    }


def curve(found: dict[str, list[dict[str, float]]]) -> dict[str, float]:
    """Mean balanced accuracy by share, over directions, folds and draws."""
    return {
        share: float(np.mean([[*row.values()] for row in rows])) for share, rows in found.items()
    }


def floor(accuracy: dict[str, float]) -> float:
    """The least share before the first that loses more than LOSS; at least the last of SHARES."""
    enough = 1.0
    for share in sorted(map(float, accuracy), reverse=True):
        if accuracy[str(share)] < accuracy["1.0"] - LOSS:
            break
        enough = share
    return max(enough, SHARES[-1]) if enough < 1 else SHARES[0]
