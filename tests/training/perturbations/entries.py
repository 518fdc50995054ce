"""Two exported entries of the planted data: the multiplicative model, and weights of every gene."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

import training.data
from contracts.genes.vocabulary import FILENAME
from export.package import package
from tests.shared import once
from tests.training.perturbations import planted
from training.perturbations.baselines import Context
from training.perturbations.split import PARTS
from zoo.architectures import multiplicative, ridge

MULTIPLICATIVE, RIDGE = "multiplicative-planted", "ridge-planted"
ENTRIES = (MULTIPLICATIVE, RIDGE)
ATTENTION = {
    "with": {"physical": {"auroc": 0.8124, "kl": 0.4321, "uniform_kl": 3.0987, "genes": 40}},
    "without": {"physical": {"auroc": 0.5512, "kl": 2.3456, "uniform_kl": 3.0987, "genes": 40}},
}
BEST = {"epoch": 4, "valid": 0.6123, "one_new_valid": 0.5234, "monitor": 0.56785}
PLAIN = {"best": {"epoch": 6, "valid": 0.5987, "one_new_valid": 0.5321, "monitor": 0.5654}}

ATTENDED = {"attention": ATTENTION, "best": BEST, "without_graphs": PLAIN}


def put_in_place(patch: pytest.MonkeyPatch) -> None:
    """Let the code under test find the planted data."""
    found = {"planted": planted.data()}
    patch.setattr(training.data, "load", lambda name, root=None: found[name])


def folder(scratch: Path) -> Path:
    """A folder with both entries, exported; not to be changed."""
    return once(scratch, _export)


def _export(folder: Path) -> None:
    for entry in ENTRIES:
        package(_run(entry, folder / "runs" / entry), folder / entry)


def _run(entry: str, run: Path) -> Path:
    """A finished run as training would leave it."""
    run.mkdir(parents=True)
    context = Context(planted.data(), planted.split())
    model = {MULTIPLICATIVE: multiplicative, RIDGE: ridge}[entry].Model
    config = {MULTIPLICATIVE: multiplicative, RIDGE: ridge}[entry].Config(genes_total=planted.GENES)
    tensors = {"single_fitness": torch.from_numpy(context.single).float()}
    if entry == RIDGE:
        tensors["weight"] = torch.from_numpy(np.stack([planted.WEIGHT, planted.WEIGHT / 10]))
        tensors["offset"] = torch.zeros(2)
    save_tensors({n: t.float() for n, t in tensors.items()}, run / "weights.safetensors")
    model(config).load_state_dict(tensors, strict=True)
    members = context.train.members
    records = np.bincount(members[members >= 0], minlength=planted.GENES).astype(np.int32)
    kinds = np.array([records.sum(), 0, 0, 0], np.int32)
    measured = np.isfinite(planted.data().single_fitness).astype(np.uint8)
    state = {"gene_records": records, "kind_records": kinds, "single_measured": measured}
    save_file(state, run / "state.safetensors")
    some = context.part("valid").members[:20]
    sample = {"member": some[some >= 0], "order": (some >= 0).sum(1)}
    sample["kind"] = np.zeros_like(sample["member"])
    save_file(sample, run / "sets.safetensors")
    planted.split().save(run / "split.safetensors")
    planted.data().vocabulary.save(run / FILENAME)
    (run / "run.json").write_text(json.dumps(_report(entry)))
    return run


def _report(entry: str) -> dict:
    data, split = planted.data(), planted.split()
    return {
        "entry": entry,
        "max_steps": None,
        "config": {"genes_total": planted.GENES},
        "sizes": {"genes_total": planted.GENES, "members_limit": 8},
        "recipe": {
            "version": "1.0",
            "summary": "A planted entry.",
            "species": "yeast",
            "tissue": "whole cell",
            "dataset": "planted",
            "weights_licence": "CC0-1.0",
            "changes": {"1.0": "first release"},
        },
        "split": {name: int((split.part == i).sum()) for i, name in enumerate(PARTS)},
        "coverage": data.coverage,
        "description": data.description,
        "licences": data.licences,
        "data": {},
        "seed": 1,
        "seconds": 0.5,
        "parameters": 150,
        "history": [],
        "commit": None,
        "packages": {"torch": torch.__version__},
        **(ATTENDED if entry == RIDGE else {"best": None}),
    }
