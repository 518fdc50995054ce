"""The measured change of each gene that was perturbed alone; the changes of a set add up."""

import numpy as np

from training.data.expression import ExpressionData, Profiles
from training.expression.response import Response

SIMPLE = True


def singles(train: Profiles) -> Profiles:
    """The sets of one gene."""
    return train.take(np.flatnonzero([len(genes) == 1 for genes in train.sets]))


def fit(train: Profiles, data: ExpressionData, seed: int) -> Response:
    """A look-up of singles; the variances of their errors add up as the changes do."""
    alone = singles(train)
    members = np.array([gene for (gene,) in alone.sets], np.int64)
    return Response.of_members(members, len(data.perturbed), alone.change, alone.variance)
