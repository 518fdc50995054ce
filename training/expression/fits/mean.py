"""The mean change of the perturbations of training, each counted once."""

import numpy as np

from training.data.expression import ExpressionData, Profiles
from training.expression.response import Response

SIMPLE = True


def fit(train: Profiles, data: ExpressionData, seed: int) -> Response:
    """The mean; its variance is the mean square of the errors when each set is left out in turn."""
    change, sets = train.change, len(train.sets)
    mean = change.mean(axis=0)
    left_out = (change - mean) * sets / max(sets - 1, 1)
    return Response.of_offset(len(data.perturbed), mean, np.mean(left_out**2, axis=0))
