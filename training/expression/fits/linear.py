"""The linear model, with the kind of gene vectors that serves best inside the training part."""

from dataclasses import replace

import numpy as np

from training.data.expression import ExpressionData, Profiles
from training.data.pairs import require_coverage
from training.data.vectors.coverage import FLOOR
from training.expression import linear, vectors
from training.expression.response import Response
from training.expression.vectors import GeneVectors

SIMPLE = True


def fit(train: Profiles, data: ExpressionData, seed: int) -> Response:
    """Choose by the mean L2 of training sets left out in turn; random vectors are never chosen."""
    kinds = {name: linear.source(name, data, seed) for name in vectors.names()}
    errors = linear.left_out(train, data, kinds)
    l2 = {name: float(np.linalg.norm(each, axis=1).mean()) for name, each in errors.items()}
    chosen = min((name for name in l2 if name != vectors.RANDOM), key=lambda name: l2[name])
    fitted = linear.fit(train, data, kinds[chosen])
    return replace(fitted, about=fitted.about | {"left_out_l2": l2})


def fit_with(given: GeneVectors, train: Profiles, data: ExpressionData, seed: int) -> Response:
    """Fit with these vectors. Raises LowCoverage where they have too few of the perturbed genes."""
    _, known = given.rows(data.perturbed.genes)
    what = f"the perturbed genes of {data.name} in {given.name}"
    require_coverage(what, float(known.mean()), FLOOR)
    return linear.fit(train, data, lambda factors: given)
