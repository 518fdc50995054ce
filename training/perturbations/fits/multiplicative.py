"""The multiplicative model: nothing is fitted."""

import torch

from training.perturbations.fits import Fitted, Job
from zoo.architectures.multiplicative import Config, Model

SIMPLE = True


def fit(job: Job) -> Fitted:
    """Fill the table of single-mutant fitness."""
    config = Config(genes_total=len(job.data.vocabulary))
    model = Model(config)
    model.single_fitness.copy_(torch.from_numpy(job.data.filled_single_fitness))
    return Fitted(model, config.model_dump(mode="json"))
