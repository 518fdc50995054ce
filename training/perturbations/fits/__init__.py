"""How each architecture of perturbation sets is trained: one file an architecture, by its name.

Each has `fit(job) -> Fitted`. A file that takes numbers from a recipe's [objective] names in
`OBJECTIVE` the classes that read them, each its own keys; one whose card tells of more than the
model that ships has `tell(job, fitted)`, which finds it out. A file with `SIMPLE = True` is of an
architecture whose entries every other entry of the data is held against; `RIVALS` names further
architectures that this one is held against.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any, TypeVar

import lightning
import numpy as np
from jaxtyping import Int64
from pydantic import ValidationError
from torch import nn

from contracts.errors import InvalidOption
from training import data as datasets
from training import loop
from training.begin import Options, begin
from training.data.perturbations import PerturbationData
from training.loop import History
from training.perturbations.batches import Plan, SetBatches
from training.perturbations.labels import Labels
from training.perturbations.learning import SetTraining
from training.perturbations.split import SetSplit, make_split
from training.recipe import InvalidRecipe, Recipe, Strict, wrong

T = TypeVar("T")

FROM_DATA = {
    "genes_total": 1,
    "reactions_total": 1,
    "metabolites_total": 1,
    "features": ("first", "second"),
    "sources": ("source",),
    "outputs": ("source",),
    "networks": ("network",),
    "epsilon_source": "source",
    "tau_source": "source",
}
"""What the data gives to the Config of a model of sets, with an example of each."""


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

    @classmethod
    def open(cls, recipe: Recipe, options: Options) -> "Job":
        """Load and split the data of a recipe. Raises what loading the data does."""
        data = datasets.load(recipe.dataset)
        split = make_split(data, recipe.split_seed)
        labels = Labels.of(data, split.rows(data, "train"))
        seed = recipe.seed if options.seed is None else options.seed
        return cls(recipe, data, split, labels, seed, options)

    @cached_property
    def objective(self) -> tuple[Any, ...]:
        """See read_objective; read once. Raises InvalidRecipe."""
        return read_objective(self.recipe)

    @property
    def train(self) -> Int64[np.ndarray, "rows"]:
        """Positions of the training records."""
        return self.split.rows(self.data, "train")

    def begin(self, objective: Strict | None = None, further: Sequence[str] = ()) -> None:
        """Note what this training is, or hold it against the note of the one that goes on.

        Its objective is the recipe's unless another is given. Raises UnfitOptions, see
        training.begin.begin.
        """
        other = {} if objective is None else {"objective": objective.model_dump()}
        asked = {
            "recipe": self.recipe.model_dump(mode="json") | other,
            "records_digest": self.split.records_digest,
            "seed": self.seed,
            "max_steps": self.options.max_steps,
        }
        begin(asked, self.options, further)


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
    module, _ = _module(job.recipe), job.objective
    return module.fit(job)


def learn(job: Job, learner: nn.Module, plan: Plan) -> History:
    """Train `learner` (see learning.Learns) in place, and leave it with its best weights.

    Returns the validation figures of every epoch; raises what training.loop.run raises.
    """
    numbers, options = job.recipe.fit, job.options
    assert numbers is not None
    batches = SetBatches(job.data, job.split, job.labels, plan, job.seed)
    task = SetTraining(learner, numbers, job.seed, batches)
    loop.run(
        task,
        batches,
        numbers,
        options.folder,
        plan.steps,
        max_steps=options.max_steps,
        resume=options.resume,
        progress=options.progress,
        callbacks=job.callbacks,
    )
    return task.history


def tell(job: Job, fitted: Fitted) -> dict[str, Any]:
    """What run.json says beside `fitted.told` that takes more work to find out, if there is any."""
    module = _module(job.recipe)
    return module.tell(job, fitted) if hasattr(module, "tell") else {}


def readers(recipe: Recipe) -> tuple[type[Strict], ...]:
    """The classes that read the recipe's [objective]; none where nothing is read from it."""
    return getattr(_module(recipe), "OBJECTIVE", ())


def read_objective(recipe: Recipe) -> tuple[Strict, ...]:
    """What [objective] says: one object of each class that reads it, made of its own keys.

    Raises InvalidRecipe where it is not what the architecture's training takes.
    """
    made, faults, left = [], [], dict(recipe.objective)
    for reader in reversed(readers(recipe)):
        first = reader is readers(recipe)[0]  # which is told of keys that nobody takes
        own = {name: left.pop(name) for name in list(left) if first or name in reader.model_fields}
        try:
            made.insert(0, reader(**own))
        except ValidationError as error:
            faults.insert(0, wrong(error, "objective."))
    if faults:
        raise InvalidRecipe(f"{recipe.entry} has no sound recipe: {'; '.join(faults)}.")
    return tuple(made)


def is_simple(architecture: str) -> bool:
    """Whether entries of this architecture stand beside all others of their data."""
    return _says(architecture, "SIMPLE", False)


def rivals(architecture: str) -> tuple[str, ...]:
    """The architectures, beside the simple ones, that one is held against."""
    return _says(architecture, "RIVALS", ())


def _says(architecture: str, name: str, usual: T) -> T:
    """What the file of an architecture says of it, if there is one and it does."""
    there = any(each.name == architecture for each in pkgutil.iter_modules(__path__))
    module = importlib.import_module(f"{__name__}.{architecture}") if there else None
    return getattr(module, name, usual)


def _module(recipe: Recipe) -> ModuleType:
    name = f"training.perturbations.fits.{recipe.architecture}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise InvalidOption("entry", recipe.entry, f"an architecture with {name}") from None
