"""Recipes: strict TOML files, one an entry, that hold every number of a training."""

import importlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from contracts.errors import InvalidInput, InvalidOption, ZooError
from contracts.manifest import split_entry
from training import family

RECIPES = Path(__file__).parent / "recipes"


class InvalidRecipe(InvalidInput):
    """A recipe has an unknown key, lacks one, or holds a value of the wrong kind."""

    code = "invalid-recipe"


class Strict(BaseModel):
    """Frozen; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Made = TypeVar("Made", bound=Strict)


class Fit(Strict):
    """Numbers of the training loop; epochs end early when the validation figure stops rising.

    With `ema_decay`, validation and the result use an exponential moving average of the weights
    over steps: negatives change every epoch, and the average is less noisy than the last step.
    With `plateau_patience` the learning rate is multiplied by `plateau_factor` whenever the figure
    has not risen for more than so many epochs.
    """

    max_epochs: PositiveInt
    patience: PositiveInt
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    weight_decay: Annotated[float, Field(ge=0)]
    gradient_clip: PositiveFloat
    ema_decay: Annotated[float, Field(ge=0, lt=1)] = 0.0
    plateau_patience: Annotated[int, Field(ge=0)] | None = None
    plateau_factor: Annotated[float, Field(gt=0, lt=1)] = 0.5


class Recipe(Strict):
    """All that a training needs beside the data; no `fit` where no gradient is followed.

    `changes` says of each version of the entry what is new in it. `objective` has what the
    training of an architecture needs beside the loop, and is checked by that training. `variants`
    has by name what is different in another training of the same entry.
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
    changes: dict[str, str] = {}
    model: dict[str, Any] = {}
    objective: dict[str, Any] = {}
    fit: Fit | None = None
    variant: str | None = None
    variants: Annotated[dict[str, dict[str, dict[str, Any]]], Field(exclude=True)] = {}

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
    try:
        content = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise InvalidRecipe(f"{path.name} is no TOML: {error}.") from error
    if variant is not None:
        there = content.get("variants", {})
        if variant not in there:
            known = ", ".join(there) or f"no variant: {path.stem} has none"
            raise InvalidOption("variant", variant, known)
        build(content | {"entry": path.stem}, path.name)  # so that every table is one
        content["variant"] = variant
        for table, values in there[variant].items():
            former = content.get(table, {})
            content[table] = (former if isinstance(former, dict) else {}) | values
    return build(content | {"entry": path.stem}, path.name)


def build(content: dict[str, Any], file: str) -> Recipe:
    """The recipe of these tables; `file` is what an error calls them. Raises InvalidRecipe."""
    try:
        recipe = Recipe.model_validate(content)
    except ValidationError as error:
        raise InvalidRecipe(f"{file} is no recipe: {wrong(error)}.") from error
    if recipe.fit is None and recipe.model:
        raise InvalidRecipe(f"{file} has numbers of a network in [model], and no [fit].")
    _check_model(recipe, file)
    return recipe


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


def read_plan(
    folder: Path, entry: str, kind: type[Made], refused: type[ZooError], name: str
) -> Made:
    """A strict TOML file of an entry, in a folder beside the recipes.

    Raises InvalidOption where there is none, `refused` where it is no TOML, or no `name` ("sweep",
    say), with each key that is wrong.
    """
    there, file = sorted(path.stem for path in folder.glob("*.toml")), f"{folder.name}/{entry}.toml"
    if entry not in there:
        known = ", ".join(there) or "none has one"
        expected = f"one with a file training/recipes/{folder.name}/ENTRY.toml: {known}"
        raise InvalidOption("entry", entry, expected)
    try:
        content = tomllib.loads((folder / f"{entry}.toml").read_text())
        return kind.model_validate(content | {"entry": entry})
    except tomllib.TOMLDecodeError as error:
        raise refused(f"{file} is no TOML: {error}.") from error
    except ValidationError as error:
        raise refused(f"{file} is no {name}: {wrong(error)}.") from error


def wrong(error: ValidationError, table: str = "") -> str:
    """Every key that is wrong, and why."""
    return "; ".join(
        f"{table}{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
    )
