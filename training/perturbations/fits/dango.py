"""Training of DANGO: each network's GNN reconstructs its adjacency, then all learn the phenotypes.

Zhang, Ma and Ma 2020 (see zoo.architectures.dango): a stage that pre-trains the networks, then
log-cosh of the sets' scores. The networks are those of the data set.
"""

from collections.abc import Collection, Mapping
from typing import Annotated

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field, PositiveInt
from scipy.sparse import csr_array
from torch import Tensor, nn

from training.losses.graph import adjacency_rows, neighbours, reconstruction_loss
from training.losses.regression import log_cosh, weighted
from training.perturbations.batches import Batch, Plan
from training.perturbations.fits import Fitted, Job, learn_stages
from training.perturbations.objective import Drawn
from training.stages.stage import Stage
from zoo.architectures.dango import Model

SIMPLE = True
LOSSES = ("reconstruction", "interaction")


class Numbers(Drawn):
    """Numbers of a recipe's [objective] beside those of Drawn.

    The loss `reconstruction` is of `pretrain_rows` adjacency rows of every network at a step,
    entries without an edge at `zero_weight`.
    """

    pretrain_rows: PositiveInt
    zero_weight: Annotated[float, Field(gt=0, le=1)]


class Edges(dict[str, Tensor]):
    """Sparse networks by name, shared by copies of a module: torch cannot copy them."""

    def __deepcopy__(self, _: dict) -> "Edges":
        return self


class Learner(nn.Module):
    """The model with the networks, and which losses are wanted of it."""

    def __init__(
        self,
        job: Job,
        networks: Mapping[str, csr_array],
        edges: Mapping[str, Tensor],
        losses: Collection[str],
    ):
        super().__init__()
        self.model, self.numbers = _model(job), job.objective
        self.networks, self.edges, self.names = networks, edges, tuple(losses)
        self.register_buffer("weights", self.numbers.weights(job.labels.sources))
        self.rebuilt: dict[str, float] = {}

    def watched(self) -> dict[str, float]:
        """The last loss of every network, where they are reconstructed."""
        return self.rebuilt

    def _reconstruction(self, rng: np.random.Generator) -> Float[Tensor, ""]:
        """The sum over the networks of what their rows are missed by."""
        numbers, total = self.numbers, []
        for name, matrix in self.networks.items():
            rows = torch.from_numpy(rng.choice(matrix.shape[0], numbers.pretrain_rows, False))
            predicted = self.model.reconstruction(name, self.edges[name], rows)
            rebuilt = adjacency_rows(matrix, rows).to(predicted)
            loss = reconstruction_loss(predicted, rebuilt, numbers.zero_weight)
            self.rebuilt[f"reconstruction/{name}"] = float(loss.detach())
            total.append(loss)
        return torch.stack(total).sum()

    def predict(self, batch: Batch) -> Float[Tensor, "sets sources"]:
        """z-scores of the sets of a batch."""
        static = self.model.encode(self.edges)
        return self.model.score(static, batch.member, batch.kind, batch.segment, batch.order)

    def _interaction(self, batch: Batch) -> Float[Tensor, ""]:
        """log-cosh of every source, weighted by its records and its weight."""
        z = self.predict(batch)[: len(batch.z)]
        target = batch.target(z)
        return weighted(log_cosh(z, target), target, self.weights)

    def losses(self, batch: Batch, rng: np.random.Generator) -> Mapping[str, Tensor]:
        """What is wanted of reconstruction and interaction."""
        made = {
            "reconstruction": lambda: self._reconstruction(rng),
            "interaction": lambda: self._interaction(batch),
        }
        return {name: made[name]() for name in self.names}


def fit(job: Job) -> Fitted:
    """Train in stages and freeze: what ships has the static embeddings as a table."""
    job.begin()
    genes = len(job.data.vocabulary)
    networks = {
        name: network.either_way[:genes, :genes] for name, network in job.data.networks.items()
    }
    edges = Edges((name, neighbours(each)) for name, each in networks.items())

    def make(job: Job, stage: Stage) -> tuple[Learner, Plan]:
        return Learner(job, networks, edges, stage.losses), job.objective.plan()

    model, history = learn_stages(job, make, LOSSES)
    frozen = model.eval().freeze(edges)
    told = {
        "parameters_trained": sum(p.numel() for p in model.parameters()),
        "networks": list(networks),
    }
    return Fitted(frozen, frozen.config, history, told=told)


def _model(job: Job) -> Model:
    model = Model(job.config())
    model.source_scale.copy_(torch.from_numpy(job.labels.scale.astype(np.float32)))
    model.single_fitness.copy_(torch.from_numpy(job.data.filled_single_fitness))
    return model
