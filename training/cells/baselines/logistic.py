"""Logistic regression on log levels as they are: what papers compare with."""

from sklearn.linear_model import LogisticRegression

from training.cells.baselines import Levels, Predict, Types, variable

TITLE = "Logistic regression (log counts)"
GENES, C = 2000, 1.0
"""The C of scikit-learn, which papers leave as it is."""


def fit(reference: Levels, types: Types) -> Predict:
    """Fitted on the genes that vary most, neither standardised nor weighted."""
    genes = variable(reference, GENES)
    model = LogisticRegression(C=C, max_iter=3000).fit(reference[:, genes], types)
    return lambda query: model.predict(query[:, genes])
