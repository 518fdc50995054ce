"""Logistic regression with class weights on standardised genes: strong for rare types."""

from sklearn.linear_model import LogisticRegression

from training.cells.baselines import Levels, Predict, Types, standardised, variable

TITLE = "Class-balanced logistic regression (standardised)"
GENES, C = 500, 0.005


def fit(reference: Levels, types: Types) -> Predict:
    """Fitted on the genes that vary most; each set of cells is standardised by itself."""
    genes = variable(reference, GENES)
    model = LogisticRegression(C=C, class_weight="balanced", max_iter=2000)
    model.fit(standardised(reference[:, genes]), types)
    return lambda query: model.predict(standardised(query[:, genes]))
