"""Absolute correlation of the two genes' expression over single cells."""

import numpy as np

from training.pairs.baselines import Context, Score
from training.pairs.negatives import Pairs

TITLE = "Absolute correlation of expression"
KINDS = ()
BLOCK = 65_536


def fit(context: Context, negatives: str) -> Score:
    """Score pairs by |Pearson| over the cells, or over the profile where there are no cells.

    A gene that does not vary correlates with nothing: 0.
    """
    cells = context.data.cells
    values = (cells if cells.shape[1] else context.features).astype(np.float32)
    centred = values - values.mean(1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    varies = norm > 1e-6 * np.linalg.norm(values, axis=1, keepdims=True)
    unit = np.divide(centred, norm, out=np.zeros_like(centred), where=varies)

    def score(pairs: Pairs) -> np.ndarray:
        found = np.empty(len(pairs))
        for start in range(0, len(pairs), BLOCK):
            some = pairs[start : start + BLOCK]
            one, other = unit[context.tf_rows[some[:, 0]]], unit[some[:, 1]]
            found[start : start + BLOCK] = np.abs(np.einsum("pc,pc->p", one, other))
        return found

    return score
