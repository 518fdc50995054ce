"""The type whose mean a cell correlates with best, over standardised genes."""

import numpy as np

from training.cells.baselines import Levels, Predict, Types, standardised, variable

TITLE = "Correlation with type means"
GENES = 2000


def fit(reference: Levels, types: Types) -> Predict:
    """The mean of every type; each set of cells is standardised by itself."""
    genes = variable(reference, GENES)
    x, names = standardised(reference[:, genes]), np.unique(types)
    means = np.stack([x[types == name].mean(axis=0) for name in names])

    def predict(query: Levels) -> Types:
        cells = standardised(query[:, genes])
        centred = [each - each.mean(axis=1, keepdims=True) for each in (cells, means)]
        unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in centred]
        return names[(unit[0] @ unit[1].T).argmax(axis=1)]

    return predict
