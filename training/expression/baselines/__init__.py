"""Simple rivals of a model of expression, found by name: one file each, and LINEAR.

Each has TITLE (a few words for a table) and `fit(train, data, seed) -> Response`.
"""

from typing import NamedTuple

from training.data.expression import ExpressionData, Profiles
from training.expression import linear
from training.expression.response import Response


class Linear(NamedTuple):
    """The linear model with one kind of gene vectors."""

    kind: str
    TITLE: str

    def fit(self, train: Profiles, data: ExpressionData, seed: int) -> Response:
        """The closed form with these vectors."""
        return linear.fit(train, data, linear.source(self.kind, data, seed))


LINEAR = {
    f"linear_{kind}": Linear(kind, f"Linear, {what}")
    for kind, what in {
        "go": "vectors of GO terms",
        "hpa": "vectors of expression in tissues (HPA)",
        "omnipath": "vectors of protein interactions (OmniPath)",
        "random": "random vectors",
        "readouts": "vectors of the readouts themselves",
        "tf_targets": "vectors of regulators (Marbach 2016)",
        "two_tower": "vectors of two_tower-brain",
    }.items()
}
