"""One training over regulator-gene pairs, from its recipe to a run folder that an export takes."""

import json
import time
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from contracts.genes.vocabulary import FILENAME as VOCABULARY
from training import data as datasets
from training import loop, provenance
from training.begin import RUN, Options, begin
from training.data.pairs import PairData
from training.pairs import learning
from training.pairs.batches import Degrees, PairBatches, fill_tables, monitored, sizes
from training.pairs.calibrate import calibrate
from training.pairs.negatives import Pairs
from training.pairs.split import PARTS, Split, make_split
from training.recipe import Recipe
from zoo.entry import STATE
from zoo.runtime.torch import WEIGHTS

SPLIT, PAIRS = "split.safetensors", "pairs.safetensors"
SAMPLE = 32


def train(chosen: Recipe, options: Options) -> dict[str, Any]:
    """Train by a recipe and write the run folder; returns what stands in run.json.

    The folder gets run.json, weights.safetensors, split.safetensors, state.safetensors (training
    edges of every regulator and gene), pairs.safetensors (a sample for golden vectors) and the
    vocabulary. Raises UnfitOptions for a folder that holds another run; MissingData,
    CorruptArtefact, LowCoverage for unfit data; Diverged or NotCalibrated for a network that
    learned nothing.
    """
    started = time.perf_counter()
    seed = chosen.seed if options.seed is None else options.seed
    data = datasets.load(chosen.dataset)
    split = make_split(data, chosen.split_seed)
    degrees = Degrees.count(data, split.positives(data, "train"))
    lightning.seed_everything(seed, verbose=False)
    model, config = build(chosen, data, degrees)
    history = _fit(model, chosen, data, split, seed, options)
    report = provenance.report(chosen, seed, options, data, model, started) | {
        "config": config,
        "sizes": sizes(data, degrees),
        "split": {name: int((split.part == i).sum()) for i, name in enumerate(PARTS)},
        "edges_digest": split.edges_digest,
        "features": list(data.profile.features),
        "history": history,
        "best": max(history, key=lambda row: row[loop.MONITOR]) if history else None,
        "calibration": calibrate(model, data, split, degrees),
    }
    _write(options.folder, model, split, degrees, data, report)
    return report


def build(chosen: Recipe, data: PairData, degrees: Degrees) -> tuple[nn.Module, dict]:
    """The recipe's model with its tables filled, and the configuration it was made from."""
    fields = chosen.module.Config.model_fields
    known = {name: value for name, value in sizes(data, degrees).items() if name in fields}
    config = chosen.module.Config(**known, **chosen.model)
    model = chosen.module.Model(config)
    fill_tables(model, data, degrees)
    return model, config.model_dump(mode="json")


def _fit(
    model: nn.Module,
    chosen: Recipe,
    data: PairData,
    split: Split,
    seed: int,
    options: Options,
) -> loop.History:
    """Run the loop where the recipe has one."""
    if chosen.fit is None:
        return []
    asked = {
        "recipe": chosen.model_dump(mode="json"),
        "edges_digest": split.edges_digest,
        "seed": seed,
        "max_steps": options.max_steps,
    }
    begin(asked, options)
    batches = PairBatches(data, split, chosen.fit.batch_size, seed)
    return learning.fit(
        model,
        batches,
        chosen.fit,
        seed,
        options.folder,
        max_steps=options.max_steps,
        resume=options.resume,
        progress=options.progress,
    )


def _write(
    folder: Path, model: nn.Module, split: Split, degrees: Degrees, data: PairData, report: dict
) -> None:
    """Write the run; run.json comes last, so a folder that has it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RUN).unlink(missing_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / WEIGHTS)
    counts = {"tf_edges": degrees.tf, "gene_edges": degrees.gene}
    state = {name: torch.from_numpy(value.astype(np.int32)) for name, value in counts.items()}
    save_file(state, folder / STATE)
    save_file({"pairs": torch.from_numpy(_sample(data, split))}, folder / PAIRS)
    split.save(folder / SPLIT)
    data.vocabulary.save(folder / VOCABULARY)
    (folder / RUN).write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")


def _sample(data: PairData, split: Split) -> Pairs:
    """Validation pairs, listed and unlisted ones mixed and without labels, for golden vectors."""
    rng = np.random.default_rng(split.seed)
    parts = (split.positives(data, "valid"), split.negatives[monitored(split)["valid"]])
    mixed = np.concatenate(
        [rng.choice(part, min(SAMPLE, len(part)), replace=False) for part in parts]
    )
    return rng.permutation(mixed)
