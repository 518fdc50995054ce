"""An entry for planted cells: macrogenes are sums of markers, and no weight was trained."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from contracts.genes.vocabulary import Vocabulary
from tests import cell_runs
from tests.training.cells import planted
from training.cells.split import make_split
from training.cells.stage_one import FILE
from zoo.architectures import saturn
from zoo.cells.statistics import Moments

ENTRY = "saturn-planted"
MACROGENES, TEMPERATURE, THRESHOLD = planted.ORTHOLOGS, 0.05, 0.3


def write(folder: Path) -> Path:
    """The run folder, with an encoder of the first stage that gives all cells one vector."""
    folder.mkdir(parents=True)
    torch.manual_seed(0)
    data = planted.data()
    config = saturn.Config(
        **{f"{species}_genes": genes for species, genes in planted.GENES.items()},
        macrogenes=MACROGENES,
        hidden=64,
        dim=16,
    )
    model = saturn.Model(config).freeze()
    save_tensors(model.state_dict(), folder / "weights.safetensors")
    state = {
        "transfer": np.array([TEMPERATURE, THRESHOLD], np.float32),
        "coverage_floor": np.array([0.5], np.float32),
    }
    groups = planted.ORTHOLOGS // planted.MARKERS
    of_ortholog = np.kron(np.eye(groups), np.ones((planted.MARKERS, planted.MARKERS)))
    sample: dict[str, np.ndarray] = {}
    for species, one in data.species.items():
        weight = np.zeros((len(one.genes), MACROGENES))
        weight[data.orthologs[species]] = of_ortholog
        counts = one.counts.toarray()
        moments = Moments(len(one.genes))
        moments.add(counts)
        statistics = moments.statistics(species, np.ones(len(one.genes), bool))
        state[f"{species}_weight"] = weight.astype(np.float16)
        sample[f"{species}_counts"] = counts[:20]
        state[f"{species}_center"] = statistics.mean.astype(np.float32)
        state[f"{species}_scale"] = statistics.deviation.astype(np.float32)
        for each in (state, sample):
            each[f"{species}_mean"] = statistics.mean.astype(np.float32)
            each[f"{species}_deviation"] = statistics.deviation.astype(np.float32)
        Vocabulary.from_records(one.records).save(folder / f"{species}.tsv.gz")
    save_file(state, folder / "state.safetensors")
    save_file(sample, folder / "cells.safetensors")
    flat = {name: torch.zeros_like(each) for name, each in model.encoder.state_dict().items()}
    flat["body.1.bias"] += 1
    save_tensors(flat, folder / FILE)
    split = make_split(data)
    split.save(folder / "split.safetensors")
    report = cell_runs.report() | split.about
    report |= {"entry": ENTRY, "config": model.config.model_dump(mode="json"), "history": []}
    report |= {"description": data.description, "seconds": 1.0, "parameters": 1, "coverage": {}}
    report["recipe"] |= {"dataset": "planted", "fit": None, "changes": {}}
    (folder / "run.json").write_text(json.dumps(report))
    return folder


def export(folder: Path) -> None:
    """The entry of a run that is written beside it."""
    from export.package import package

    package(write(folder.with_name("run")), folder)
