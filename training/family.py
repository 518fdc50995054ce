"""What differs between families of tasks in training and evaluation, and how a family is found.

The folder is the registration: `training/<family>/family.py` has `FAMILY`, which keeps this
protocol. A task names its family (`contracts.Task.family`).
"""

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from contracts import tasks
from contracts.errors import InvalidOption
from training.begin import Options
from training.scoring.question import Question
from training.scoring.table import Fact, Headline, ModelInfo, Published, Series
from zoo.store import folders

if TYPE_CHECKING:
    from training.recipe import Recipe
    from training.scoring.subject import Subject


@dataclass(frozen=True)
class Model:
    """Something to ask: an entry or a baseline; what it is asked by is the family's own affair."""

    info: ModelInfo
    asked: Any


@dataclass
class Extras:
    """What a family says of a question besides measures of all models."""

    figures: dict[str, float] = field(default_factory=dict)
    """Figures of the entry that have no interval, by measure."""
    series: list[Series] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)


class Family(Protocol):
    """One family of tasks."""

    name: str
    monitored: Mapping[str, tuple[str, str]]
    """Figures of a training's validation: name in its history -> protocol and measure."""

    def train(self, recipe: "Recipe", options: Options) -> dict[str, Any]:
        """Train by a recipe and write the run folder; returns what run.json says."""
        ...

    def load_split(self, path: Path) -> Any:
        """The split that an entry ships."""
        ...

    def protocols(self, data: Any, split: Any, stage: str) -> tuple[str, ...]:
        """The protocols that a split has parts for."""
        ...

    def questions(self, subject: "Subject", protocol: str) -> Iterable[Question]:
        """What a protocol asks."""
        ...

    def entry(self, title: str, scorer: Any) -> Model:
        """A loaded entry as a model."""
        ...

    def rivals(self, subject: "Subject", question: Question) -> dict[str, Model]:
        """Other entries, and the entry with a part changed, that answer a question beside it."""
        ...

    def baselines(
        self, subject: "Subject", question: Question, names: Sequence[str] | None
    ) -> dict[str, Model]:
        """Fitted baselines (None: all that belong beside the question) by name."""
        ...

    def ask(self, subject: "Subject", question: Question, model: Model) -> np.ndarray:
        """What a model says of the question's rows, as the measures take it."""
        ...

    def predictions(self, subject: "Subject", question: Question) -> pd.DataFrame:
        """The entry's predictions, a row each, with names and labels."""
        ...

    def extras(
        self, subject: "Subject", question: Question, answers: Mapping[str, np.ndarray]
    ) -> Extras:
        """What is said of a question besides, given the answers of all models."""
        ...

    def headline(self, data: Any, protocols: Sequence[str]) -> Headline | None:
        """The figure that stands for an entry."""
        ...

    def published(self, data: Any) -> list[Published]:
        """Figures that others reported on the same data."""
        ...


def of(task: str) -> Family:
    """The family of a task."""
    module = importlib.import_module(f"training.{tasks.get(task).family}.family")
    return module.FAMILY


def of_entry(entry: str) -> Family:
    """The family of an entry's task. Raises UnknownEntry and the store's other errors."""
    return of(_task(entry))


def of_all(entries: Sequence[str]) -> Family:
    """The one family of all these entries. Raises InvalidOption where they have more."""
    first = of(_task(entries[0]))
    for entry in entries[1:]:
        if of(_task(entry)) is not first:
            raise InvalidOption(
                "entries",
                f"{entry} of task {_task(entry)}",
                f"entries like {entries[0]}: {_task(entries[0])}",
            )
    return first


def by_family(entries: Iterable[str]) -> Iterator[tuple[Family, list[str]]]:
    """Entries in groups of one family each, in the order of their first."""
    groups: dict[str, list[str]] = {}
    for entry in entries:
        groups.setdefault(of_entry(entry).name, []).append(entry)
    for names in groups.values():
        yield of_entry(names[0]), names


def _task(entry: str) -> str:
    return folders.read_manifest(folders.locate(entry), entry).task
