"""How each architecture of perturbation sets is trained: one file an architecture, by its name.

Each has `fit(job) -> Fitted`. A file that takes numbers from a recipe's [objective] has a class
`Numbers` that reads them; one whose card tells of more than the model that ships has
`tell(job, fitted)`, which finds it out.
"""

import importlib
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import lightning
import numpy as np
from jaxtyping import Int64
from pydantic import ValidationError
from torch import nn

from contracts.errors import InvalidOption
from training.begin import Options
from training.data.perturbations import PerturbationData
from training.loop import History
from training.perturbations.labels import Labels
from training.perturbations.split import SetSplit
from training.recipe import InvalidRecipe, Recipe, Strict, wrong


@dataclass(frozen=True)
class Job:
    """One training: the recipe, the data, its split and labels, the seed, and where it is kept.

    `callbacks` of Lightning watch it.
    """

    recipe: Recipe
    data: PerturbationData
    split: SetSplit
    labels: Labels
    seed: int
    options: Options
    callbacks: tuple[lightning.Callback, ...] = ()

    @property
    def train(self) -> Int64[np.ndarray, "rows"]:
        """Positions of the training records."""
        return self.split.rows(self.data, "train")


@dataclass(frozen=True)
class Fitted:
    """A trained model, the configuration that it was made from, and what is told of it.

    `state` goes into state.safetensors, `sizes` and `told` into run.json; `files` are further JSON
    files of the run by their names.
    """

    model: nn.Module
    config: dict[str, Any]
    history: History = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    state: dict[str, np.ndarray] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)


def fit(job: Job) -> Fitted:
    """Train by the file that has the architecture's name.

    Raises InvalidOption without one, InvalidRecipe for an [objective] that it does not take.
    """
    check(job.recipe)
    return _module(job.recipe).fit(job)


def tell(job: Job, fitted: Fitted) -> dict[str, Any]:
    """What run.json says beside `fitted.told` that takes more work to find out, if there is any."""
    module = _module(job.recipe)
    return module.tell(job, fitted) if hasattr(module, "tell") else {}


def numbers(recipe: Recipe) -> type[Strict] | None:
    """The class that reads the recipe's [objective]; None where nothing is read from it."""
    return getattr(_module(recipe), "Numbers", None)


def check(recipe: Recipe) -> None:
    """Raise InvalidRecipe where [objective] is not what the architecture's training takes."""
    reads = numbers(recipe)
    if reads is None:
        return
    try:
        reads(**recipe.objective)
    except ValidationError as error:
        told = wrong(error, "objective.")
        raise InvalidRecipe(f"{recipe.entry} has no sound recipe: {told}.") from error


def _module(recipe: Recipe) -> ModuleType:
    name = f"training.perturbations.fits.{recipe.architecture}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise InvalidOption("entry", recipe.entry, f"an architecture with {name}") from None
