"""Training of SATURN: an autoencoder of counts, then an encoder that brings types together.

Rosen et al. 2024 (see zoo.architectures.saturn). The losses: `zinb`, minus the log-likelihood of a
count; `size`, the mean weight of macrogenes; `agreement` of macrogenes with gene vectors;
`divergence`, of a variational encoder; `triplet`, over types that were matched across species
(training.cells.matching). Which of them a stage has, and in what weight, its recipe says.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import torch
from jaxtyping import Float, Int64
from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from contracts.cells.species import SPECIES
from training.cells.batches import Batch, CellBatches
from training.cells.job import Job
from training.cells.macrogenes import Score
from training.losses.counts import agreement, divergence, macrogene_size, zinb
from training.losses.triplets import CrossSpecies
from training.recipe import Recipe
from training.stages.learning import Staged
from training.stages.stage import Stage
from training.strict import Strict
from zoo.architectures.saturn import Config, Model

LOSSES = ("zinb", "size", "agreement", "divergence", "triplet")
PAIRS = 2000
"""Pairs of genes of each species whose similarity a step looks at."""


class Numbers(Strict):
    """Numbers of a recipe's [objective].

    `gene_vectors` is one of training.cells.vectors.KINDS, unless a file takes its place. Of each
    species up to `genes` genes are used, `paired_genes` of them with a partner; `score` says what
    their first weights in macrogenes are. Without `standardised`, levels are taken as they are;
    with `over_cells`, cells that are judged are standardised over themselves, as
    `standardise="data"` does, and not by those of training. Types of `least_cells` cells or more
    are matched across species where the cosine of their profiles is `least_similarity` or more,
    and, with `mutual`, where each is the other's nearest. `margin` is that of the triplets. A batch
    has `of_type` cells of each type of each species, or cells as they come where that is 0.
    `hidden_genes` is the share of a cell's genes that a step does not see.
    """

    gene_vectors: str
    genes: PositiveInt
    paired_genes: NonNegativeInt
    score: Score = "default"
    standardised: bool = False
    over_cells: bool = False
    mutual: bool = True
    least_cells: PositiveInt
    least_similarity: Annotated[float, Field(ge=-1, le=1)]
    margin: PositiveFloat
    of_type: NonNegativeInt
    hidden_genes: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Prepared(nn.Module):
    """What all stages are given: levels, counts, groups and gene vectors; no parameters."""

    def __init__(self, job: Job):
        super().__init__()
        for species, seen in job.seen.items():
            values = {
                "levels": job.inputs(species, job.counts(species, seen)),
                "counts": job.counts(species, seen),
                "groups": job.groups[species],
                "vectors": job.vectors.vectors[species][job.chosen.genes[species]],
            }
            for name, value in values.items():
                self.register_buffer(f"{species}_{name}", torch.from_numpy(value), persistent=False)

    def __getitem__(self, name: tuple[str, str]) -> Tensor:
        return getattr(self, "_".join(name))


class Learner(Staged):
    """A stage of SATURN: some of LOSSES over batches of cells."""

    def __init__(
        self, prepared: Prepared, model: Model, recipe: Recipe, numbers: Numbers, seed: int
    ):
        assert recipe.fit is not None
        super().__init__(recipe.fit, seed, ())
        self.prepared, self.model, self.numbers = prepared, model, numbers
        self.triplet = CrossSpecies(numbers.margin)

    def figure(
        self, prediction: Float[Tensor, "held_out"], label: Float[Tensor, "held_out"]
    ) -> float:
        """No cells are held out of a training."""
        raise NotImplementedError

    def terms(self, batch: Batch, index: int) -> Mapping[str, Float[Tensor, ""]]:
        """The terms of a step that are wanted."""
        return self.losses(batch, self.wanted)

    def losses(self, batch: Batch, wanted: tuple[str, ...]) -> dict[str, Float[Tensor, ""]]:
        """Some of LOSSES over a batch."""
        rows = {species: torch.as_tensor(each) for species, each in batch.items()}
        weights = {species: self.model.weight(species) for species in rows}
        vectors = {
            species: self.model.encoder(self._shown(species, each), weights[species])
            for species, each in rows.items()
        }
        made: dict[str, Any] = {
            "zinb": lambda: self._zinb(rows, vectors, weights, "divergence" in wanted),
            "size": lambda: _mean(macrogene_size(each) / len(each) for each in self._logarithms()),
            "agreement": lambda: _mean(self._agreement(s, each) for s, each in weights.items()),
            "divergence": lambda: _mean(
                divergence(each, self.model.log_variance(each)).mean() for each in vectors.values()
            ),
            "triplet": lambda: self._triplet(rows, vectors),
        }
        return {name: made[name]() for name in wanted}

    def _logarithms(self) -> list[Tensor]:
        return list(self.model.log_weight.values())

    def _shown(self, species: str, rows: Int64[Tensor, "cells"]) -> Float[Tensor, "cells genes"]:
        """Levels of cells, some of them hidden."""
        levels, hidden = self.prepared[species, "levels"][rows], self.numbers.hidden_genes
        return levels * (torch.rand_like(levels) >= hidden) if hidden else levels

    def _zinb(
        self,
        rows: Mapping[str, Tensor],
        vectors: Mapping[str, Tensor],
        weights: Mapping[str, Tensor],
        varied: bool,
    ) -> Float[Tensor, ""]:
        """The mean over species, cells and genes; `varied` vectors have noise, for `divergence`."""
        terms = []
        for species, each in vectors.items():
            count = self.prepared[species, "counts"][rows[species]]
            if varied:
                spread = torch.exp(0.5 * self.model.log_variance(each))
                each = each + spread * torch.randn_like(each)
            rates = self.model.decoder(each, species, weights[species], count.sum(1))
            terms.append(zinb(count, *rates).mean() / count.shape[1])
        return _mean(terms)

    def _agreement(self, species: str, weight: Tensor) -> Float[Tensor, ""]:
        one, other = torch.randint(len(weight), (2, PAIRS))
        vectors = self.prepared[species, "vectors"]
        similar = functional.cosine_similarity(vectors[one], vectors[other])
        return agreement(weight[one], weight[other], similar)

    def _triplet(
        self, rows: Mapping[str, Tensor], vectors: Mapping[str, Tensor]
    ) -> Float[Tensor, ""]:
        group = torch.cat(
            [self.prepared[species, "groups"][each] for species, each in rows.items()]
        )
        species = torch.cat(
            [torch.full((len(each),), SPECIES.index(name)) for name, each in rows.items()]
        )
        return self.triplet(
            functional.normalize(torch.cat(list(vectors.values())), dim=1), group, species
        )


def _mean(terms: Any) -> Float[Tensor, ""]:
    return torch.stack(list(terms)).mean()


def ready(job: Job) -> Prepared:
    """The cells that all stages share."""
    return Prepared(job)


def task(job: Job, prepared: Prepared, stage: Stage, recipe: Recipe) -> tuple[Learner, CellBatches]:
    """The model of a stage as it begins: macrogenes from gene vectors, levels from the counts."""
    numbers = Numbers(**recipe.objective)
    model = Model(Config(**job.sizes, **recipe.model))
    with torch.no_grad():
        for species, weight in job.weights.items():
            model.log_weight[species].copy_(torch.from_numpy(weight).log())
            total = prepared[species, "counts"].sum(0) + 1
            model.decoder.rates[species].level.copy_((total / total.sum()).log())
    assert recipe.fit is not None
    batches = CellBatches(job.labels, recipe.fit.batch_size, numbers.of_type, job.seed)
    return Learner(prepared, model, recipe, numbers, job.seed), batches
