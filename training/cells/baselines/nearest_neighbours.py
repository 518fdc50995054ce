"""The most frequent type among the nearest cells, over standardised genes."""

from sklearn.neighbors import KNeighborsClassifier

from training.cells.baselines import Levels, Predict, Types, standardised, variable

TITLE = "Nearest neighbours (standardised)"
GENES, NEIGHBOURS = 2000, 5
"""The best of 500 and 2,000 genes and 1, 5 and 15 neighbours on the validation folds."""


def fit(reference: Levels, types: Types) -> Predict:
    """By cosine, on the genes that vary most; each set of cells is standardised by itself."""
    genes = variable(reference, GENES)
    model = KNeighborsClassifier(NEIGHBOURS, metric="cosine")
    model.fit(standardised(reference[:, genes]), types)
    return lambda query: model.predict(standardised(query[:, genes]))
