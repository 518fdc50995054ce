"""Figures of a trained model: labels across species, silhouettes, and what macrogenes are like."""

from collections.abc import Mapping

import numpy as np
from sklearn.metrics import accuracy_score, silhouette_score
from torch import nn

from training.cells.embedding import Vectors, vectors
from training.cells.job import Job
from training.cells.macrogenes import effective_rank
from training.cells.validation import Fold, answered
from training.scoring.classes import balanced_accuracy_score

PAIRS = 20_000
"""Pairs of genes of any species whose similarity is compared."""

Weights = Mapping[str, np.ndarray]


def judged(model: nn.Module, job: Job, fold: Fold) -> dict[str, float]:
    """Labels of the fold's validation cells both ways, and how these cells lie."""
    train, valid = vectors(model, job, fold.train), vectors(model, job, fold.valid)
    found = {}
    for way, (own, given) in answered(job.data, job.split, fold, train, valid).items():
        found[f"balanced_accuracy_{way}"] = balanced_accuracy_score(own, given)
        found[f"accuracy_{way}"] = float(accuracy_score(own, given))
    return found | silhouettes(job, fold, valid)


def silhouettes(job: Job, fold: Fold, valid: Vectors) -> dict[str, float]:
    """Of all validation cells by their species and by their type, on cosines."""
    stacked = np.concatenate(list(valid.values()))
    species = np.repeat(list(valid), [len(each) for each in valid.values()])
    types = np.concatenate(
        [job.data.species[name].labels.to_numpy(str)[fold.valid[name]] for name in valid]
    )
    return {
        f"silhouette_{name}": float(silhouette_score(stacked, labels, metric="cosine"))
        for name, labels in (("species", species), ("type", types))
    }


def macrogenes(model: nn.Module, job: Job) -> dict[str, float]:
    """What weights of macrogenes are like when training begins and when it ends.

    `moved` is the mean absolute change of a weight's logarithm.
    """
    end = {species: model.weight(species).detach().numpy() for species in job.seen}
    found = {
        f"moved_{species}": float(np.abs(np.log(end[species] / job.weights[species])).mean())
        for species in end
    }
    for name, weights in (("begin", job.weights), ("end", end)):
        for species, each in weights.items():
            found[f"rank_{species}_{name}"] = effective_rank(each)
        found |= {f"{key}_{name}": each for key, each in similar(job, weights).items()}
    return found


def similar(job: Job, weights: Weights) -> dict[str, float]:
    """How well macrogenes agree with the vectors of genes.

    `agreement` is the correlation, over pairs of genes, of the cosine of their weights with that of
    their vectors, and `disagreement` the mean square of the difference (the loss `agreement`);
    `partners` is the mean cosine of the weights of genes that are partners across species.
    """
    known = [job.vectors.vectors[species][own] for species, own in job.chosen.genes.items()]
    pairs = np.random.default_rng(0).integers(sum(map(len, known)), size=(2, PAIRS))
    vector, weight = (
        _cosines(*np.concatenate(list(each))[pairs]) for each in (known, weights.values())
    )
    partners = zip(weights.values(), job.chosen.partners.T, strict=True)
    return {
        "agreement": float(np.corrcoef(vector, weight)[0, 1]),
        "disagreement": float(np.square(vector - weight).mean()),
        "partners": float(_cosines(*[each[place] for each, place in partners]).mean()),
    }


def _cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of the rows of two matrices."""
    length = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.einsum("nd,nd->n", one, other) / np.maximum(length, 1e-12)
