"""The additive model on shrunken changes; see training.expression.shrinkage.

A change is against the level of unperturbed cells as all cells tell it, not against the mean of the
control cells at hand. What that mean is off by could be predicted, too, and would look like a gain
wherever a truth is measured against the same control cells. It is no change, and it is left out.
"""

import numpy as np

from training.data.expression import ExpressionData, Profiles
from training.expression import shrinkage
from training.expression.fits.additive import singles
from training.expression.response import Response


def fit(train: Profiles, data: ExpressionData, seed: int) -> Response:
    """Posterior means and variances of the changes of genes that were perturbed alone."""
    alone = singles(train)
    members = np.array([gene for (gene,) in alone.sets], np.int64)
    found = shrinkage.posterior(alone)
    return Response.of_members(members, len(data.perturbed), found.effect, found.variance)
