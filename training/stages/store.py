"""Weights that a stage has handed on, in the run folder: stage-NAME.safetensors.

The file says what it was trained by, so that it may be copied into the run folder of a variant
whose stages are the same up to there.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from training.recipe import Recipe
from zoo.store.files import replacing

Weights = dict[str, Tensor]
History = list[dict[str, Any]]
DESCRIPTIVE = {"version", "summary", "species", "tissue", "weights_licence", "changes", "variant"}
"""Keys of a recipe that no training reads."""


def path(folder: Path, stage: str) -> Path:
    """The file of a stage."""
    return folder / f"stage-{stage}.safetensors"


def made_by(recipe: Recipe, stage: str, digest: str, seed: int, max_steps: int) -> dict[str, Any]:
    """All that the weights of a stage follow from: its numbers and those of the stages before."""
    numbers = recipe.at(stage).model_dump(mode="json", exclude=DESCRIPTIVE)
    return {"recipe": numbers, "digest": digest, "seed": seed, "max_steps": max_steps}


def save(
    folder: Path, stage: str, weights: Weights, history: History, made: Mapping[str, Any]
) -> None:
    """Write what a stage hands on, with the history so far and what it was made by."""
    meta = {"made_by": json.dumps(made), "history": json.dumps(history)}
    with replacing(path(folder, stage)) as draft:
        save_file({name: each.contiguous().clone() for name, each in weights.items()}, draft, meta)


def load(folder: Path, stage: str) -> tuple[Weights, History]:
    """What `save` wrote: the weights, and the history up to there."""
    return load_file(path(folder, stage)), json.loads(_metadata(folder, stage)["history"])


def differences(folder: Path, stage: str, made: Mapping[str, Any]) -> list[str]:
    """What else the stored weights were made by: another recipe, seed, ..."""
    former = json.loads(_metadata(folder, stage)["made_by"])
    return [name for name, value in made.items() if former[name] != value]


def _metadata(folder: Path, stage: str) -> dict[str, str]:
    with safe_open(path(folder, stage), "pt") as stream:
        return stream.metadata()
