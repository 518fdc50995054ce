"""Fitness defects that add up: f_a + f_b - 1, and the interaction that follows from it."""

import numpy as np

from training.perturbations.baselines import Answer, Context, Members, Rung, Values, followed

TITLE = "Additive model of fitness"


def fit(context: Context) -> Rung:
    """Nothing is fitted."""

    def fitness(members: Members) -> Values:
        return 1 + np.where(members >= 0, context.single[members] - 1, 0.0).sum(axis=1)

    def answer(members: Members, source: str) -> Answer:
        return followed(context.single, members, fitness)

    return answer
