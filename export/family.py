"""What differs between kinds of tasks on the way from a run folder to an entry that ships.

The folder is the registration: `export/<family>/family.py` has `FAMILY`.
"""

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Shaped
from safetensors.numpy import load_file, save_file
from torch import nn

from contracts import tasks
from contracts.manifest import Manifest
from contracts.tensors import Contract
from export.lanes import Run
from zoo.entry import STATE

Arrays = dict[str, Shaped[np.ndarray, "..."]]
Sizes = Mapping[str, int]
Figures = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One golden case: the graph's role, the case's name, and what the graph is asked."""

    role: str
    name: str
    inputs: Arrays


class Probe(ABC):
    """A fixed sample of questions, by which one way to run an entry is held against another."""

    @abstractmethod
    def about(self) -> Figures:
        """What of the sample stands in parity.json, beside the batches."""

    @abstractmethod
    def ask(self, run: Run) -> Any:
        """The answers of one lane, in its own precision."""

    @abstractmethod
    def compare(self, lane: str, truth: Any, got: Any) -> Figures:
        """Figures of one lane; raises ParityFailed where values or decisions are others."""


class Family(ABC):
    """One kind of tasks."""

    samples: ClassVar[str]
    """The file of a run folder that has questions of its own data, for golden vectors."""

    @abstractmethod
    def sizes(self, run: dict[str, Any], model: nn.Module) -> dict[str, int]:
        """The fixed sizes of an entry's manifest; `run` is run.json."""

    @abstractmethod
    def example(self, contract: Contract, sizes: Sizes) -> Arrays:
        """Small valid inputs of a graph, to trace it with."""

    def fed(self, task: str, run: Run, folder: Path) -> Run:
        """A lane that is asked for what people ask, and adds what the entry carries itself."""
        return run

    def complete(self, model: nn.Module, folder: Path, manifest: Manifest) -> None:  # noqa: B027
        """Add to the folder's state what is computed once, with its graphs where those can."""

    @abstractmethod
    def golden(self, roles: Collection[str], sizes: Sizes, source: Path) -> Iterator[Case]:
        """The golden cases of the graphs of `roles`; `source` is the run folder."""

    @abstractmethod
    def probe(self, task: str, sizes: Sizes) -> Probe:
        """The questions for an entry of that task and these sizes."""

    def more_lanes(
        self, model: nn.Module, folder: Path, manifest: Manifest
    ) -> dict[str, Callable[[], Run]]:
        """Further ways to run the entry, held against torch as the others are."""
        return {}

    def algebra(
        self, model: nn.Module, task: str, folder: Path, run: Run, probe: Any
    ) -> dict[str, Figures]:
        """Further comparisons of the reference lane `run` by name; raises ParityFailed."""
        return {}


def add_to_state(folder: Path, tensors: Arrays) -> None:
    """Add what is computed once to the state of an entry."""
    save_file(load_file(folder / STATE) | tensors, folder / STATE)


def of(task: str) -> Family:
    """The family of a task."""
    return importlib.import_module(f"export.{tasks.get(task).family}.family").FAMILY
