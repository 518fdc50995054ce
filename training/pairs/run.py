"""One training over regulator-gene pairs, from its recipe to a run folder that an export takes.

Members of an ensemble are trained one after another. A rotated entry is trained once for each fold
of its split, by which it is evaluated, and once on all edges: these are the weights that ship.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import nn

from contracts.genes.vocabulary import FILENAME as VOCABULARY
from training import data as datasets
from training import loop, provenance, run
from training.begin import Options, begin
from training.data import knowledge
from training.data.pairs import PairData
from training.pairs import calibrate, known, members, sign_figures
from training.pairs.batches import Degrees, PairBatches, monitored, sizes
from training.pairs.learning import LOSSES, PairTraining
from training.pairs.negatives import Pairs
from training.pairs.sign import has_signs
from training.pairs.split import FOLDS, Split, make_split, undivided
from training.recipe import Recipe
from training.stages import run as stages
from training.stages.stage import Stage
from training.strict import InvalidRecipe, Strict, made
from zoo.entry import STATE
from zoo.runtime.torch import WEIGHTS
from zoo.store.files import sha256

PAIRS = "pairs.safetensors"
FOLDERS = "folds"
SAMPLE = 32


class Objective(Strict):
    """What the training of pairs needs beside the loop.

    With `rotation` the entry is trained by folds and on all edges, as an ensemble of `members`.
    `knowledge` is a group of training.data.knowledge, which the networks may see. With `only_folds`
    nothing is trained on all edges: such a variant is there to be evaluated beside the entry.
    """

    rotation: bool = False
    members: int = 1
    knowledge: str = knowledge.ALL
    only_folds: bool = False


@dataclass(frozen=True, eq=False)
class Trained:
    """A model with what is said of its training."""

    model: nn.Module
    config: dict[str, Any]
    degrees: Degrees
    calibration: calibrate.Calibration
    history: loop.History
    members: list[loop.History]


def train(chosen: Recipe, options: Options) -> dict[str, Any]:
    """Train by a recipe and write the run folder; returns what stands in run.json.

    The folder gets run.json, weights.safetensors, split.safetensors, state.safetensors (training
    edges of every regulator and gene), pairs.safetensors (a sample for golden vectors) and the
    vocabulary. Data of several resources add known.safetensors, the edges that they list. With a
    rotation there is such a folder for every fold below it, in `folds`. Raises UnfitOptions for a
    folder that holds another run; MissingData, CorruptArtefact, LowCoverage for unfit data;
    InvalidRecipe for an unknown key; Diverged or NotCalibrated for a network that learned nothing.
    """
    started = time.perf_counter()
    seed = chosen.seed if options.seed is None else options.seed
    recipe = f"{chosen.entry}.toml"
    objective = made(Objective, chosen.objective, recipe, InvalidRecipe, "recipe")
    data = datasets.load(chosen.dataset)
    seen = knowledge.only(data.profile.features, objective.knowledge)
    data = replace(data, profile=data.profile.only(seen))
    if objective.rotation:
        return _rotate(chosen, objective, data, seed, options, started)
    split = make_split(data, chosen.split_seed)
    if chosen.fit is not None:
        begin(chosen, split, seed, options)
    trained = _single(chosen, data, split, seed, options)
    return _write(chosen, data, split, split, seed, options, trained, started)


def _single(chosen: Recipe, data: PairData, split: Split, seed: int, options: Options) -> Trained:
    """One network, by its stages if it has any, calibrated."""
    degrees = Degrees.count(data, split.positives(data, "train"))
    model, config = members.build(chosen, data, degrees)
    history: loop.History = []

    def make(_: Stage | None, recipe: Recipe) -> tuple[PairTraining, PairBatches]:
        (model, _), fit = members.build(recipe, data, degrees), recipe.fit
        batches = PairBatches(data, split, fit.batch_size, seed)
        return PairTraining(model.train(), fit, seed, list(batches.monitored)), batches

    if chosen.fit is not None:
        model, history = stages.run(chosen, split, seed, options, make, LOSSES)
    numbers = calibrate.calibrate(model, data, split, degrees)
    return Trained(model, config, degrees, numbers, history, [])


def _rotate(
    chosen: Recipe,
    objective: Objective,
    data: PairData,
    seed: int,
    options: Options,
    started: float,
) -> dict[str, Any]:
    """An ensemble for each fold, then one on all edges: its epochs and calibration are theirs.

    The members of the first fold end where validation does not rise any more; all others are
    trained for as many epochs as those have taken in the mean. A finished fold is not trained
    again with `resume`.
    """
    everything = undivided(data, chosen.split_seed)
    begin(chosen, everything, seed, options, further=(FOLDERS, members.FOLDER))
    if chosen.fit is not None and has_signs(data):
        shipped = not objective.only_folds and sign_figures.write(
            data, chosen.split_seed, options.folder
        )
        data = data if shipped else replace(data, roles=None)
    epochs: int | None = None
    reports = []
    for number in range(FOLDS):
        own = replace(options, folder=options.folder / FOLDERS / str(number))
        split = make_split(data, chosen.split_seed, number)
        report = run.finished(own.folder) if options.resume else None
        if report is None:
            begun = time.perf_counter()
            trained = _ensemble(chosen, data, split, seed, own, epochs, None)
            report = _write(chosen, data, split, split, seed, own, trained, begun)
        reports.append(report)
        if epochs is None and report.get("members"):
            epochs = round(np.mean([1 + loop.best(each)["epoch"] for each in report["members"]]))
    numbers = calibrate.mean([report["calibration"] for report in reports])
    if objective.only_folds:
        return reports[0] | {"calibration": numbers}
    trained = _ensemble(chosen, data, everything, seed, options, epochs, numbers)
    weights = {n: sha256(options.folder / FOLDERS / n / WEIGHTS) for n in map(str, range(FOLDS))}
    about = {"folds": FOLDS, "members": members.count(chosen), "epochs": epochs, "weights": weights}
    sampled = make_split(data, chosen.split_seed)
    return _write(
        chosen, data, everything, sampled, seed, options, trained, started, {"rotation": about}
    )


def _ensemble(
    chosen: Recipe,
    data: PairData,
    split: Split,
    seed: int,
    options: Options,
    epochs: int | None,
    numbers: calibrate.Calibration | None,
) -> Trained:
    """Members folded together, or the network that needs no training; calibrated by `numbers`.

    Without `numbers` it is calibrated on the validation part.
    """
    degrees = Degrees.count(data, split.positives(data, "train"))
    histories: list[loop.History] = []
    if chosen.fit is None:
        model, config = members.build(chosen, data, degrees)
    else:
        trained = members.train(chosen, data, split, degrees, options, seed, epochs)
        networks, histories = trained
        model, config = members.fold(chosen, networks, known.signs(data, split))
    if numbers is None:
        numbers = calibrate.calibrate(model, data, split, degrees)
    else:
        calibrate.write(model, numbers)
    return Trained(model, config, degrees, numbers, [], histories)


def _write(
    chosen: Recipe,
    data: PairData,
    split: Split,
    sampled: Split,
    seed: int,
    options: Options,
    trained: Trained,
    started: float,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write a run folder, and return what its run.json says."""
    model, degrees = trained.model, trained.degrees
    report = provenance.report(chosen, seed, options, data, model, started) | split.about
    report |= {
        "config": trained.config,
        "sizes": sizes(data, degrees),
        "features": list(data.profile.features),
        "history": trained.history,
        "best": loop.best(trained.history),
        "calibration": trained.calibration,
        "baseline": chosen.fit is None,
    }
    report |= {"members": trained.members} if trained.members else {}
    report |= more or {}
    counts = {"tf_edges": degrees.tf, "gene_edges": degrees.gene}
    state = {name: value.astype(np.int32) for name, value in counts.items()}
    tables = {STATE: state, PAIRS: {"pairs": _sample(data, sampled)}}
    vocabularies = {VOCABULARY: data.vocabulary}
    run.write(options.folder, report, model, split, vocabularies, tables, {})
    if data.resources:
        known.write(data, options.folder)
    return report


def _sample(data: PairData, split: Split) -> Pairs:
    """Validation pairs, listed and unlisted ones mixed and without labels, for golden vectors."""
    rng = np.random.default_rng(split.seed)
    parts = (split.positives(data, "valid"), split.negatives[monitored(split)["valid"]])
    mixed = np.concatenate(
        [rng.choice(part, min(SAMPLE, len(part)), replace=False) for part in parts]
    )
    return rng.permutation(mixed)
