"""Training of HeteroCell: how far deletions move the cell's encoding, against their phenotypes.

A model whose changes can be told from neighbours (`Config.compact`) sees the whole graph at every
step, and costs little more for thousands of sets than for one. Any other one encodes every set
over the genes of the step, some sets at a time, and keeps nothing in between for the gradients.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from training.data.cell_graph import CellGraph, cell_graph
from training.data.files import DataFiles
from training.perturbations.batches import Batch
from training.perturbations.features import gene_features
from training.perturbations.fits import Fitted, Job, learn
from training.perturbations.objective import Objective, Phenotype
from zoo.architectures.hetero_cell.blocks import Graph
from zoo.architectures.hetero_cell.deletions import Structure
from zoo.architectures.hetero_cell.model import Model, oversmoothing
from zoo.architectures.hetero_cell.removals import Removals

RIVALS = ("cls_transformer",)
FITNESS = "fitness"
"""The output that estimates single-mutant fitness, beside one for each source."""


class Numbers(Objective):
    """Numbers of a recipe's [objective] beside those of Objective: how the cell is encoded.

    `graph` is "induced", on the genes that a perturbation can name, or "full", with all that
    networks and reactions know besides. So many sets as `chunk` are encoded at once, where there is
    no GPU or the model is not compact. `bfloat16` holds in the head; in the encoder ("all") it
    rounds away what a deletion changes.
    """

    graph: Literal["induced", "full"]
    chunk: PositiveInt = 512
    bfloat16: Literal["nowhere", "head", "all"] = "nowhere"


class Learner(nn.Module):
    """The model with the graph, and what its loss is made of."""

    def __init__(self, job: Job, model: Model, graph: Graph):
        super().__init__()
        self.model, self.graph = model, graph
        self.numbers = job.objective
        self.phenotype = Phenotype(self.numbers, job.labels, job.train)
        self.sources = len(job.labels.sources)
        compact = model.config.compact
        self.structure = Structure.of(graph, model.config) if compact else None
        fitness = job.data.filled_single_fitness
        self.register_buffer("single", torch.from_numpy(fitness.astype(np.float32)))
        self.register_buffer("known", torch.from_numpy(np.isfinite(job.data.single_fitness)))

    def encoded(
        self,
        genes: Int64[Tensor, "genes"],
        member: Int64[Tensor, "members"],
        segment: Int64[Tensor, "members"],
        sets: int,
        hide: Bool[Tensor, "genes"] | None,
    ) -> Float[Tensor, "sets dim"]:
        """z_p of every set; genes of `hide` keep their single fitness to themselves."""
        graph = self._part(genes, hide)
        compact = self.structure is not None and len(genes) == len(self.single)
        if not compact:
            wildtype = self.model.wildtype(graph)

            def change(*asked: Any) -> Tensor:
                return checkpoint(self.model.change, wildtype, graph, *asked, use_reentrant=False)
        else:
            self.structure = self.structure.to(genes.device)
            one = Removals(self.model)
            change = partial(one.change, self.structure, one.stored(self.structure, graph))
        if genes.device.type != "cpu" and compact:
            return change(member, segment, sets)
        parts = []
        for first in range(0, sets, self.numbers.chunk):
            count = min(self.numbers.chunk, sets - first)
            some = (segment >= first) & (segment < first + count)
            parts.append(change(member[some], segment[some] - first, count))
        return torch.cat(parts)

    def answers(
        self, batch: Batch, hide: Bool[Tensor, "genes"] | None = None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """z-scores, what the head saw, and single fitness: of which genes, and as a z-score."""
        own, place = torch.unique(batch.member, return_inverse=True)
        sets, each = len(batch.order), torch.arange(len(own), device=own.device)
        member, segment = torch.cat([batch.member, own]), torch.cat([batch.segment, sets + each])
        with self._rounded("all"):
            z = self.encoded(batch.genes, member, segment, sets + len(own), hide).float()
        alone, wanted = z[sets:], self.model.config.members
        told = self.model.told(z[:sets], alone[place] if wanted else None, batch.segment)
        with self._rounded("head", "all"):
            single = self.model.head(self.model.told(alone, alone if wanted else None, each))
            answer = self.model.head(told)
        return answer[:, : self.sources].float(), told, own, single[:, -1].float()

    def _rounded(self, *where: str) -> torch.autocast:
        """bfloat16 in training, where the recipe wants it."""
        on = self.training and self.numbers.bfloat16 in where
        return torch.autocast(self.single.device.type, torch.bfloat16, enabled=on)

    def predict(self, batch: Batch) -> Float[Tensor, "sets sources"]:
        """z-scores of the sets of a batch, in evaluation."""
        return self.answers(batch)[0]

    def losses(self, batch: Batch, _: np.random.Generator) -> Mapping[str, Tensor]:
        """The weighted terms of one step."""
        known, numbers = self.known[batch.genes], self.numbers
        hide = known & (torch.rand(len(known), device=known.device) < numbers.hidden_fitness)
        z, told, own, estimate = self.answers(batch, hide)
        single = self.single[batch.genes]
        mean, deviation = self.model.fitness_scale
        guess = single.index_copy(0, own, (mean + deviation * estimate).relu())
        terms = self.phenotype(z, told, torch.where(known, single, guess), batch)
        if numbers.estimate_weight:
            asked = hide[own]
            error = estimate - (single[own] - mean) / deviation
            error = torch.where(asked, error, 0.0).square().sum() / asked.sum().clamp(min=1)
            terms["estimate"] = numbers.estimate_weight * error
        return terms

    @torch.no_grad()
    def watched(self) -> dict[str, float]:
        """Mean distance between nodes of a kind, before the first layer and after each."""
        genes = torch.arange(len(self.graph.features), device=self.single.device)
        found = oversmoothing(self.model.wildtype(self._part(genes, None)).states)
        return {
            f"distance_{kind}_{depth}": float(each)
            for kind, depths in found.items()
            for depth, each in enumerate(depths)
        }

    def _part(self, genes: Int64[Tensor, "genes"], hide: Tensor | None) -> Graph:
        """The graph of some genes, or of all."""
        graph = self.graph = Graph(*(None if x is None else x.to(genes.device) for x in self.graph))
        total = len(graph.features)
        whole = len(genes) == len(self.single)
        features = graph.features if whole else graph.features[genes]
        if hide is not None and hide.any():
            features = features.clone()
            rows = hide.nonzero()[:, 0]
            features[rows, 0], features[rows, 1] = 0.0, graph.features[:, 1].min()
        if whole:
            return graph._replace(features=features)
        place = torch.full((total,), -1, device=genes.device)
        place[genes] = torch.arange(len(genes), device=genes.device)

        def kept(edges: Tensor, rows: slice) -> Tensor:
            new = torch.cat([place[edges[rows]], edges[rows.stop :]])
            return new[:, (new[rows] >= 0).all(0)]

        return graph._replace(
            physical=kept(graph.physical, slice(0, 2)),
            regulatory=kept(graph.regulatory, slice(0, 2)),
            gene_reaction=kept(graph.gene_reaction, slice(0, 1)),
            features=features,
            present=genes,
        )


def fit(job: Job) -> Fitted:
    """Train by the recipe, and freeze: what ships has the graph and the wildtype inside."""
    numbers = job.objective
    job.begin()
    cell = cell_graph(job.data, DataFiles.find(None))
    known = gene_features(job.data, job.data.records.take(job.train))
    graph = graph_of(cell, known.standardised, numbers.graph)
    torch.manual_seed(job.seed)
    model = _model(job, cell, graph, known.names)
    learner = Learner(job, model, graph)
    history = learn(job, learner, numbers.plan(numbers.genes))
    estimated = numbers.estimate_weight > 0  # else that output was not trained
    single = job.data.single_fitness if estimated else job.data.filled_single_fitness
    single = torch.from_numpy(single.astype(np.float32))
    frozen = model.eval().freeze(Graph(*(x if x is None else x.cpu() for x in graph)), single)
    told = {
        "graph": numbers.graph,
        "features": list(known.names),
        "parameters_trained": sum(p.numel() for p in model.parameters()),
    }
    names = {"reactions": list(cell.reaction_nodes), "metabolites": list(cell.metabolites)}
    return Fitted(frozen, frozen.config, history, told=told, files={"nodes.json": names})


def graph_of(
    cell: CellGraph, features: Float[np.ndarray, "vocabulary features"], which: str
) -> Graph:
    """The graph as a model takes it: of the vocabulary's genes alone, or with all others.

    A reaction stays where some of its genes are left out: those are never deleted.
    """
    genes = cell.in_vocabulary if which == "induced" else len(cell.genes)

    def inside(edges: Int64[np.ndarray, "2 edges"], rows: int) -> Tensor:
        return torch.from_numpy(edges[:, (edges[:rows] < genes).all(0)])

    told = np.zeros((genes, features.shape[1]), np.float16)  # enough for z-scores of features
    told[:, 1] = features[:, 1].min()
    told[: len(features)] = features
    return Graph(
        physical=inside(cell.physical, 2),
        regulatory=inside(cell.regulatory, 2),
        gene_reaction=inside(cell.gene_reaction, 1),
        stoichiometry=torch.from_numpy(cell.stoichiometry),
        coefficient=torch.from_numpy(cell.coefficient.astype(np.float32)),
        features=torch.from_numpy(told.astype(np.float32)),
    )


def _model(job: Job, cell: CellGraph, graph: Graph, names: tuple[str, ...]) -> Model:
    """The recipe's model, with its scales filled."""
    labels = job.labels
    assert graph.features is not None
    config = job.config(
        genes_total=len(graph.features),
        reactions_total=len(cell.reaction_nodes),
        metabolites_total=len(cell.metabolites),
        outputs=(*labels.sources, FITNESS),
        features=names,
    )
    model = Model(config)
    filled = job.data.filled_single_fitness
    single = torch.tensor([float(filled.mean()), float(filled.std())])
    model.source_scale.copy_(torch.cat([torch.from_numpy(labels.scale).float(), single[None]]))
    model.fitness_scale.copy_(single)
    return model
