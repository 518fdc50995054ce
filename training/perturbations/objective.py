"""What a training of perturbation sets minimises: phenotype, distribution, contrast, networks."""

from typing import Annotated

import numpy as np
import torch
from jaxtyping import Float, Int64
from pydantic import Field, NonNegativeInt, PositiveInt
from torch import Tensor, nn

from training.losses.regression import DistLoss, LearnedNoise, labelled, masked_mse, supcr
from training.perturbations.batches import Batch
from training.perturbations.labels import Labels
from training.recipe import Strict

Weight = Annotated[float, Field(ge=0)]

CONTRASTED = 512
"""Sets whose vectors the contrastive loss compares: it grows with the square of their number."""


class Objective(Strict):
    """Numbers of a recipe's [objective].

    A step encodes `genes` genes (0: all) and asks for `headline_sets` and `other_sets` sets;
    `steps` of them are an epoch. `source_weights` has the weight of each source's squared error,
    `fitness_weight` that of composed fitness where it was measured, `estimate_weight` that of
    single-mutant fitness estimated for genes that hide theirs (a share of `hidden_fitness`).
    `graph_weight` and `graph_rows` belong to the attention heads that are held against networks;
    `distribution_weight` to DistLoss, `contrast_weight` to SupCR. With `learned_noise` the sources
    are weighted by a noise that is learned, too.
    """

    genes: NonNegativeInt
    headline_sets: PositiveInt
    other_sets: PositiveInt
    steps: PositiveInt
    source_weights: dict[str, Weight]
    fitness_weight: Weight = 0.0
    estimate_weight: Weight = 0.0
    hidden_fitness: Weight = 0.0
    graph_weight: Weight = 0.0
    graph_rows: PositiveInt = 64
    distribution_weight: Weight = 0.0
    contrast_weight: Weight = 0.0
    learned_noise: bool = False


class Phenotype(nn.Module):
    """The loss of a step's predictions against its labels."""

    def __init__(self, numbers: Objective, labels: Labels, train_z: Float[Tensor, "train"]):
        super().__init__()
        self.numbers, self.labels = numbers, labels
        weights = [numbers.source_weights.get(name, 0.0) for name in labels.sources]
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32))
        self.noise = LearnedNoise(weights) if numbers.learned_noise else None
        self.headline = labels.sources.index(labels.epsilon_source)
        self.distribution = DistLoss(train_z)
        self.register_buffer("scale", torch.from_numpy(labels.scale.astype("float32")))

    @classmethod
    def of(
        cls, numbers: Objective, labels: Labels, train: Int64[np.ndarray, "rows"]
    ) -> "Phenotype":
        """With the headline source's labels among the training records `train`."""
        own = train[labels.source[train] == labels.sources.index(labels.epsilon_source)]
        return cls(numbers, labels, torch.from_numpy(labels.z[own].astype(np.float32)))

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
        target = z.new_full((count, z.shape[1]), torch.nan)
        target[torch.arange(count), batch.source] = batch.z
        losses, has = masked_mse(z[:count], target), labelled(target)
        terms = {"interaction": self._weighted(losses, has, target)}
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

    def _weighted(self, losses: Tensor, has: Tensor, target: Tensor) -> Float[Tensor, ""]:
        """Mean squared error over records, each at its source's weight."""
        if self.noise is not None:
            return self.noise(losses, has)
        share = (~target.isnan()).sum(0) * self.weights
        return (losses * share).sum() / share.sum().clamp(min=1e-9)

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
