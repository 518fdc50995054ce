"""Every variant of the recipe from five seeds on both folds inside of the training donors.

zoo reproduce two-stage --measure --fold 0     # and another process with --fold 1

A record a training goes to results/runs.jsonl; what the recipe as it is has made is not made again.
Variants that have the first stage of the shipped recipe share it, and so does `reused`, which takes
that of the other fold. No cell of a test donor is looked at.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import torch
from torch import nn

import figures
import results
from results import REUSED, SHIPPED, Record
from training import data as datasets
from training.begin import Options
from training.cells import vectors
from training.cells.batches import CellBatches
from training.cells.fits.saturn import LOSSES, Learner
from training.cells.genes import Chosen, choose
from training.cells.job import Job
from training.cells.split import make_split
from training.cells.validation import Fold, folds
from training.cells.vectors import GeneVectors
from training.data.cells import CellData
from training.loop import History
from training.recipe import Recipe
from training.stages import run as stages
from training.stages import store
from training.stages.stage import Stage
from watch import Watch

FIRST = "first"
PAIRING = {"mutual", "margin", "least_cells", "least_similarity"}
"""Numbers of [objective] that a stage without triplets does not read."""


@dataclass(frozen=True)
class Training:
    """One variant from one seed on one fold."""

    variant: str
    seed: int
    fold: int

    @property
    def recipe(self) -> Recipe:
        """What it is trained by."""
        return results.recipe_of(self.variant, self.seed)

    @property
    def first(self) -> "Training":
        """The training that makes its first stage."""
        return Training(FIRST, self.seed, 1 - self.fold if self.variant == REUSED else self.fold)

    @property
    def name(self) -> str:
        """Its run folder."""
        return f"{self.variant}-seed{self.seed}-fold{self.fold}"


def planned(
    only: Iterable[str] = (), seeds: int = results.SEEDS, fold: int | None = None
) -> list[Training]:
    """All trainings, or those of some variants, of fewer seeds, of one fold; `reused` last."""
    chosen = [name for name in results.variants() if not only or name in only]
    numbers = range(results.FOLDS) if fold is None else (fold,)
    every = [Training(v, s, n) for s in range(seeds) for v in chosen for n in numbers]
    return sorted(every, key=lambda each: each.variant == REUSED)


def measure(folder: Path, runs: Path, trainings: Iterable[Training]) -> Iterator[Training]:
    """Run the trainings that have no record yet; yields each when it is done."""
    torch.set_num_threads(1)
    for each in trainings:
        done = {(r["variant"], r["seed"], r["fold"]) for r in results.read(folder)}
        if (each.variant, each.seed, each.fold) not in done:
            results.append(folder, run(each, runs))
            yield each


def run(training: Training, runs: Path) -> Record:
    """The record of a training; what it leaves in `runs` is taken away, but for first stages."""
    folder, fold = runs / training.name, inner()[training.fold]
    shutil.rmtree(folder, ignore_errors=True)
    job = prepared(training, training.recipe, folder)
    model, history = trained(job, training, runs)
    found = figures.judged(model, job, fold) | figures.macrogenes(model, job)
    right = sum(one == other for one, other in job.partners)
    found |= {"types_matched": len(job.partners), "types_matched_right": right}
    shutil.rmtree(folder)
    return {
        "variant": training.variant,
        "seed": training.seed,
        "fold": training.fold,
        "recipe": results.digest(training.variant),
        "cells": job.split.digest,
        "figures": found,
        "losses": losses(history),
        "looks": looks(history),
    }


def trained(job: Job, training: Training, runs: Path) -> tuple[nn.Module, History]:
    """Train on a fold, after the first stage of the shipped recipe where it begins with that."""
    first, folder = job.recipe.stages[0], job.options.folder
    shipped = results.recipe_of(SHIPPED, training.seed)
    if first_of(job.recipe) != first_of(shipped):
        return run_stages(job, training)
    shared = store.path(runs / training.first.name, first.name)
    if not shared.is_file():
        alone = shipped.model_copy(update={"stages": shipped.stages[:1]})
        run_stages(prepared(training.first, alone, shared.parent), training.first)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(shared, folder)
    if len(job.recipe.stages) > 1:
        return run_stages(job, training, job.recipe.stages[1].name)
    weights, history = store.load(folder, first.name)
    model = job.fit.task(job, job.fit.ready(job), first, job.recipe.at(first.name))[0].model
    model.load_state_dict(model.state_dict() | weights)
    return model, history


def run_stages(
    job: Job, training: Training, from_stage: str | None = None
) -> tuple[nn.Module, History]:
    """Run the stages of the job's recipe, and look at each."""
    cells, valid = job.fit.ready(job), inner()[training.fold].valid

    def make(stage: Stage, numbers: Recipe) -> tuple[Learner, CellBatches]:
        task, batches = job.fit.task(job, cells, stage, numbers)
        look = Watch(job, valid).look
        task.watched = lambda: look(task)
        return task, batches

    options = replace(job.options, from_stage=from_stage)
    return stages.run(job.recipe, job.split, job.seed, options, make, LOSSES)


def first_of(recipe: Recipe) -> tuple:
    """All that the first stage of a recipe follows from."""
    stage = recipe.at(recipe.stages[0].name).stages[0]
    objective = {name: each for name, each in stage.objective.items() if name not in PAIRING}
    return recipe.model, recipe.seed, stage.model_copy(update={"objective": objective})


@cache
def opened() -> CellData:
    """The data of the recipe."""
    return datasets.load(results.recipe_of(SHIPPED).dataset)


@cache
def inner() -> tuple[Fold, ...]:
    """The folds inside of the training donors."""
    return folds(opened(), make_split(opened(), results.recipe_of(SHIPPED).split_seed))


def prepared(training: Training, recipe: Recipe, folder: Path) -> Job:
    """A training on its fold. Genes and macrogenes are those of the fold of its first stage."""
    split, seen = make_split(opened(), recipe.split_seed), inner()[training.fold].train
    job = Job(recipe, opened(), split, seen, recipe.seed, Options(folder, progress=False))
    numbers = job.numbers
    seed = recipe.seed if numbers.gene_vectors == "random" else 0  # no other kind draws anything
    known = gene_vectors(numbers.gene_vectors, seed)
    chosen = chosen_genes(known, numbers.genes, numbers.paired_genes, training.first.fold)
    vars(job).update(vectors=known, chosen=chosen)  # what it would work out, or another fold's
    return job


@cache
def gene_vectors(kind: str, seed: int) -> GeneVectors:
    """Gene vectors of all genes of the data."""
    return vectors.make(kind, opened(), seed)


@cache
def chosen_genes(known: GeneVectors, genes: int, paired: int, fold: int) -> Chosen:
    """The genes that the cells of a fold choose."""
    return choose(opened(), inner()[fold].train, known, genes, paired)


def losses(history: History) -> dict[str, dict[str, list[float]]]:
    """By stage every loss of every epoch."""
    stages = dict.fromkeys(row["stage"] for row in history)
    rows = {stage: [row for row in history if row["stage"] == stage] for stage in stages}
    return {stage: columns(rows[stage], lambda name: name in (*LOSSES, "loss")) for stage in rows}


def looks(history: History) -> dict[str, list]:
    """The epochs that were looked at."""
    seen = [row for row in history if "seconds" in row]
    return columns(seen, lambda name: name not in (*LOSSES, "loss"))


def columns(rows: History, wanted: Callable[[str], bool]) -> dict[str, list]:
    """A list a wanted figure; None where a row has none."""
    names = dict.fromkeys(name for row in rows for name in row if wanted(name))
    return {name: [row.get(name) for row in rows] for name in names}
