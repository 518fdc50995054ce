"""Ablation files: strict TOML, one an entry, that name trainings and what is changed in each."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.errors import InvalidInput, InvalidOption
from training.recipe import RECIPES, Recipe
from training.strict import InvalidRecipe, Strict, read_plan
from training.sweep.plan import Value
from training.sweep.space import with_values

ABLATIONS = RECIPES / "ablations"
FULL = "full"
"""The training in which nothing is changed."""

Group = Literal["relations", "losses", "head", "depth", "gpu", "seed"]


class InvalidAblations(InvalidInput):
    """A file of ablations has an unknown key, lacks one, or holds a value of the wrong kind."""

    code = "invalid-ablations"


class Run(Strict):
    """One training: its name, what it is about, and the recipe's keys that are changed in it."""

    name: Annotated[str, Field(pattern="^[a-z0-9_]+$")]
    group: Group
    changed: dict[str, Value] = Field(default_factory=dict)


class Plan(Strict):
    """All trainings of an entry; `fixed` is changed in each, to make them short, say.

    `note` is what a reader of the figures should know.
    """

    entry: str
    note: str = ""
    fixed: dict[str, Value] = Field(default_factory=dict)
    runs: Annotated[list[Run], Field(min_length=1)]

    @model_validator(mode="after")
    def _told_apart(self) -> "Plan":
        names = [run.name for run in self.runs]
        if FULL not in names:
            raise ValueError(f"no run is named {FULL}, to hold the others against")
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two runs are named {twice}")
        return self

    def chosen(self, only: list[str]) -> list[Run]:
        """The runs of these names, or all. Raises InvalidOption for an unknown one."""
        names = [run.name for run in self.runs]
        for name in only:
            if name not in names:
                raise InvalidOption("--only", name, f"one of {', '.join(names)}")
        return [run for run in self.runs if not only or run.name in only]

    def recipe(self, base: Recipe, run: Run) -> Recipe:
        """The recipe of one training. Raises InvalidAblations for a key or value that is wrong."""
        try:
            return with_values(base, self.fixed | run.changed)
        except (InvalidRecipe, KeyError) as error:
            raise InvalidAblations(f"ablations/{self.entry}.toml, {run.name}: {error}") from error


def load(entry: str) -> Plan:
    """The ablations of `entry`. Raises InvalidOption where there are none, InvalidAblations."""
    return read_plan(ABLATIONS, entry, Plan, InvalidAblations, "plan of ablations")
