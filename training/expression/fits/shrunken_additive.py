"""The additive model on shrunken changes; see training.expression.shrinkage.

A change is against the level of unperturbed cells as all cells tell it, which is what ships as the
control, not against the mean of the control cells at hand. What that mean is off by is no change.
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
    return Response.of_members(
        members, len(data.perturbed), found.effect, found.variance, found.level
    )
