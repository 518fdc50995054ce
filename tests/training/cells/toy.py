"""A small recipe of SATURN on planted cells, whose genes have ids, former names and GO terms."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from torch import nn

from contracts.genes.vocabulary import GeneRecord
from tests.training.cells import planted
from training import recipe
from training.begin import Options, begin
from training.cells import run
from training.cells.job import Job
from training.cells.split import make_split
from training.data.cells import CellData
from training.loop import History
from training.recipe import Recipe

ENTRY = "saturn-planted"
TERMS = 6
PREFIX = {"human": "ENSG", "mouse": "ENSMUSG"}
CONTENT: dict[str, Any] = {
    "entry": ENTRY,
    "version": "0.1",
    "summary": "A toy.",
    "species": "human, mouse",
    "tissue": "none",
    "dataset": "planted",
    "split_seed": 0,
    "seed": 3,
    "weights_licence": "CC0-1.0",
    "model": {"macrogenes": 10, "hidden": 12, "dim": 6, "dropout": 0.1},
    "objective": {
        "gene_vectors": "orthologs",
        "genes": 32,
        "paired_genes": 24,
        "least_cells": 3,
        "least_similarity": 0.25,
        "margin": 0.2,
        "of_type": 0,
    },
    "fit": {
        "max_epochs": 2,
        "patience": 2,
        "batch_size": 64,
        "learning_rate": 0.005,
        "weight_decay": 0.0,
        "gradient_clip": 1.0,
    },
    "stages": [
        {"name": "reconstruction", "losses": {"zinb": 1.0}, "monitored": False},
        {
            "name": "alignment",
            "losses": {"triplet": 1.0},
            "freezes": ["log_weight"],
            "monitored": False,
            "objective": {"of_type": 4},
        },
    ],
}


@cache
def data() -> CellData:
    """Planted cells; a gene has a former name OLDn, an Ensembl id, and up to three terms."""
    plain, rng = planted.data(), np.random.default_rng(5)
    species = {}
    for name, one in plain.species.items():
        records = tuple(
            GeneRecord(
                symbol, ensembl=(f"{PREFIX[name]}{number:011d}",), previous=(f"OLD{symbol}",)
            )
            for number, symbol in enumerate(one.genes)
        )
        terms = sparse.csr_array(rng.random((len(one.genes), TERMS)) < 0.3, dtype=np.float32)
        species[name] = replace(one, records=records, terms=terms)
    return replace(plain, species=species, term_names=tuple(f"GO:{n}" for n in range(TERMS)))


def chosen(**tables: Any) -> Recipe:
    """The recipe with other values in its tables, or other stages."""
    content = {
        name: value | tables.get(name, {}) if isinstance(value, Mapping) else value
        for name, value in CONTENT.items()
    }
    return recipe.build(content | {"stages": tables.get("stages", CONTENT["stages"])}, "toy.toml")


def job(
    folder: Path = Path("nowhere"), wanted: Recipe | None = None, cells: CellData | None = None
) -> Job:
    """A job on the training donors."""
    cells, wanted = cells or data(), wanted or chosen()
    split = make_split(cells)
    seen = {species: split.cells(cells, species, "train") for species in cells.species}
    return Job(wanted, cells, split, seen, wanted.seed, Options(folder, progress=False))


def fitted(
    folder: Path, wanted: Recipe | None = None, cells: CellData | None = None
) -> tuple[nn.Module, History]:
    """Train on the training donors alone."""
    made = job(folder, wanted, cells)
    begin(made.recipe, made.split, made.seed, made.options)
    return run.fit(made)
