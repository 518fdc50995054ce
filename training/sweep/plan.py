"""Sweep files: strict TOML, one an entry, that say what is varied and how it is drawn."""

from collections.abc import Mapping
from typing import Annotated, Literal

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from pydantic import Discriminator, Field, NonNegativeInt, PositiveInt, Tag, model_validator

from contracts.errors import InvalidInput, InvalidOption
from training.recipe import RECIPES
from training.strict import Strict, made, tables

SWEEPS = RECIPES / "sweeps"

Value = bool | int | float | str
Sampler = Literal["random", "tpe"]
GIVEN: Literal["given"] = "given"
"""What is said of a trial whose values nothing drew."""
DIGITS = 3
"""Significant digits that a drawn number is rounded to, so that the winner reads as a recipe."""


class InvalidSweep(InvalidInput):
    """A sweep file has an unknown key, lacks one, or holds a value of the wrong kind."""

    code = "invalid-sweep"


class Range(Strict):
    """All numbers from `low` to `high`, both included; whole ones where both ends are whole.

    With `log` they are drawn evenly on the logarithmic scale.
    """

    low: int | float
    high: int | float
    log: bool = False

    @property
    def distribution(self) -> BaseDistribution:
        """The range as Optuna has it."""
        whole = isinstance(self.low, int) and isinstance(self.high, int)
        kind = IntDistribution if whole else FloatDistribution
        return kind(self.low, self.high, self.log)

    @property
    def ends(self) -> tuple[int | float, int | float]:
        """The smallest and the largest number."""
        return self.low, self.high

    def holds(self, value: Value) -> bool:
        """Whether a value could be drawn."""
        whole = isinstance(self.distribution, IntDistribution)
        number = type(value) is int or (type(value) is float and not whole)
        return number and self.low <= value <= self.high

    def rounded(self, drawn: int | float) -> int | float:
        """What is drawn as it is used: with DIGITS digits, and within the range."""
        if isinstance(drawn, int):
            return drawn
        return min(max(float(f"{drawn:.{DIGITS}g}"), self.low), self.high)

    @model_validator(mode="after")
    def _ascends(self) -> "Range":
        if not self.low < self.high:
            raise ValueError(f"low {self.low} is not below high {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"with log, low {self.low} has to be above 0")
        return self


class Choices(Strict):
    """One of these values; a sweep file has them as a plain list."""

    values: Annotated[list[Value], Field(min_length=2)]

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, given: object) -> object:
        return {"values": given} if isinstance(given, list) else given

    @property
    def distribution(self) -> BaseDistribution:
        """The values as Optuna has them."""
        return CategoricalDistribution(self.values)

    @property
    def ends(self) -> tuple[Value, ...]:
        """All values."""
        return tuple(self.values)

    def holds(self, value: Value) -> bool:
        """Whether a value could be drawn."""
        return value in self.values

    def rounded(self, drawn: Value) -> Value:
        """What is drawn as it is used."""
        return drawn

    @model_validator(mode="after")
    def _differ(self) -> "Choices":
        if any(value in self.values[:at] for at, value in enumerate(self.values)):
            raise ValueError("a value stands there twice")
        return self


def _kind(given: object) -> str:
    """Which of both a dimension is meant to be: a list has choices, all else should be a range."""
    has_values = isinstance(given, list | Choices) or (
        isinstance(given, dict) and "values" in given
    )
    return "choices" if has_values else "range"


Dimension = Annotated[
    Annotated[Range, Tag("range")] | Annotated[Choices, Tag("choices")], Discriminator(_kind)
]


class Pruning(Strict):
    """A trial is given up where its best figure so far is below the median of the others then.

    Not before `startup_trials` are complete, nor in the first `warmup_epochs` of a trial.
    """

    startup_trials: NonNegativeInt
    warmup_epochs: NonNegativeInt


class Plan(Strict):
    """What a study does: trials of each sampler in turn, drawn from `space` from a seed.

    Keys of `fixed` and `space` are a recipe's keys with their tables: "fit.learning_rate". What is
    `fixed` makes a trial short and is no part of the winner. Without `pruning` every trial is run
    to its end. `first` has values that are tried before anything is drawn, such as those that were
    found by hand; each has every key of `space`. `note` is what a reader of the trials should know.
    """

    entry: str
    note: str = ""
    seed: NonNegativeInt
    phases: Annotated[dict[Sampler, PositiveInt], Field(min_length=1)]
    first: list[dict[str, Value]] = Field(default_factory=list)
    pruning: Pruning | None = None
    fixed: dict[str, Value] = Field(default_factory=dict)
    space: Annotated[dict[str, Dimension], Field(min_length=1)]

    def rounded(self, drawn: Mapping[str, Value]) -> dict[str, Value]:
        """What is drawn as it is used, in the file's order."""
        return {key: each.rounded(drawn[key]) for key, each in self.space.items()}

    @property
    def total(self) -> int:
        """Trials of all phases, and those of given values."""
        return len(self.first) + sum(self.phases.values())

    def sampler(self, draw: int) -> Sampler | Literal["given"]:
        """What draws the trial number `draw`, which counts from 0; the last goes on for ever."""
        if draw < len(self.first):
            return GIVEN
        draw -= len(self.first)
        for name, count in self.phases.items():
            if draw < count:
                return name
            draw -= count
        return list(self.phases)[-1]

    @model_validator(mode="after")
    def _apart(self) -> "Plan":
        if both := sorted(set(self.fixed) & set(self.space)):
            raise ValueError(f"{both[0]} is fixed and searched; remove it from one of both")
        for values in self.first:
            if other := sorted(set(values) ^ set(self.space)):
                raise ValueError(f"first has to give every key of space and no other: {other[0]}")
            for key, value in values.items():
                if not self.space[key].holds(value):
                    raise ValueError(f"first has {key} = {value!r}, which is not in space")
        return self


def names() -> list[str]:
    """Entries that have a sweep file."""
    return sorted(path.stem for path in SWEEPS.glob("*.toml"))


def load(entry: str) -> Plan:
    """The sweep of `entry`. Raises InvalidOption where there is none, InvalidSweep."""
    there, file = names(), f"{SWEEPS.name}/{entry}.toml"
    if entry not in there:
        known = ", ".join(there) or "none has one"
        expected = f"one with a file training/recipes/{SWEEPS.name}/ENTRY.toml: {known}"
        raise InvalidOption("entry", entry, expected)
    content = tables(SWEEPS / f"{entry}.toml", file, InvalidSweep)
    return made(Plan, content | {"entry": entry}, file, InvalidSweep, "sweep")
