"""A recipe by dotted keys such as "fit.learning_rate": read as one table, and with other values."""

import copy
from collections.abc import Mapping
from typing import Any

from training import recipe
from training.perturbations import fits
from training.recipe import Recipe
from training.sweep.plan import Value


def numbers(base: Recipe) -> dict[str, Any]:
    """The recipe as nested tables."""
    return base.model_dump(mode="json")


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
    content = copy.deepcopy(numbers(base))
    for key, value in values.items():
        *tables, name = key.split(".")
        table = content
        for each in tables:
            table = table[each]
        table[name] = value
    made = recipe.build(content, f"{base.entry}.toml with these values")
    fits.read_objective(made)
    return made


def written(value: Value | None) -> str:
    """A value as TOML has it, but for quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    return "-" if value is None else str(value)
