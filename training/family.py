"""What a family of tasks says of itself, so that training, evaluation and seeds are written once.

A family is a folder: `training/<family>/family.py` has `FAMILY`. The folder is the registration.
"""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import pandas as pd

from contracts import tasks
from contracts.errors import InvalidOption
from training.scoring.measures import Values
from training.scoring.question import Ask, Question
from training.scoring.table import Fact, Headline, ModelInfo, Published, Series
from training.split import Parts
from zoo.store import folders

if TYPE_CHECKING:
    from training.begin import Options
    from training.recipe import Recipe
    from training.scoring.contest import Contest


@dataclass(frozen=True, eq=False)
class Ground:
    """What questions are made of: the data, its split, and the stage that is asked about.

    `folds` are those of a rotation, each with the split of its own. `answers` is a folder where
    what baselines answer is kept for the next evaluation.
    """

    data: Any
    split: Any
    stage: str
    root: Path | None = None
    folds: tuple["Ground", ...] = ()
    answers: Path | None = None


@dataclass(frozen=True)
class Model:
    """What stands beside an entry in its table, and answers the same questions."""

    info: ModelInfo
    ask: Ask


@dataclass(frozen=True)
class Notes:
    """What is told of a question beside its figures.

    `values` are figures of the entry without an interval; `series` curves and bins.
    """

    values: dict[str, float] = field(default_factory=dict)
    series: list[Series] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)


class Monitored(NamedTuple):
    """The figure of a held-out part that a training watches; `suffix` ends its name in reports."""

    protocol: str
    measure: str
    suffix: str = ""

    @property
    def name(self) -> str:
        """degree_preserving/auroc, say."""
        return f"{self.protocol}/{self.measure}{self.suffix}"


class Family(ABC):
    """One kind of tasks.

    `protocols` are the names of all that can be asked, in the order of tables; `columns` those of
    a table of predictions; `monitored` says by held-out part what a training watches; `from_data`
    has what the data gives to an architecture's Config and no recipe sets, with examples. `split`
    is what entries ship of their split. The modules in the folder `baselines` are the rungs of a
    ladder, each with a TITLE; names that begin with an underscore are what rungs share.
    """

    name: str
    protocols: tuple[str, ...]
    monitored: Mapping[str, Monitored]
    from_data: Mapping[str, Any] = MappingProxyType({})
    columns: tuple[str, ...] = ()
    split: ClassVar[type[Parts]]

    @property
    def _baselines(self) -> ModuleType:
        return importlib.import_module(f"training.{self.name}.baselines")

    def rungs(self) -> list[str]:
        """The baselines there are."""
        there = (each.name for each in pkgutil.iter_modules(self._baselines.__path__))
        return sorted(name for name in there if not name.startswith("_"))

    def suits(self, rung: Any, ground: Ground) -> bool:
        """Whether the data has what a baseline is made from."""
        return True

    def rung(self, name: str) -> Any:
        """A baseline, which has what its module would. Raises InvalidOption for no such name."""
        if name not in self.rungs():
            raise InvalidOption("baseline", name, f"one of {', '.join(self.rungs())}")
        return importlib.import_module(f"{self._baselines.__name__}.{name}")

    def load_split(self, path: Path) -> Any:
        """Read a split that an entry ships. Raises StaleSplit where it has other parts."""
        return self.split.load(path)

    def train(self, recipe: "Recipe", options: "Options") -> dict[str, Any]:
        """Train by a recipe, write the run folder, and return what run.json has."""
        return importlib.import_module(f"training.{self.name}.run").train(recipe, options)

    def run_scorer(self, folder: Path) -> Any:
        """The network of a run folder, which is asked as a loaded entry is."""
        return importlib.import_module(f"training.{self.name}.scorer").of_run(folder)

    @abstractmethod
    def offered(self, ground: Ground) -> tuple[str, ...]:
        """The protocols that the split has parts for."""

    @abstractmethod
    def questions(self, ground: Ground, protocol: str) -> Iterable[Question]:
        """All questions of a protocol, the most important one first."""

    @abstractmethod
    def headline(self, ground: Ground) -> Headline | None:
        """The one figure that stands for an entry."""

    @abstractmethod
    def answer(self, ground: Ground, question: Question, scorer: Any) -> pd.DataFrame:
        """What a loaded entry says of each row, beside its label."""

    @abstractmethod
    def fit(self, rung: Any, ground: Ground, question: Question) -> Ask:
        """A baseline, fitted on the training part for a question."""

    def fitted_for(self, rung: Any, question: Question) -> str:
        """What of a question has a say in the fit of a baseline."""
        return ""

    def rivals(self, contest: "Contest") -> dict[str, Model]:
        """What stands beside an entry that is no baseline of the ladder: other entries, say."""
        return {}

    def notes(
        self,
        ground: Ground,
        question: Question,
        table: pd.DataFrame,
        answers: Mapping[str, Values],
        best: str | None,
    ) -> Notes:
        """What is told of a question beside its figures.

        `table` is the entry's answer, `best` the baseline that leads in the leading measure.
        """
        return Notes()

    def values(self, question: Question, table: pd.DataFrame) -> Values:
        """The answers to a question's rows, from the table that the entry's `answer` gave."""
        return table[question.column].to_numpy()

    def comparable(
        self, question: Question, answers: Mapping[str, Values]
    ) -> tuple[Question, Mapping[str, Values]] | None:
        """The rows that all models answer, and their answers; None where the first has too few."""
        return question, answers

    def published(self, ground: Ground) -> list[Published]:
        """Figures that others reported on the same data."""
        return []

    def ask(self, ground: Ground, scorer: Any) -> Ask:
        """A loaded entry as a model."""
        return lambda question: self.values(question, self.answer(ground, question, scorer))


def of(task: str) -> Family:
    """What the family of a task says of itself."""
    return importlib.import_module(f"training.{tasks.get(task).family}.family").FAMILY


def of_entry(entry: str) -> Family:
    """The family of an entry's task. Raises UnknownEntry and the store's other errors."""
    return of(folders.read_manifest(folders.locate(entry), entry).task)


def of_all(entries: Sequence[str]) -> Family:
    """The one family of all these entries. Raises InvalidOption where they have more."""
    first, *others = (folders.read_manifest(folders.locate(name), name) for name in entries)
    for other in others:
        if other.family != first.family:
            raise InvalidOption(
                "entries",
                f"{other.entry} of task {other.task}",
                f"entries like {first.entry}: {first.task}",
            )
    return of(first.task)
