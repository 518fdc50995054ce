"""One training over regulator-gene pairs, from its recipe to a run folder that an export takes."""

import time
from typing import Any

import numpy as np
from torch import nn

from contracts.genes.vocabulary import FILENAME as VOCABULARY
from training import data as datasets
from training import loop, provenance, run
from training.begin import Options, begin
from training.data.pairs import PairData
from training.pairs.batches import Degrees, PairBatches, fill_tables, monitored, sizes
from training.pairs.calibrate import calibrate
from training.pairs.learning import LOSSES, PairTraining
from training.pairs.negatives import Pairs
from training.pairs.split import Split, make_split
from training.recipe import Recipe
from training.stages import run as stages
from training.stages.stage import Stage
from zoo.entry import STATE

PAIRS = "pairs.safetensors"
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
    model, config = build(chosen, data, degrees)
    history: loop.History = []

    def make(_: Stage | None, recipe: Recipe) -> tuple[PairTraining, PairBatches]:
        (model, _), fit = build(recipe, data, degrees), recipe.fit
        batches = PairBatches(data, split, fit.batch_size, seed)
        return PairTraining(model.train(), fit, seed, list(batches.monitored)), batches

    if chosen.fit is not None:
        begin(chosen, split, seed, options)
        model, history = stages.run(chosen, split, seed, options, make, LOSSES)
    report = provenance.report(chosen, seed, options, data, model, started) | split.about
    report |= {
        "config": config,
        "sizes": sizes(data, degrees),
        "features": list(data.profile.features),
        "history": history,
        "best": loop.best(history),
        "calibration": calibrate(model, data, split, degrees),
    }
    counts = {"tf_edges": degrees.tf, "gene_edges": degrees.gene}
    state = {name: value.astype(np.int32) for name, value in counts.items()}
    tables = {STATE: state, PAIRS: {"pairs": _sample(data, split)}}
    vocabularies = {VOCABULARY: data.vocabulary}
    run.write(options.folder, report, model, split, vocabularies, tables, {})
    return report


def build(chosen: Recipe, data: PairData, degrees: Degrees) -> tuple[nn.Module, dict]:
    """The recipe's model with its tables filled, and the configuration it was made from."""
    config = chosen.config(sizes(data, degrees))
    model = chosen.module.Model(config)
    fill_tables(model, data, degrees)
    return model, config.model_dump(mode="json")


def _sample(data: PairData, split: Split) -> Pairs:
    """Validation pairs, listed and unlisted ones mixed and without labels, for golden vectors."""
    rng = np.random.default_rng(split.seed)
    parts = (split.positives(data, "valid"), split.negatives[monitored(split)["valid"]])
    mixed = np.concatenate(
        [rng.choice(part, min(SAMPLE, len(part)), replace=False) for part in parts]
    )
    return rng.permutation(mixed)
