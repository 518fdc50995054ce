"""Training of the CLS-transformer: one encoder pass a step, whatever the number of sets.

With a graph weight it is trained a second time without: the card says how much of the attention
agrees with the networks either way, and what the regularisation does for the phenotype.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from pydantic import PositiveInt
from torch import Tensor, nn

from training import loop
from training.losses.graph import graph_kl
from training.perturbations.agreement import agreement, network_rows, sample_rows
from training.perturbations.batches import Batch
from training.perturbations.features import gene_features
from training.perturbations.fits import Fitted, Job, learn
from training.perturbations.labels import EPSILON
from training.perturbations.objective import Objective, Phenotype, Weight
from zoo.architectures.cls_transformer import Model, State
from zoo.perturbations.feature_scale import STATE as FEATURE_SCALE

WITHOUT = "without_graphs"


class Numbers(Objective):
    """Numbers of a recipe's [objective] beside those of Objective.

    They belong to the attention heads that are held against networks, so many rows at a step.
    """

    graph_weight: Weight = 0.0
    graph_rows: PositiveInt = 64


class Learner(nn.Module):
    """The model with the gene features, and what its loss is made of."""

    def __init__(self, job: Job, numbers: Numbers, model: Model, features: Tensor):
        super().__init__()
        self.model, self.numbers, self.data = model, numbers, job.data
        self.register_buffer("features", features, persistent=False)
        self.phenotype = Phenotype(numbers, job.labels, job.train)
        self.known = features[:, 1] > 0

    def encode(self, genes: Tensor, hide: Tensor | None = None) -> tuple[State, list[Tensor]]:
        """The cell of these genes; those of `hide` keep their single fitness to themselves."""
        features = self.features[genes]
        if hide is not None:
            features = features.clone()
            features[hide, 0], features[hide, 1] = 0.0, self.features[:, 1].min()
        return self.model.encode(genes, features)

    def predict(self, batch: Batch) -> Float[Tensor, "sets sources"]:
        """z-scores of the sets of a batch, in evaluation."""
        state, _ = self.encode(batch.genes)
        return self.model.head(state, batch.member, batch.kind, batch.segment, batch.order)

    def losses(self, batch: Batch, rng: np.random.Generator) -> Mapping[str, Tensor]:
        """The weighted terms of one step."""
        known, numbers = self.known[batch.genes], self.numbers
        hide = known & (torch.rand(len(known)) < numbers.hidden_fitness)
        state, inputs = self.encode(batch.genes, hide if hide.any() else None)
        sets = (batch.member, batch.kind, batch.segment, batch.order)
        vectors = self.model.head.vectors(state, *sets)
        single = self.model.single_fitness(state[0], self.features[batch.genes])
        terms = self.phenotype(self.model.head.mlp(vectors), vectors, single, batch)
        if hide.any() and numbers.estimate_weight:
            error = self.model.estimate(state[0])[hide] - self.features[batch.genes][hide, 0]
            terms["estimate"] = numbers.estimate_weight * error.square().mean()
        if numbers.graph_weight:
            terms["graph"] = numbers.graph_weight * self._graph_loss(batch, inputs, rng)
        return terms

    def _graph_loss(
        self, batch: Batch, inputs: list[Tensor], rng: np.random.Generator
    ) -> Float[Tensor, ""]:
        """Mean KL of a row, over the networks."""
        genes = batch.genes.cpu().numpy()
        place = np.full(len(self.data.vocabulary), -1)
        place[genes] = np.arange(len(genes))
        total = []
        for name, (layer, head) in self.model.config.regularised.items():
            rows = sample_rows(self.data, name, rng, 4 * self.numbers.graph_rows)
            rows = rows[place[rows] >= 0][: self.numbers.graph_rows]
            adjacency, valid = network_rows(self.data, name, rows, genes)
            token = torch.from_numpy(place[rows]) + 1
            logits = self.model.encoder.layers[layer].logits(inputs[layer], token, head)
            kl = graph_kl(logits, adjacency.to(logits.device), valid.to(logits.device))
            total.append(kl / max(len(rows), 1))
        return torch.stack(total).mean()


def fit(job: Job) -> Fitted:
    """Train by the recipe; the wildtype's features become part of the entry's state."""
    known = gene_features(job.data, job.data.records.take(job.train))
    table, names = known.standardised, known.names
    learner, history = _trained(job, names, torch.from_numpy(table))
    genes = len(job.data.vocabulary)
    return Fitted(
        model=learner.model,
        config=learner.model.config,
        history=history,
        sizes={"tokens_total": genes + 1, "features": len(names)},
        state={"features": table.astype(np.float16), FEATURE_SCALE: known.scale.array},
        told={"features": list(names), "unit": EPSILON},
    )


def tell(job: Job, fitted: Fitted) -> dict[str, Any]:
    """Where heads are regularised: what a second training without says, beside the first."""
    places, recipe = fitted.model.config.regularised, job.recipe
    if not (places and job.objective.graph_weight):
        return {}
    names = tuple(fitted.told["features"])
    features = torch.from_numpy(fitted.state["features"].astype(np.float32))
    plain = recipe.model_copy(update={"objective": recipe.objective | {"graph_weight": 0.0}})
    options = replace(job.options, folder=job.options.folder / WITHOUT)
    bare, history = _trained(replace(job, recipe=plain, options=options), names, features)
    attention = {
        name: agreement(model, job.data, features, places)
        for name, model in (("with", fitted.model), ("without", bare.model))
    }
    return {"attention": attention, "without_graphs": {"best": loop.best(history)}}


def _trained(job: Job, names: tuple[str, ...], features: Tensor) -> tuple[Learner, loop.History]:
    """One training from its seed; raises what training.loop.run and training.begin.begin raise."""
    numbers = job.objective
    job.begin(further=(WITHOUT,))
    torch.manual_seed(job.seed)
    learner = Learner(job, numbers, _model(job, names), features)
    return learner, learn(job, learner, numbers.plan(numbers.genes))


def _model(job: Job, names: tuple[str, ...]) -> Model:
    """The recipe's model, with its scales filled and a head for each network of the data.

    Where there are more networks than heads, the last ones go without.
    """
    sizes, filled = job.recipe.model, job.data.filled_single_fitness
    places = product(range(sizes["layers"]), range(sizes["heads"]))  # the early layers first
    regularised = dict(zip(job.data.networks, places, strict=False))
    model = Model(job.config(features=names, regularised=regularised))
    model.source_scale.copy_(torch.from_numpy(job.labels.scale.astype(np.float32)))
    # What `gene_features` standardised single-mutant fitness by.
    model.fitness_scale.copy_(torch.tensor([float(filled.mean()), float(filled.std())]))
    return model
