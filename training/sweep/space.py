"""A recipe by dotted keys such as "fit.learning_rate": which there are, and what they may be."""

import copy
from collections.abc import Mapping
from typing import Any, get_origin

from contracts.genes.near import near_names
from contracts.wording import did_you_mean
from training import recipe
from training.perturbations import fits
from training.recipe import Recipe, from_data
from training.stages.stage import Fit
from training.strict import InvalidRecipe
from training.sweep.plan import InvalidSweep, Plan, Value


def check(plan: Plan, base: Recipe) -> None:
    """Raise InvalidSweep for a key that no recipe of the entry has, or a value that it can't have.

    Every value is tried alone; a range by its ends.
    """
    file = f"sweeps/{plan.entry}.toml"
    if base.fit is None:
        raise InvalidSweep(f"{base.entry} follows no gradient: there is no figure to choose by.")
    known = keys(base)
    for key in (*plan.fixed, *plan.space):
        if key not in known:
            near = did_you_mean(near_names(key, known), f"Keys are such as {known[0]}.")
            raise InvalidSweep(f"{file} has {key}, which is no key of the recipe. {near}")
    ends = {key: dimension.ends for key, dimension in plan.space.items()}
    ends |= {key: (value,) for key, value in plan.fixed.items()}
    for key, values in ends.items():
        for value in values:
            try:
                with_values(base, {key: value})
            except InvalidRecipe as error:
                raise InvalidSweep(f"{file} has {key} = {value!r}. {error}") from error


def keys(base: Recipe) -> list[str]:
    """Keys of the recipe and of all that its tables may hold, tables included in the name.

    Those of stages are none of them: the winner's recipe has a line for every key.
    """
    tables = {"model": base.module.Config, "objective": fits.reader(base), "fit": Fit}
    declared = {
        f"{table}.{name}"
        for table, reader in tables.items()
        for name, field in reader.model_fields.items()
        if get_origin(field.annotation) not in (dict, tuple)
    }
    given = {f"model.{name}" for name in from_data(base)}
    return sorted((declared - given) | set(flat(base.model_dump(mode="json", include={*tables}))))


def flat(tables: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested tables as one, with keys such as "fit.learning_rate"."""
    found = {}
    for name, value in tables.items():
        if isinstance(value, dict):
            found |= flat(value, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found


def with_values(base: Recipe, values: Mapping[str, Value]) -> Recipe:
    """The recipe with other values at some keys. Raises InvalidRecipe."""
    content = copy.deepcopy(base.model_dump(mode="json"))
    for key, value in values.items():
        *tables, name = key.split(".")
        table = content
        for each in tables:
            table = table[each]
        table[name] = value
    made = recipe.build(content, f"{base.entry}.toml with these values")
    fits.read_objective(made)
    return made
