"""Simple rivals of a model of expression, one file each, found by name.

Each has TITLE (a few words for a table) and `fit(train, data, seed) -> Response`. Names that begin
with an underscore are what they share.
"""

from training.data.expression import ExpressionData, Profiles
from training.expression import linear
from training.expression.fits import Fit
from training.expression.response import Response


def linear_on(kind: str) -> Fit:
    """The fit of the linear model with one kind of gene vectors."""

    def fit(train: Profiles, data: ExpressionData, seed: int) -> Response:
        return linear.fit(train, data, linear.source(kind, data, seed))

    return fit
