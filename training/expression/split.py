"""The split of expression data: every perturbation trains what ships, and folds ask what is unseen.

With 25 or 33 perturbations none can be spared for a test alone; see training.expression.folds.
"""

import numpy as np

from training.data.expression import ExpressionData
from training.split import Parts

PARTS = ("train",)


class ExpressionSplit(Parts):
    """The part of every perturbation: all are of the training."""

    PARTS = PARTS
    TABLE = "profiles"
    DIGEST = "profiles_digest"


def make_split(data: ExpressionData, seed: int = 0) -> ExpressionSplit:
    """Nothing is drawn: the seed serves what fits draw."""
    return ExpressionSplit(np.zeros(len(data.profiles), np.uint8), data.digest, seed)
