"""How each architecture of perturbation sets is trained: one file an architecture, by its name.

Each has `fit(job) -> Fitted`. One that is trained in stages names their `LOSSES`. A file that takes
numbers from a recipe's [objective] has a class `Numbers` that reads them; one whose card tells of
more than the model that ships has `tell(job, fitted)`, which finds it out. A file with `SIMPLE =
True` is of an architecture whose entries every other entry of the data is held against; `RIVALS`
names further architectures that this one is held against.
"""

import importlib
import importlib.util
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import ModuleType
from typing import Any

import lightning
import numpy as np
from jaxtyping import Int64
from pydantic import BaseModel, ValidationError
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
from training.recipe import Recipe
from training.stages import run as stages
from training.stages.stage import Stage
from training.strict import InvalidRecipe, Strict, wrong

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

    def other(
        self, recipe: Recipe, options: Options, callbacks: tuple[lightning.Callback, ...] = ()
    ) -> "Job":
        """Another training on the same data, by its own recipe and seed."""
        return replace(self, recipe=recipe, seed=recipe.seed, options=options, callbacks=callbacks)

    @cached_property
    def objective(self) -> Any:
        """See read_objective; read once. Raises InvalidRecipe."""
        return read_objective(self.recipe)

    @property
    def train(self) -> Int64[np.ndarray, "rows"]:
        """Positions of the training records."""
        return self.split.rows(self.data, "train")

    def config(self, **more: Any) -> BaseModel:
        """The architecture's Config, with what it takes of the data, and `more` in its place."""
        labels = self.labels
        known = {
            "genes_total": len(self.data.vocabulary),
            "networks": tuple(self.data.networks),
            "sources": labels.sources,
            "epsilon_source": labels.epsilon_source,
            "tau_source": labels.tau_source,
        }
        return self.recipe.config(known | more)

    def begin(self, further: Sequence[str] = ()) -> None:
        """Begin or go on, see training.begin.begin. Raises UnfitOptions."""
        begin(self.recipe, self.split, self.seed, self.options, further)


@dataclass(frozen=True)
class Fitted:
    """A trained model with its configuration, and what is told of it.

    `state` goes into state.safetensors, `sizes` and `told` into run.json; `files` are further JSON
    files of the run by their names.
    """

    model: nn.Module
    config: BaseModel
    history: History = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    state: dict[str, np.ndarray] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)


def fit(job: Job) -> Fitted:
    """Train from the job's seed by the file that has the architecture's name.

    Raises InvalidOption without one, InvalidRecipe for an [objective] or stages that it does not
    take.
    """
    module, _ = _module(job.recipe), job.objective
    losses = getattr(module, "LOSSES", ())
    if losses and not job.recipe.stages:
        raise InvalidRecipe(
            f"The recipe of {job.recipe.entry} has no [[stages]]; give one or more, whose losses "
            f"are among {', '.join(losses)}."
        )
    if not losses:
        stages.refuse(job.recipe)
    lightning.seed_everything(job.seed, verbose=False)
    return module.fit(job)


def learn(job: Job, learner: nn.Module, plan: Plan) -> History:
    """Train `learner` (see learning.Learns) in place, and leave it with its best weights.

    Returns the validation figures of every epoch; raises what training.loop.run raises.
    """
    assert job.recipe.fit is not None
    batches = SetBatches(job.data, job.split, job.labels, plan, job.seed)
    task = SetTraining(learner, job.recipe.fit, job.seed, batches)
    return loop.run(task, batches, job.options, job.callbacks)


def learn_stages(
    job: Job, make: Callable[[Job, Stage], tuple[nn.Module, Plan]], losses: Collection[str]
) -> tuple[nn.Module, History]:
    """Train in stages: `make` gives a new learner and its plan, by a job with the stage's numbers.

    Returns the model with the weights of the last stage; raises what training.stages.run.run does.
    """

    def stage(stage: Stage, recipe: Recipe) -> tuple[SetTraining, SetBatches]:
        learner, plan = make(replace(job, recipe=recipe), stage)
        batches = SetBatches(job.data, job.split, job.labels, plan, job.seed)
        return SetTraining(learner, recipe.fit, job.seed, batches), batches

    return stages.run(job.recipe, job.split, job.seed, job.options, stage, losses, job.callbacks)


def tell(job: Job, fitted: Fitted) -> dict[str, Any]:
    """What run.json says beside `fitted.told` that takes more work to find out, if there is any."""
    module = _module(job.recipe)
    return module.tell(job, fitted) if hasattr(module, "tell") else {}


def reader(recipe: Recipe) -> type[Strict]:
    """The class that reads the recipe's [objective]; it has no keys where none is read."""
    return getattr(_module(recipe), "Numbers", Strict)


def read_objective(recipe: Recipe) -> Any:
    """What [objective] says, as the architecture's file reads it.

    Raises InvalidRecipe where it, or that of a stage, is not what the training takes.
    """
    numbers = reader(recipe)
    try:
        for stage in recipe.stages:
            numbers(**(recipe.objective | stage.objective))
        return numbers(**recipe.objective)
    except ValidationError as error:
        faults = wrong(error, "objective.")
        raise InvalidRecipe(f"{recipe.entry} has no sound recipe: {faults}.") from error


def find(architecture: str) -> ModuleType | None:
    """The file of an architecture, if there is one."""
    name = f"{__name__}.{architecture}"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def _module(recipe: Recipe) -> ModuleType:
    if module := find(recipe.architecture):
        return module
    expected = f"an architecture with {__name__}.{recipe.architecture}"
    raise InvalidOption("entry", recipe.entry, expected)
