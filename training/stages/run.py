"""The stages of a recipe, one after another; a recipe without is one training."""

from collections.abc import Callable, Collection, Iterable, Sequence

import lightning
from torch import nn

from training import loop
from training.begin import Options
from training.loop import History
from training.recipe import Recipe
from training.split import Parts
from training.stages import store
from training.stages.learning import Staged
from training.stages.stage import Stage
from training.strict import InvalidRecipe

Make = Callable[[Stage | None, Recipe], tuple[Staged, lightning.LightningDataModule]]
"""A new model in its task, and batches that tell the `steps` of an epoch, by a stage's recipe."""


def run(
    recipe: Recipe,
    split: Parts,
    seed: int,
    options: Options,
    make: Make,
    losses: Collection[str],
    callbacks: Sequence[lightning.Callback] = (),
) -> tuple[nn.Module, History]:
    """Run the stages of `recipe`, whose run was begun (training.begin.begin).

    `losses` are those that the architecture has. Returns the model as the last stage leaves it, and
    the epochs of all stages. `max_steps` of the options cuts every stage; `callbacks` watch the
    last one. Raises InvalidRecipe for losses and parameters that there are none of, before any
    work, and what training.loop.run raises.
    """
    if not recipe.stages:
        lightning.seed_everything(seed, verbose=False)
        task, batches = make(None, recipe)
        return task.model, loop.run(task, batches, options, callbacks)
    for stage in recipe.stages:
        _require(stage, "losses", stage.losses, losses)
    digest, folder = split.digest, options.folder
    start = _start(recipe, options)
    weights, history = store.load(folder, recipe.stages[start - 1].name) if start else ({}, [])
    for stage in recipe.stages[start:]:
        lightning.seed_everything(seed, verbose=False)
        numbers = recipe.at(stage.name)
        task, batches = make(stage, numbers)
        model = task.model
        _check(recipe, model)
        model.load_state_dict(model.state_dict() | weights)
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(not _among(name, stage.freezes))
        task.stage = stage
        if task.fit_numbers.max_epochs:
            watching = callbacks if stage is recipe.stages[-1] else ()
            history = history + loop.run(task, batches, options, watching)
        weights = {
            name: each
            for name, each in model.state_dict().items()
            if stage.hands_on is None or _among(name, stage.hands_on)
        }
        made = store.made_by(recipe, stage.name, digest, seed, options.max_steps)
        store.save(folder, stage.name, weights, history, made)
    return model, history


def refuse(recipe: Recipe) -> None:
    """Raise InvalidRecipe for stages of an architecture that is not trained in any."""
    if recipe.stages:
        raise InvalidRecipe(
            f"The recipe of {recipe.entry} has [[stages]], and {recipe.architecture} is trained in "
            "one. Remove them."
        )


def _start(recipe: Recipe, options: Options) -> int:
    """The first stage to run: the one that is asked for, or after those that a stopped run ended.

    The last one is run in any case: it ends at once where it had been ended.
    """
    names = [stage.name for stage in recipe.stages]
    if options.from_stage is not None:
        return names.index(options.from_stage)
    if not options.resume:
        return 0
    done = (n for n, name in enumerate(names[:-1], 1) if store.path(options.folder, name).is_file())
    return max(done, default=0)


def _check(recipe: Recipe, model: nn.Module) -> None:
    """Raise InvalidRecipe where a stage names parameters that the model hasn't."""
    state, parameters = list(model.state_dict()), [name for name, _ in model.named_parameters()]
    for stage in recipe.stages:
        _require(stage, "freezes", stage.freezes, parameters, below=True)
        _require(stage, "hands_on", stage.hands_on or (), state, below=True)


def _require(
    stage: Stage, key: str, given: Iterable[str], known: Collection[str], *, below: bool = False
) -> None:
    for name in given:
        if not any(_among(each, [name]) if below else each == name for each in known):
            there = dict.fromkeys(each.partition(".")[0] if below else each for each in known)
            raise InvalidRecipe(
                f"Stage {stage.name} of the recipe has {name!r} in {key}, and there is none. "
                f"There are {', '.join(there)}."
            )


def _among(name: str, prefixes: Iterable[str]) -> bool:
    """Whether a parameter is one of these, or stands below one."""
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)
