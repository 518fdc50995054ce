"""Training of DANGO: each network's GNN reconstructs its adjacency, then all learn the phenotypes.

Zhang, Ma and Ma 2020 (see zoo.architectures.dango): pre-training network by network, then log-cosh
of the sets' scores. The networks are those of the data set.
"""

from collections.abc import Mapping
from typing import Annotated

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt
from torch import Tensor, nn

from training.losses.graph import adjacency_rows, neighbours, reconstruction_loss
from training.losses.regression import log_cosh, weighted
from training.perturbations.batches import Batch
from training.perturbations.fits import Fitted, Job, learn
from training.perturbations.objective import Drawn
from zoo.architectures.dango import Model

SIMPLE = True


class Numbers(Drawn):
    """Numbers of a recipe's [objective] beside those of Drawn.

    Every network is pre-trained for `pretrain_steps` steps of `pretrain_rows` adjacency rows,
    entries without an edge at `zero_weight`.
    """

    pretrain_steps: NonNegativeInt
    pretrain_rows: PositiveInt
    pretrain_rate: PositiveFloat
    zero_weight: Annotated[float, Field(gt=0, le=1)]


class Edges(dict[str, Tensor]):
    """Sparse networks by name, shared by copies of a module: torch cannot copy them."""

    def __deepcopy__(self, _: dict) -> "Edges":
        return self


class Learner(nn.Module):
    """The model with the networks' edges."""

    def __init__(self, job: Job, numbers: Numbers, model: Model):
        super().__init__()
        self.model, self.genes = model, len(job.data.vocabulary)
        self.networks = {
            name: network.either_way[: self.genes, : self.genes]
            for name, network in job.data.networks.items()
        }
        self.edges = Edges((name, neighbours(each)) for name, each in self.networks.items())
        self.register_buffer("weights", numbers.weights(job.labels.sources))

    def pretrain(self, numbers: Numbers, seed: int) -> dict[str, float]:
        """Fit every network's rows; returns the last loss of each."""
        rng, found = np.random.default_rng(seed), {}
        for name, matrix in self.networks.items():
            cell = self.model.cell
            parameters = [*cell.networks[name].parameters(), cell.genes.weight]
            optimizer = torch.optim.Adam(parameters, numbers.pretrain_rate)
            for _ in range(numbers.pretrain_steps):
                rows = torch.from_numpy(rng.choice(self.genes, numbers.pretrain_rows, False))
                predicted = self.model.reconstruction(name, self.edges[name], rows)
                rebuilt = adjacency_rows(matrix, rows)
                loss = reconstruction_loss(predicted, rebuilt, numbers.zero_weight)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                found[name] = float(loss.detach())
        return found

    def predict(self, batch: Batch) -> Float[Tensor, "sets sources"]:
        """z-scores of the sets of a batch."""
        static = self.model.encode(self.edges)
        return self.model.score(static, batch.member, batch.kind, batch.segment, batch.order)

    def losses(self, batch: Batch, _: np.random.Generator) -> Mapping[str, Tensor]:
        """log-cosh of every source, weighted by its records and its weight."""
        z = self.predict(batch)[: len(batch.z)]
        target = batch.target(z)
        return {"interaction": weighted(log_cosh(z, target), target, self.weights)}


def fit(job: Job) -> Fitted:
    """Pre-train, train, and freeze: what ships has the static embeddings as a table."""
    numbers = job.objective
    job.begin()
    torch.manual_seed(job.seed)
    learner = Learner(job, numbers, _model(job))
    # A resumed run takes the weights of its checkpoint in place of these.
    pretrained = learner.pretrain(numbers, job.seed)
    history = learn(job, learner, numbers.plan())
    learner.eval()
    frozen = learner.model.freeze(learner.edges)
    told = {
        "pretraining": pretrained,
        "parameters_trained": sum(p.numel() for p in learner.model.parameters()),
        "networks": list(learner.networks),
    }
    return Fitted(frozen, frozen.config, history, told=told)


def _model(job: Job) -> Model:
    model = Model(job.config())
    model.source_scale.copy_(torch.from_numpy(job.labels.scale.astype(np.float32)))
    model.single_fitness.copy_(torch.from_numpy(job.data.filled_single_fitness))
    return model
