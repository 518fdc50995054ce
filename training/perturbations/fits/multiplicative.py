"""The multiplicative model: nothing is fitted."""

import torch

from training.perturbations.fits import Fitted, Job
from zoo.architectures.multiplicative import Model

SIMPLE = True


def fit(job: Job) -> Fitted:
    """Fill the table of single-mutant fitness."""
    config = job.config()
    model = Model(config)
    model.single_fitness.copy_(torch.from_numpy(job.data.filled_single_fitness))
    return Fitted(model, config)
