"""The additive model on shrunken changes; see training.expression.shrinkage.

The offset is what the level of unperturbed cells, as all cells tell it, differs from the mean of
the control cells. It counts once, however many genes a set has.
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
        members,
        len(data.perturbed),
        found.effect,
        found.variance,
        offset=found.level - train.control,
        noise_offset=found.level_variance,
    )
