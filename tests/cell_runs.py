"""A finished run of saturn-toy as training would leave it: 40 human genes and 30 of mouse."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from contracts.cells.species import SPECIES
from contracts.genes.vocabulary import GeneRecord, Vocabulary
from zoo.architectures import saturn

ENTRY = "saturn-toy"
GENES = {"human": 40, "mouse": 30}
CONFIG = {"human_genes": 40, "mouse_genes": 30, "macrogenes": 12, "hidden": 16, "dim": 8}
TEMPERATURE, THRESHOLD, FLOOR = 0.1, 0.4, 0.6
CELLS = 20


def records(species: str) -> list[GeneRecord]:
    """Genes GEN00 or Gen00, each with an Ensembl id; C3 is one of both species.

    GEN01 was called OLD01 and is also known as ALIAS01.
    """
    mark, prefix = ("GEN", "ENSG") if species == "human" else ("Gen", "ENSMUSG")
    names = [f"{mark}{number:02d}" for number in range(GENES[species] - 1)]
    return [
        GeneRecord(
            name,
            ensembl=(f"{prefix}{number:011d}",),
            previous=("OLD01",) if number == 1 else (),
            aliases=("ALIAS01",) if number == 1 else (),
        )
        for number, name in enumerate([*names, "C3"])
    ]


def write(folder: Path) -> Path:
    """The run folder; a gene's weight in a macrogene is above 0 in one of three."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(2)
    rng = np.random.default_rng(3)
    model = saturn.Model(saturn.Config(**CONFIG)).freeze()
    save_tensors(model.state_dict(), folder / "weights.safetensors")
    state = {
        "transfer": np.array([TEMPERATURE, THRESHOLD], np.float32),
        "coverage_floor": np.array([FLOOR], np.float32),
    }
    sample = {}
    for species in SPECIES:
        genes = GENES[species]
        weight = rng.gamma(0.3, 1, (genes, CONFIG["macrogenes"]))
        state[f"{species}_weight"] = weight.astype(np.float16)
        state[f"{species}_center"] = rng.uniform(1, 2, genes).astype(np.float32)
        state[f"{species}_scale"] = rng.uniform(1, 2, genes).astype(np.float32)
        sample[f"{species}_counts"] = rng.poisson(2, (CELLS, genes)).astype(np.float32)
        for each in (state, sample):
            each[f"{species}_mean"] = rng.uniform(2, 4, genes).astype(np.float32)
            each[f"{species}_deviation"] = rng.uniform(1, 2, genes).astype(np.float32)
        Vocabulary.from_records(records(species)).save(folder / f"{species}.tsv.gz")
    save_file(state, folder / "state.safetensors")
    save_file(sample, folder / "cells.safetensors")
    save_file({"train": np.arange(3)}, folder / "split.safetensors")
    (folder / "run.json").write_text(json.dumps(report()))
    return folder


def export(folder: Path) -> None:
    """The entry of a run that is written beside it."""
    from export.package import package

    package(write(folder.with_name("run")), folder)


def report() -> dict:
    """run.json."""
    recipe = {"version": "0.1", "summary": "A toy.", "species": "human, mouse"}
    return {
        "entry": ENTRY,
        "max_steps": None,
        "config": CONFIG | {"frozen": True},
        "recipe": recipe | {"tissue": "none", "weights_licence": "CC0-1.0"},
        "licences": {"toy": "CC0-1.0"},
        "data": {},
        "seed": 1,
        "commit": None,
        "packages": {"torch": torch.__version__},
    }
