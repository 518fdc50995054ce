"""What is asked of every model alike: rows with labels, the units of the rows, the measures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Shaped

from contracts.errors import InvalidOption
from training.scoring.bootstrap import RESAMPLES, Draws, Estimate
from training.scoring.table import Fact, QuestionInfo

STAGES = ("valid", "test")

Predictions = Mapping[str, Shaped[np.ndarray, "rows"]]
"""What every model says of a question's rows, by the model's id."""


@dataclass(frozen=True)
class Measure:
    """A figure of predictions, of all models at once: label, predictions and draws go in."""

    name: str
    of: Callable[[np.ndarray, Predictions, Draws], dict[str, Estimate]]


@dataclass(frozen=True, eq=False)
class Question:
    """One question of a protocol.

    `asks` is the sentence that cards print. `rows` are what a family's models are asked, and
    `spec` is what else a family must know to ask them. `units` [rows] or [rows, units] are what the
    bootstrap draws again, each a `unit`; `fixed` ones stay, and with `strata` they are drawn within
    groups. The first measure leads; `digits` says how many are saved of a figure. A question that
    is not `listed` asks another one again, of some of its rows.
    """

    protocol: str
    asks: str
    rows: np.ndarray
    label: np.ndarray
    units: np.ndarray
    unit: str
    measures: tuple[Measure, ...]
    name: str = ""
    spec: Any = None
    fixed: np.ndarray | None = None
    strata: np.ndarray | None = None
    resamples: int = RESAMPLES
    facts: dict[str, Fact] = field(default_factory=dict)
    digits: int | None = None
    listed: bool = True

    def measured(self, predictions: Predictions) -> dict[str, dict[str, Estimate]]:
        """Every measure of every model, from the same draws: measure -> model -> estimate."""
        draws = Draws.of(self.units, self.fixed, self.strata, self.resamples)
        return {m.name: m.of(self.label, predictions, draws) for m in self.measures}

    def info(self) -> QuestionInfo:
        """What is said of the question once."""
        return QuestionInfo(
            protocol=self.protocol,
            question=self.name,
            asks=self.asks,
            unit=self.unit,
            resamples=self.resamples,
            facts=self.facts,
        )


def check_stage(stage: str) -> str:
    """`stage`, or InvalidOption with those there are."""
    if stage not in STAGES:
        raise InvalidOption("--stage", stage, f"one of {', '.join(STAGES)}")
    return stage


def check_protocol(name: str, offered: tuple[str, ...]) -> str:
    """`name`, or InvalidOption with the protocols there are."""
    if name not in offered:
        raise InvalidOption("--protocol", name, f"one of {', '.join(offered)}")
    return name
