"""The mean of a source's training records, for every set: what a correlation is blind to."""

import numpy as np

from training.perturbations.baselines import Answer, Context, Members, Rung

TITLE = "Mean of the source"


def fit(context: Context) -> Rung:
    """Mean interaction and mean fitness of every source, over the records that have one."""
    train = context.train
    means = {}
    for source in context.sources:
        own = train.take(train.source == source)
        means[source] = [_mean(values) for values in (own.interaction, own.fitness)]

    def answer(members: Members, source: str) -> Answer:
        return Answer(*(np.full(len(members), mean) for mean in means[source]))

    return answer


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else 0.0
