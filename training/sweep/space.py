"""A search space over a recipe: which keys there are, and what they may be."""

from collections.abc import Mapping
from typing import get_origin

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from contracts.genes.near import near_names
from contracts.wording import did_you_mean
from training.perturbations import fits
from training.recipe import Fit, InvalidRecipe, Recipe, from_data
from training.sweep.plan import Choices, InvalidSweep, Plan, Value
from training.sweep.values import flat, numbers, with_values

DIGITS = 3
"""Significant digits that a drawn number is rounded to, so that the winner reads as a recipe."""


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
    """Keys of the recipe and of all that its tables may hold, tables included in the name."""
    tables = {"model": (base.module.Config,), "objective": fits.readers(base), "fit": (Fit,)}
    declared = {
        f"{table}.{name}"
        for table, readers in tables.items()
        for reader in readers
        for name, field in reader.model_fields.items()
        if get_origin(field.annotation) not in (dict, tuple)
    }
    given = {f"model.{name}" for name in from_data(base)}
    return sorted((declared - given) | set(flat({name: numbers(base)[name] for name in tables})))


def distributions(plan: Plan) -> dict[str, BaseDistribution]:
    """The search space as Optuna has it, in the file's order."""
    found: dict[str, BaseDistribution] = {}
    for key, dimension in plan.space.items():
        if isinstance(dimension, Choices):
            found[key] = CategoricalDistribution(dimension.values)
        elif dimension.whole:
            found[key] = IntDistribution(int(dimension.low), int(dimension.high), dimension.log)
        else:
            found[key] = FloatDistribution(dimension.low, dimension.high, dimension.log)
    return found


def rounded(plan: Plan, drawn: Mapping[str, Value]) -> dict[str, Value]:
    """What is drawn as it is used: numbers of a range with DIGITS digits, and within it."""
    found: dict[str, Value] = {}
    for key, dimension in plan.space.items():
        value = drawn[key]
        if isinstance(value, float) and not isinstance(dimension, Choices):
            value = min(max(float(f"{value:.{DIGITS}g}"), dimension.low), dimension.high)
        found[key] = value
    return found
