"""Recipes: strict TOML files, one an entry, that hold every number of a training."""

import importlib
import operator
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from contracts.errors import InvalidOption
from contracts.manifest import split_entry
from training import family
from training.stages.stage import Fit, Stage, StageFit
from training.strict import InvalidRecipe, Strict, made, tables, wrong

RECIPES = Path(__file__).parent / "recipes"

Table = dict[str, Any]


class Recipe(Strict):
    """All that a training needs beside the data; no `fit` where no gradient is followed.

    `changes` says of each version of the entry what is new in it. `objective` has what the
    training of an architecture needs beside the loop, and is checked by that training. `stages` are
    run one after another, see training.stages; a recipe without is one training. `variants` has by
    name what is different in another training of the same entry.
    """

    entry: str
    version: str
    summary: str
    species: str
    tissue: str
    dataset: str
    split_seed: int
    seed: int
    weights_licence: str
    changes: dict[str, str] = Field(default_factory=dict)
    model: dict[str, Any] = Field(default_factory=dict)
    objective: dict[str, Any] = Field(default_factory=dict)
    fit: Fit | None = None
    stages: list[Stage] = Field(default_factory=list, exclude_if=operator.not_)
    variant: str | None = None
    variants: dict[str, dict[str, Table | list[Table]]] = Field(default_factory=dict, exclude=True)

    @property
    def architecture(self) -> str:
        """The architecture that the entry's name begins with."""
        return split_entry(self.entry)[0]

    @property
    def module(self) -> ModuleType:
        """The architecture's module."""
        return importlib.import_module(f"zoo.architectures.{self.architecture}")

    def config(self, given: Mapping[str, Any]) -> BaseModel:
        """The architecture's Config: the numbers of [model], and what it takes of those `given`."""
        config = self.module.Config
        known = {name: value for name, value in given.items() if name in config.model_fields}
        return config(**known, **self.model)

    def require_stage(self, name: str) -> None:
        """Raise InvalidOption where there is no such stage."""
        names = [stage.name for stage in self.stages]
        if name not in names:
            expected = f"one of {', '.join(names)}" if names else "no stage: the recipe has none"
            raise InvalidOption("--from-stage", name, expected)

    def at(self, name: str) -> "Recipe":
        """The recipe of one stage: its numbers in `fit` and `objective`, and the stages up to it.

        Each of them has all its numbers, those that it shares with the recipe too.
        """
        assert self.fit is not None
        whole, upto = self.fit.model_dump(), [each.name for each in self.stages].index(name) + 1
        stages = [
            each.model_copy(
                update={"fit": whole | each.fit, "objective": self.objective | each.objective}
            )
            for each in self.stages[:upto]
        ]
        stage = stages[-1]
        changed = {"fit": StageFit(**stage.fit), "objective": stage.objective, "stages": stages}
        return self.model_copy(update=changed)


def names() -> list[str]:
    """Entries that have a recipe."""
    return sorted(path.stem for path in RECIPES.glob("*.toml"))


def load(entry: str, variant: str | None = None) -> Recipe:
    """The recipe of `entry`, or a variant of it.

    Raises InvalidOption where there is none, InvalidRecipe naming each key that is wrong.
    """
    if entry not in names():
        raise InvalidOption("entry", entry, f"one with a recipe: {', '.join(names())}")
    return read(RECIPES / f"{entry}.toml", variant)


def read(path: Path, variant: str | None = None) -> Recipe:
    """Read one recipe file. Raises InvalidOption for an unknown variant, and InvalidRecipe."""
    content = tables(path, path.name, InvalidRecipe) | {"entry": path.stem}
    if variant is not None:
        there = content.get("variants", {})
        if variant not in there:
            known = ", ".join(there) or f"no variant: {path.stem} has none"
            raise InvalidOption("variant", variant, known)
        build(content, path.name)  # so that every table is one
        content["variant"] = variant
        for table, values in there[variant].items():
            content[table] = _varied(content.get(table), values)
    return build(content, path.name)


def _varied(former: Any, values: Table | list[Table]) -> Table | list[Table]:
    """A table of a recipe with other values, or other stages in place of its stages.

    A stage that has the name of a former one takes from it what it does not say.
    """
    if isinstance(values, dict):
        return (former if isinstance(former, dict) else {}) | values
    known = {each.get("name"): each for each in former or [] if isinstance(each, dict)}
    stages = []
    for stage in values:
        base = known.get(stage.get("name"), {})
        both = {"fit", "objective"} & set(base) & set(stage)
        stages.append(base | stage | {table: base[table] | stage[table] for table in both})
    return stages


def build(content: dict[str, Any], file: str) -> Recipe:
    """The recipe of these tables; `file` is what an error calls them. Raises InvalidRecipe."""
    recipe = made(Recipe, content, file, InvalidRecipe, "recipe")
    if recipe.fit is None and recipe.model:
        raise InvalidRecipe(f"{file} has numbers of a network in [model], and no [fit].")
    _check_model(recipe, file)
    _check_stages(recipe, file)
    return recipe


def _check_stages(recipe: Recipe, file: str) -> None:
    """Raise InvalidRecipe for stages that could not be run."""
    names = [stage.name for stage in recipe.stages]
    if names and recipe.fit is None:
        raise InvalidRecipe(f"{file} has stages, and no [fit], whose numbers they share.")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InvalidRecipe(f"{file} has two stages named {twice}; give each a name of its own.")
    for stage in recipe.stages:
        if stray := sorted(set(stage.losses_end) - set(stage.losses)):
            raise InvalidRecipe(
                f"{file} has stages.{stage.name}.losses_end.{stray[0]}, a loss that the stage "
                "does not begin with. Give it a weight in losses, 0.0 if need be."
            )
        try:
            epochs = recipe.at(stage.name).fit.max_epochs
        except ValidationError as error:
            faults = wrong(error, f"stages.{stage.name}.fit.")
            raise InvalidRecipe(f"{file} is no recipe: {faults}.") from error
        if not all(any(stage.weights(n, epochs).values()) for n in range(epochs)):
            raise InvalidRecipe(
                f"{file} has an epoch of the stage {stage.name} in which all losses have the "
                "weight 0. Give one of them another."
            )


def _check_model(recipe: Recipe, file: str) -> None:
    """Raise InvalidRecipe where [model] is not what the architecture's Config takes."""
    try:
        examples = from_data(recipe)
    except ModuleNotFoundError as error:
        if error.name != f"zoo.architectures.{recipe.architecture}":
            raise
        raise InvalidRecipe(
            f"{file} is named for the architecture {recipe.architecture}, and there is no "
            f"zoo/architectures/{recipe.architecture}.py."
        ) from None
    if given := sorted(set(examples) & set(recipe.model)):
        raise InvalidRecipe(f"{file} sets model.{given[0]}, which the data gives; remove it.")
    try:
        recipe.config(examples)
    except ValidationError as error:
        raise InvalidRecipe(f"{file} is no recipe: {wrong(error, 'model.')}.") from error


def from_data(recipe: Recipe) -> Mapping[str, Any]:
    """What the data gives to the Config of a model of the recipe's family, with examples."""
    return family.of(recipe.module.TASK).from_data
