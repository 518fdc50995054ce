"""Vectors of cells by a model in training, as its entry will make them."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Bool, Float32
from torch import nn
from torch.nn import functional

from training.cells.job import Job
from training.cells.validation import Cells, Fold, figures

Vectors = Mapping[str, Float32[np.ndarray, "_ dim"]]


def vectors(
    model: nn.Module,
    job: Job,
    cells: Cells,
    there: Mapping[str, Bool[np.ndarray, "_"]] | None = None,
) -> Vectors:
    """Unit vectors of cells by species; with `over_cells` of [objective] standardised over these.

    Genes that are not `there` are at their mean in training.
    """
    made = {}
    model.eval()
    for species, rows in cells.items():
        present = None if there is None else there[species]
        values = job.inputs(species, job.counts(species, rows), job.numbers.over_cells, present)
        levels = torch.from_numpy(values)
        with torch.inference_mode():
            made[species] = functional.normalize(
                model.encoder(levels, model.weight(species)), dim=1
            ).numpy()
    return made


def judged(
    model: nn.Module, job: Job, fold: Fold, there: Mapping[str, Bool[np.ndarray, "_"]]
) -> dict[str, float]:
    """The figures of a fold; `there` says which genes the cells that are asked about have."""
    train, valid = vectors(model, job, fold.train), vectors(model, job, fold.valid, there)
    return figures(job.data, job.split, fold, train, valid)
