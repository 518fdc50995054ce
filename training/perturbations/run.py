"""One training over perturbation sets, from its recipe to a run folder that an export takes."""

import json
import time
from pathlib import Path
from typing import Any

import lightning
import numpy as np
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from contracts.genes.vocabulary import FILENAME as VOCABULARY
from contracts.perturbations.kinds import ABSENT, KINDS
from training import loop, provenance
from training.begin import RUN, Options
from training.data.perturbations import PerturbationData
from training.perturbations import fits
from training.perturbations.fits import Fitted, Job
from training.perturbations.split import PARTS
from training.recipe import Recipe
from zoo.entry import STATE
from zoo.runtime.torch import WEIGHTS

SPLIT, SETS = "split.safetensors", "sets.safetensors"
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
    data, split, labels = job.data, job.split, job.labels
    lightning.seed_everything(job.seed, verbose=False)
    fitted = fits.fit(job)
    told = fitted.told | fits.tell(job, fitted)
    report = (
        provenance.report(chosen, job.seed, options, data, fitted.model, started)
        | {
            "config": fitted.config,
            "sizes": _sizes(data, fitted),
            "split": {name: int((split.part == i).sum()) for i, name in enumerate(PARTS)},
            "records": _records(job),
            "records_digest": split.records_digest,
            "scale": dict(zip(labels.sources, labels.scale.tolist(), strict=True)),
            "history": fitted.history,
            "best": max(fitted.history, key=lambda r: r[loop.MONITOR]) if fitted.history else None,
            "calibration": None,
        }
        | told
    )
    _write(options.folder, fitted, job, report)
    return report


def _sizes(data: PerturbationData, fitted: Fitted) -> dict[str, int]:
    return {
        "genes_total": len(data.vocabulary),
        "members_limit": MEMBERS_LIMIT,
    } | fitted.sizes


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


def _write(folder: Path, fitted: Fitted, job: Job, report: dict) -> None:
    """Write the run; run.json comes last, so a folder that has it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RUN).unlink(missing_ok=True)
    # Copies: a module that stands in two places is written in both.
    tensors = fitted.model.state_dict()
    weights = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
    save_tensors(weights, folder / WEIGHTS)
    train = job.data.records.take(job.train)
    members = train.members[train.members >= 0]
    kinds = np.zeros(len(KINDS), np.int32)
    kinds[ABSENT] = len(members)
    counts = np.bincount(members, minlength=len(job.data.vocabulary)).astype(np.int32)
    measured = np.isfinite(job.data.single_fitness).astype(np.uint8)
    state = {"gene_records": counts, "kind_records": kinds, "single_measured": measured}
    save_file(state | fitted.state, folder / STATE)
    save_file(_sample(job), folder / SETS)
    job.split.save(folder / SPLIT)
    job.data.vocabulary.save(folder / VOCABULARY)
    for name, content in fitted.files.items():
        (folder / name).write_text(json.dumps(content) + "\n")
    (folder / RUN).write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")


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
