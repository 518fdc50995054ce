"""What a training of perturbation sets minimises: phenotype, distribution, contrast, networks."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import torch
from jaxtyping import Float, Int64
from pydantic import Field, NonNegativeInt, PositiveInt
from torch import Tensor, nn

from training.losses.regression import (
    DistLoss,
    LearnedNoise,
    labelled,
    masked_mse,
    supcr,
    weighted,
)
from training.perturbations.batches import Batch, Plan
from training.perturbations.labels import Labels
from training.strict import Strict

Weight = Annotated[float, Field(ge=0)]

CONTRASTED = 512
"""Sets whose vectors the contrastive loss compares: it grows with the square of their number."""


class Drawn(Strict):
    """What any recipe's [objective] has; an architecture adds the numbers of its own.

    A step asks for `headline_sets` and `other_sets` sets, and `steps` of them are an epoch.
    `source_weights` has the weight of each source's error.
    """

    headline_sets: PositiveInt
    other_sets: PositiveInt
    steps: PositiveInt
    source_weights: dict[str, Weight]

    def plan(self, genes: int = 0) -> Plan:
        """Steps that encode so many genes, 0 for all."""
        return Plan(genes, self.headline_sets, self.other_sets, self.steps)

    def weights(self, sources: Sequence[str]) -> Float[Tensor, "sources"]:
        """The weight of each source, 0 where none is given."""
        weights = [self.source_weights.get(name, 0.0) for name in sources]
        return torch.tensor(weights, dtype=torch.float32)


class Objective(Drawn):
    """Numbers of an [objective] whose interactions are learned by Phenotype.

    A step encodes `genes` genes (0: all). `fitness_weight` is the weight of composed fitness where
    it was measured, `estimate_weight` that of single-mutant fitness estimated for genes that hide
    theirs (a share of `hidden_fitness`); `distribution_weight` belongs to DistLoss,
    `contrast_weight` to SupCR. With `learned_noise` the sources are weighted by a noise that is
    learned, too.
    """

    genes: NonNegativeInt
    fitness_weight: Weight = 0.0
    estimate_weight: Weight = 0.0
    hidden_fitness: Weight = 0.0
    distribution_weight: Weight = 0.0
    contrast_weight: Weight = 0.0
    learned_noise: bool = False


class Phenotype(nn.Module):
    """The loss of a step's predictions against its labels."""

    def __init__(self, numbers: Objective, labels: Labels, train: Int64[np.ndarray, "rows"]):
        """`train` are the positions of the training records."""
        super().__init__()
        self.numbers, self.labels = numbers, labels
        self.register_buffer("weights", numbers.weights(labels.sources))
        self.noise = LearnedNoise(self.weights.tolist()) if numbers.learned_noise else None
        self.headline = labels.sources.index(labels.epsilon_source)
        own = train[labels.source[train] == self.headline]
        self.distribution = DistLoss(torch.from_numpy(labels.z[own].astype(np.float32)))
        self.register_buffer("scale", torch.from_numpy(labels.scale.astype("float32")))

    def forward(
        self,
        z: Float[Tensor, "sets sources"],
        vectors: Float[Tensor, "sets dim"],
        single: Float[Tensor, "genes"],
        batch: Batch,
    ) -> dict[str, Float[Tensor, ""]]:
        """The weighted terms: `interaction`, and those of the others whose weight is not 0.

        `vectors` are the sets' representations, `single` the single-mutant fitness of the encoded
        genes.
        """
        count, numbers = len(batch.source), self.numbers
        target = batch.target(z)
        losses = masked_mse(z[:count], target)
        if self.noise is None:
            terms = {"interaction": weighted(losses, target, self.weights)}
        else:
            terms = {"interaction": self.noise(losses, labelled(target))}
        if numbers.fitness_weight:
            error = self._fitness_error(z, single, batch)
            terms["fitness"] = numbers.fitness_weight * error
        own, label = z[:count, self.headline], target[:, self.headline]
        if numbers.distribution_weight:
            terms["distribution"] = numbers.distribution_weight * self.distribution(own, label)
        if numbers.contrast_weight:
            some = (~label.isnan()).nonzero()[:CONTRASTED, 0]
            contrast = supcr(vectors[some], label[some])
            terms["contrast"] = numbers.contrast_weight * contrast
        return terms

    def _fitness_error(
        self, z: Float[Tensor, "sets sources"], single: Float[Tensor, "genes"], batch: Batch
    ) -> Float[Tensor, ""]:
        """Squared error of measured fitness, composed as zoo.perturbations.composition does it.

        In units of the deviation of epsilon, so that it weighs like the interactions.
        """
        names = self.labels.sources
        epsilon, tau = names.index(self.labels.epsilon_source), names.index(self.labels.tau_source)
        known = (~batch.fitness.isnan()).nonzero()[:, 0]
        if not len(known):
            return z.sum() * 0
        pairwise = z[:, epsilon] * self.scale[epsilon, 1] + self.scale[epsilon, 0]
        threefold = z[:, tau] * self.scale[tau, 1] + self.scale[tau, 0]
        sets = len(batch.order)
        product = single.new_ones(sets).scatter_reduce(
            0, batch.segment, single[batch.member], "prod"
        )
        fitness = product + torch.where(batch.order > 2, threefold, pairwise)
        lower = (pairwise[batch.pairs] * single[batch.rest]).sum(1)
        fitness = fitness.index_add(0, batch.triple, lower)
        error = fitness[known] - batch.fitness[known]
        return (error / self.scale[epsilon, 1]).square().mean()
