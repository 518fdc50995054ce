"""One training from its recipe to a run folder that holds all that an export needs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors
from torch import nn

from contracts.errors import InvalidOption
from contracts.genes.vocabulary import Vocabulary
from training import family, recipe
from training.begin import RUN, Options
from training.data.vectors import imported
from training.recipe import Recipe
from training.split import Parts
from zoo.runtime.torch import WEIGHTS

SPLIT = "split.safetensors"
GENE_VECTORS = "gene_vectors"
"""The key of an [objective] that a file may take the place of."""


def train(entry: str, options: Options) -> dict[str, Any]:
    """Train `entry` by its recipe, as its family is trained; returns what run.json has.

    Raises InvalidOption or UnfitOptions for an entry without a recipe, a wrong option or a folder
    that holds another run, and what the training raises.
    """
    options.check()
    chosen = recipe_for(entry, options)
    if options.from_stage is not None:
        chosen.require_stage(options.from_stage)
    return family.of(chosen.module.TASK).train(chosen, options)


def finished(folder: Path) -> dict[str, Any] | None:
    """What run.json of a finished run says, or None."""
    path = folder / RUN
    return json.loads(path.read_text()) if path.is_file() else None


def recipe_for(entry: str, options: Options) -> Recipe:
    """The recipe of `entry` as the options have it: a variant of it, with gene vectors of a file.

    The recipe names these with their digest and without a path, so that a run notes them and is
    not resumed with others. Raises InvalidOption where the recipe takes no gene vectors.
    """
    chosen, path = recipe.load(entry, options.variant), options.gene_vectors
    if path is None:
        return chosen
    said = imported.facts(path)
    if GENE_VECTORS not in chosen.objective:
        expected = f"no file: the recipe of {entry} takes no gene vectors"
        raise InvalidOption("--gene-vectors", said["name"], expected)
    named = {GENE_VECTORS: f"{said['name']} (SHA-256 {said['sha256']})"}
    return chosen.model_copy(update={"objective": chosen.objective | named})


def write(
    folder: Path,
    report: Mapping[str, Any],
    model: nn.Module,
    split: Parts,
    vocabularies: Mapping[str, Vocabulary],
    tables: Mapping[str, Mapping[str, np.ndarray]],
    texts: Mapping[str, Any],
) -> None:
    """Write a run: weights, split, `tables` of arrays and further `texts` of JSON.

    `vocabularies` has genes by the name of their file. run.json comes last, so a folder that has it
    is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RUN).unlink(missing_ok=True)
    # Copies: a module that stands in two places is written in both.
    weights = {name: each.contiguous().clone() for name, each in model.state_dict().items()}
    save_tensors(weights, folder / WEIGHTS)
    for name, arrays in tables.items():
        save_file(dict(arrays), folder / name)
    split.save(folder / SPLIT)
    for name, vocabulary in vocabularies.items():
        vocabulary.save(folder / name)
    for name, content in texts.items():
        (folder / name).write_text(json.dumps(content) + "\n")
    (folder / RUN).write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")
