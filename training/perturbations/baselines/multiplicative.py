"""Genes that do not interact: the product of single-mutant fitness, and no interaction."""

import numpy as np

from training.perturbations.baselines import Context, Members, Rung, Values, composed

TITLE = "Multiplicative model of fitness"


def fit(context: Context) -> Rung:
    """Nothing is fitted."""

    def interaction(members: Members, source: str) -> Values:
        return np.zeros(len(members))

    return composed(context, interaction)
