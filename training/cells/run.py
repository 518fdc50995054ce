"""From a recipe to a run folder: two trainings on folds to calibrate, and one on all donors."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file
from torch import nn

from contracts.cells.task import weight_of
from contracts.genes.vocabulary import Vocabulary
from training import provenance, run
from training.begin import Options, begin
from training.cells import coverage
from training.cells.calibrate import Calibration, calibrate, scores
from training.cells.embedding import vectors
from training.cells.job import Job
from training.cells.macrogenes import effective_rank
from training.cells.stage_one import FILE as STAGE_ONE
from training.cells.validation import Fold, folds
from training.loop import History
from training.recipe import Recipe
from training.stages import run as stages
from training.stages import store
from zoo.cells.state import (
    COVERAGE_FLOOR,
    FILES,
    TRANSFER,
    center_of,
    deviation_of,
    mean_of,
    scale_of,
)
from zoo.entry import STATE

CELLS = "cells.safetensors"
SAMPLE = 32
"""Cells of each species that golden vectors are made of."""
FOLD = "fold{}"


def train(chosen: Recipe, options: Options) -> dict[str, Any]:
    """Train by a recipe and write the run folder; returns what stands in run.json.

    A training on each validation fold comes first: they fix the confidence of labels and the
    coverage that a matrix must have, and give the figures of `best`. Raises UnfitOptions for a
    folder that holds another run; InvalidRecipe; MissingData, CorruptArtefact, LowCoverage for
    unfit data; Diverged for losses that are not finite.
    """
    started = time.perf_counter()
    job = Job.open(chosen, options)
    about = job.vectors.about  # A file that cannot be used is told before a former run is gone.
    inner = folds(job.data, job.split)
    names = [FOLD.format(number) for number in range(len(inner))]
    begin(chosen, job.split, job.seed, options, names)
    trained = [
        (*_fold(job.on(fold.train, name)), fold) for name, fold in zip(names, inner, strict=True)
    ]
    cases = [case for each in trained for case in _cases(*each)]
    judged = coverage.judgements(trained, job.seed)
    limits, accuracy, figures = calibrate(cases), coverage.curve(judged), judged["1.0"]
    model, history = fit(job)
    shipped, state = _shipped(job, model, limits, coverage.floor(accuracy))
    report = provenance.report(chosen, job.seed, options, job.data, shipped, started)
    report |= job.split.about | {
        "config": shipped.config.model_dump(mode="json"),
        "sizes": job.sizes,
        "history": history,
        "best": {name: float(np.mean([each[name] for each in figures])) for name in figures[0]},
        "folds": figures,
        "calibration": limits._asdict(),
        "coverage_curve": accuracy,
        "gene_vectors": about,
        "partner_genes": len(job.chosen.partners),
        "partner_types": job.partners,
        "effective_rank": {s: effective_rank(state[weight_of(s)]) for s in job.seen},
    }
    _write(job, shipped, report, state)
    return report


def fit(job: Job) -> tuple[nn.Module, History]:
    """Train in the recipe's stages on the job's cells; the run was begun."""
    prepared = job.fit.ready(job)
    return stages.run(
        job.recipe,
        job.split,
        job.seed,
        job.options,
        lambda stage, recipe: job.fit.task(job, prepared, stage, recipe),
        job.fit.LOSSES,
    )


def _fold(job: Job) -> tuple[nn.Module, Job]:
    begin(job.recipe, job.split, job.seed, job.options)
    return fit(job)[0], job


def _cases(model: nn.Module, job: Job, fold: Fold) -> list[Any]:
    """Cosines of a fold's cells with the types of the other species, both ways."""
    train, valid = vectors(model, job, fold.train), vectors(model, job, fold.valid)
    labels = {species: one.labels for species, one in job.data.species.items()}
    return [
        scores(
            train[one],
            labels[one].iloc[fold.train[one]].tolist(),
            valid[other],
            labels[other].iloc[fold.valid[other]].tolist(),
        )
        for one in train
        for other in valid
        if one != other
    ]


def _shipped(
    job: Job, model: nn.Module, limits: Calibration, floor: float
) -> tuple[nn.Module, dict[str, np.ndarray]]:
    """The encoder alone, and the state: macrogenes, statistics of training and limits."""
    state = {
        TRANSFER: np.array(limits, np.float32),
        COVERAGE_FLOOR: np.array([floor], np.float32),
    }
    for species in job.seen:
        weight = model.weight(species).detach().numpy()
        state[weight_of(species)] = weight.astype(np.float16)
        standard = job.standards[species]
        state[mean_of(species)] = standard.trained.mean.astype(np.float32)
        state[deviation_of(species)] = standard.trained.deviation.astype(np.float32)
        state[center_of(species)] = standard.center.astype(np.float32)
        state[scale_of(species)] = standard.scale.astype(np.float32)
    return model.freeze(), state


def _write(
    job: Job, shipped: nn.Module, report: Mapping[str, Any], state: Mapping[str, np.ndarray]
) -> None:
    vocabularies = {
        FILES[species]: Vocabulary.from_records(
            job.data.species[species].records[gene] for gene in used.tolist()
        )
        for species, used in job.chosen.genes.items()
    }
    tables = {STATE: state, CELLS: _sample(job)}
    run.write(job.options.folder, report, shipped, job.split, vocabularies, tables, {})
    _write_stage_one(job, job.options.folder)


def _sample(job: Job) -> dict[str, np.ndarray]:
    """Some cells of training with its statistics, for golden vectors."""
    rng, sample = np.random.default_rng(job.split.seed), {}
    for species, seen in job.seen.items():
        rows = rng.choice(seen, min(SAMPLE, len(seen)), replace=False)
        sample[f"{species}_counts"] = job.counts(species, rows)
        standard = job.standards[species]
        given = standard.inputs(standard.trained, standard.trained.present)
        sample |= {f"{species}_{name}": one for name, one in given.items()}
    return sample


def _write_stage_one(job: Job, folder: Path) -> None:
    """Put what ships of the first of several stages beside the run, in half precision."""
    (folder / STAGE_ONE).unlink(missing_ok=True)
    if len(job.recipe.stages) < 2:
        return
    first, second = job.recipe.stages[:2]
    handed = load_file(store.path(folder, first.name))
    tensors = {
        name.removeprefix("encoder."): each
        for name, each in handed.items()
        if name.startswith("encoder.")
    }
    if "log_weight" not in second.freezes:
        tensors |= {
            weight_of(species): np.exp(handed[f"log_weight.{species}"]).astype(np.float16)
            for species in job.seen
        }
    save_file(tensors, folder / STAGE_ONE)
