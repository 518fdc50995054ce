"""Every gene has a weight of its own in fitness: ridge regression on which genes are deleted.

It learns from the fitness of sets alone, and interactions follow from what it predicts. Measured
fitness of all sources is one table; a source with derived fitness alone has a regression on that.
"""

import numpy as np

from training.data.perturbations import Records
from training.perturbations.baselines import Answer, Context, Members, Rung, followed
from training.perturbations.baselines.ridge import chosen, table

TITLE = "Ridge on fitness"
ALPHAS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
POOLED = ""
"""What stands for all sources that are answered by measured fitness."""


def fit(context: Context) -> Rung:
    """One regression on all measured fitness, and one a source that has derived fitness alone."""
    derived = {source for source in context.sources if _has_derived_alone(context, source)}
    valid = context.part("valid")
    models = {}
    for name in (POOLED, *sorted(derived)):
        train, held = (_learned_from(part, name) for part in (context.train, valid))
        both = ((each.members, each.fitness) for each in (train, held))
        models[name] = chosen(*both, context.genes, ALPHAS)

    def answer(members: Members, source: str) -> Answer:
        model = models[source if source in derived else POOLED]
        return followed(
            context.single, members, lambda sets: model.predict(table(sets, context.genes))
        )

    return answer


def _has_derived_alone(context: Context, source: str) -> bool:
    train = context.train
    own = np.isfinite(train.fitness) & (train.source == source)
    return bool(own.any() and train.derived[own].all())


def _learned_from(records: Records, name: str) -> Records:
    """Records with measured fitness, or those of one source with any."""
    known = records.take(np.isfinite(records.fitness))
    return known.take(~known.derived if name == POOLED else known.source == name)
