"""What differs between kinds of tasks once an entry is exported: evaluation, card, leaderboard.

The first word of a task's name finds its family: the tasks pair_score and pair_embed are in
`training/pair_family.py`, which has `FAMILY`. A new kind of task is a new file.
"""

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from contracts.errors import InvalidOption
from contracts.manifest import Manifest
from zoo.store import folders

Report = dict[str, Any]
Row = tuple[str, str, dict[str, float], str, dict[str, float] | None, dict[str, float] | None]
"""Protocol, figure, its record, the best baseline, its record, and the difference to it."""


class Family(ABC):
    """One kind of tasks."""

    @abstractmethod
    def evaluate(
        self, entry: str, protocols: Sequence[str] | None, stage: str
    ) -> tuple[Report, dict[str, pd.DataFrame]]:
        """What evaluation.json holds, and predictions by protocol."""

    @abstractmethod
    def save(self, entry: str, report: Report) -> Path:
        """Write a whole test report into the entry."""

    @abstractmethod
    def rows(self, report: Report) -> Iterator[Row]:
        """What a terminal shows of a report."""

    @abstractmethod
    def compare(
        self,
        entries: Sequence[str],
        protocols: Sequence[str] | None,
        stage: str,
        rungs: Sequence[str],
    ) -> Report:
        """Figures of entries and baselines, and what the first differs from each, in pairs."""


def of(task: str) -> Family:
    """The family of a task."""
    module = importlib.import_module(f"training.{task.partition('_')[0]}_family")
    return module.FAMILY


def of_entry(entry: str) -> Family:
    """The family of an entry's task. Raises UnknownEntry and the store's other errors."""
    return of(_manifest(entry).task)


def of_all(entries: Sequence[str]) -> Family:
    """The one family of all these entries. Raises InvalidOption where they have more."""
    first = _manifest(entries[0])
    for entry in entries[1:]:
        task = _manifest(entry).task
        if of(task) is not of(first.task):
            raise InvalidOption(
                "entries", f"{entry} of task {task}", f"entries like {first.entry}: {first.task}"
            )
    return of(first.task)


def _manifest(entry: str) -> Manifest:
    return folders.read_manifest(folders.locate(entry), entry)
