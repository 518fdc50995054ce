"""Logistic regression with class weights on log levels as they are."""

from sklearn.linear_model import LogisticRegression

from training.cells.baselines import Levels, Predict, Types, variable

TITLE = "Class-balanced logistic regression (log counts)"
GENES, C = 2000, 1.0
"""Within 0.002 of the best of 20 settings on the validation folds, and scikit-learn's own C."""


def fit(reference: Levels, types: Types) -> Predict:
    """Fitted on the genes that vary most; nothing is standardised."""
    genes = variable(reference, GENES)
    model = LogisticRegression(C=C, class_weight="balanced", max_iter=3000)
    model.fit(reference[:, genes], types)
    return lambda query: model.predict(query[:, genes])
