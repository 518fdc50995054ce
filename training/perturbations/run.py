"""One training over perturbation sets, from its recipe to a run folder that an export takes."""

import time
from typing import Any

import numpy as np

from contracts.genes.vocabulary import FILENAME as VOCABULARY
from contracts.sets.kinds import ABSENT, KINDS
from training import loop, provenance, run
from training.begin import Options
from training.perturbations import fits
from training.perturbations.fits import Fitted, Job
from training.perturbations.split import PARTS
from training.recipe import Recipe
from zoo.entry import STATE

SETS = "sets.safetensors"
MEMBERS_LIMIT = 64
SAMPLE = 64


def train(chosen: Recipe, options: Options) -> dict[str, Any]:
    """Train by a recipe and write the run folder; returns what stands in run.json.

    The folder gets run.json, weights.safetensors, split.safetensors, state.safetensors (training
    records of every gene and kind, and which single mutants were measured), sets.safetensors (a
    sample for golden vectors), the vocabulary and what else its architecture names. Raises
    UnfitOptions for a folder that holds another run; MissingData, CorruptArtefact, LowCoverage for
    unfit data; Diverged for a network whose predictions are not finite.
    """
    started = time.perf_counter()
    job = Job.open(chosen, options)
    data, labels = job.data, job.labels
    fitted = fits.fit(job)
    told = fitted.told | fits.tell(job, fitted)
    report = provenance.report(chosen, job.seed, options, data, fitted.model, started)
    report |= job.split.about | {
        "config": fitted.config.model_dump(mode="json"),
        "sizes": {"genes_total": len(data.vocabulary), "members_limit": MEMBERS_LIMIT},
        "records": _records(job),
        "scale": dict(zip(labels.sources, labels.scale.tolist(), strict=True)),
        "history": fitted.history,
        "best": loop.best(fitted.history),
        "calibration": None,
    }
    report["sizes"] |= fitted.sizes
    write(job, fitted, report | told)
    return report | told


def _records(job: Job) -> dict[str, dict[str, int]]:
    """Records of every source in every part."""
    source = job.data.records.source
    return {
        str(name): {
            part: int(((job.split.part == number) & (source == name)).sum())
            for number, part in enumerate(PARTS)
        }
        for name in np.unique(source)
    }


def write(job: Job, fitted: Fitted, report: dict[str, Any]) -> None:
    """Write the run, with what training has seen and a sample of sets."""
    train = job.data.records.take(job.train)
    members = train.members[train.members >= 0]
    kinds = np.zeros(len(KINDS), np.int32)
    kinds[ABSENT] = len(members)
    state = {
        "gene_records": np.bincount(members, minlength=len(job.data.vocabulary)).astype(np.int32),
        "kind_records": kinds,
        "single_measured": np.isfinite(job.data.single_fitness).astype(np.uint8),
    }
    tables = {STATE: state | fitted.state, SETS: _sample(job)}
    vocabularies, folder = {VOCABULARY: job.data.vocabulary}, job.options.folder
    run.write(folder, report, fitted.model, job.split, vocabularies, tables, fitted.files)


def _sample(job: Job) -> dict[str, np.ndarray]:
    """Validation sets of every order, without labels, for golden vectors."""
    rng = np.random.default_rng(job.split.seed)
    records = job.data.records.take(job.split.rows(job.data, "valid"))
    rows = np.concatenate(
        [
            rng.choice(each, min(SAMPLE, len(each)), replace=False)
            for order in np.unique(records.order)
            if len(each := np.flatnonzero(records.order == order))
        ]
    )
    members = records.members[rows]
    flat = members[members >= 0]
    return {"member": flat, "kind": np.full(len(flat), ABSENT), "order": records.order[rows]}
