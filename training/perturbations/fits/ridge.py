"""Ridge on genes, as the rung of the ladder that it is: one regression for epsilon, one for tau."""

import torch

from training.perturbations.baselines import Context, labelled
from training.perturbations.baselines.ridge import best
from training.perturbations.fits import Fitted, Job
from zoo.architectures.ridge import Model

SIMPLE = True


def fit(job: Job) -> Fitted:
    """Fit both regressions, their penalties chosen on validation."""
    context = Context(job.data, job.split, job.seed)
    valid, config = context.part("valid"), job.config()
    model, chosen = Model(config), {}
    sources = (job.labels.epsilon_source, job.labels.tau_source)
    for unit, source in enumerate(sources):
        ridge = best(context, source, labelled(valid, source))
        model.weight[unit] = torch.from_numpy(ridge.coef_).float()
        model.offset[unit] = float(ridge.intercept_)
        chosen[source] = float(ridge.alpha)
    model.single_fitness.copy_(torch.from_numpy(job.data.filled_single_fitness))
    return Fitted(model, config, told={"penalties": chosen})
