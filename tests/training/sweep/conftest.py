"""The toy sweep: its files in place, and a training that takes no time."""

from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

import lightning
import pytest

from tests.training.sweep import toy
from training.loop import MONITOR, Diverged
from training.perturbations import fits
from training.perturbations.fits import Job


@pytest.fixture
def recipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the toy's recipe, with its sweep file below it."""
    return toy.put_in_place(monkeypatch, tmp_path / "recipes")


@pytest.fixture
def runs(tmp_path: Path, recipes: Path) -> Path:
    """A folder of run folders."""
    return tmp_path / "runs"


class Past(lightning.LightningModule):
    """A module that has been through some epochs."""

    def __init__(self, history: list[dict[str, float]]):
        super().__init__()
        self.history = history


Curve = Iterable[float | type[BaseException]]


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], Curve]], list[Job]]:
    """Replaces training: the n-th has these figures, an epoch each, or raises what stands there.

    Returns the list that the jobs are put into.
    """

    def script(curve: Callable[[int], Curve]) -> list[Job]:
        jobs: list[Job] = []

        def fit(job: Job) -> SimpleNamespace:
            jobs.append(job)
            history: list[dict[str, float]] = []
            for value in curve(len(jobs) - 1):
                if not isinstance(value, float):
                    raise Diverged("No finite numbers.") if value is Diverged else value
                history.append({"epoch": len(history), "valid": value, MONITOR: value})
                for each in job.callbacks:
                    each.on_validation_end(object.__new__(lightning.Trainer), Past(history))
            return SimpleNamespace(history=history)

        monkeypatch.setattr(fits, "fit", fit)
        return jobs

    return script
