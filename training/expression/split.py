"""All perturbations train what ships: what is held out is held out by folds."""

import numpy as np

from training.data.expression import ExpressionData
from training.split import Parts


class ExpressionSplit(Parts):
    """The part of every perturbation: there is one."""

    PARTS = ("train",)
    TABLE = "perturbations"
    DIGEST = "perturbations_digest"


def make_split(data: ExpressionData, seed: int = 0) -> ExpressionSplit:
    """Every perturbation is in training; nothing is drawn."""
    return ExpressionSplit(np.zeros(len(data.profiles), np.uint8), data.digest, seed)
