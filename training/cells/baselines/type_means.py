"""The type whose mean a cell correlates with best, over standardised genes."""

from training.cells.baselines import Levels, Predict, Types, standardised, variable
from training.cells.baselines._means import nearest

TITLE = "Correlation with type means (standardised)"
GENES = 2000


def fit(reference: Levels, types: Types) -> Predict:
    """The mean of every type; each set of cells is standardised by itself."""
    genes = variable(reference, GENES)
    predict = nearest(standardised(reference[:, genes]), types)
    return lambda query: predict(standardised(query[:, genes]))
