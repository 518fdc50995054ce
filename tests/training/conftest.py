"""The toy dataset and entries: see tests/training/toy.py."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests import shared
from tests.training import toy
from training.data.pairs import PairData
from training.pairs.family import FAMILY
from training.pairs.split import Split
from training.scoring import bootstrap, ladder
from training.scoring.evaluate import evaluate
from training.scoring.table import Evaluation
from zoo.store import folders

RESAMPLES = 100


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """The toy is too small to gain from more, and the tests may share their cores."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what is made once a session."""
    return shared.room(tmp_path_factory) / "toy"


@pytest.fixture(scope="session")
def toy_data() -> PairData:
    """520 genes, 120 of them regulators, about 1,700 edges."""
    return toy.data()


@pytest.fixture(scope="session")
def toy_split() -> Split:
    """The split of every toy entry."""
    return toy.split()


@pytest.fixture
def toy_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the code under test find the toy recipes and the toy dataset."""
    toy.put_in_place(monkeypatch, tmp_path / "recipes")


@pytest.fixture(scope="session")
def toy_runs(scratch: Path) -> Path:
    """A finished run of every toy entry; not to be changed."""
    return toy.runs(scratch)


@pytest.fixture
def copied(scratch: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copy and register an exported toy entry."""

    def copy(entry: str) -> Path:
        folder = shutil.copytree(toy.entries(scratch) / entry, tmp_path / "copies" / entry)
        folders.register(folder)
        return folder

    return copy


@pytest.fixture
def toy_zoo(scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy_place) -> None:
    """A zoo with the toy entries and no other, and the toy dataset to evaluate them on."""
    monkeypatch.setattr(folders, "BUNDLED", tmp_path / "nothing-bundled")
    for entry in toy.ENTRIES:
        folders.register(toy.entries(scratch) / entry)


@pytest.fixture
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals from 100 resamples instead of 1,000; see scoring/test_measures.py."""
    monkeypatch.setattr(bootstrap, "RESAMPLES", RESAMPLES)


@pytest.fixture
def short_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six rungs for the toy, five trees in a forest; all are tested in baselines/test_rungs.py."""
    monkeypatch.setattr(FAMILY.rung("spectral_boosting"), "TREES", 5)
    monkeypatch.setattr(FAMILY, "rungs", lambda: list(RUNGS))
    monkeypatch.setattr(ladder, "_fitted", _fitted)
    monkeypatch.setattr(ladder, "_answered", _answered)


UNFIT = ("knowledge_boosting", "marbach")
"""Rungs of data that know more than the toy's: never asked."""
RUNGS = (
    "correlation", "degree_logistic", "degree_product", "nearest_neighbours", "spectral_boosting",
    "tf_degree", *UNFIT,
)  # fmt: skip
_fitted: dict = {}
_answered: dict = {}
_answers: dict[str, tuple[Evaluation, dict]] = {}


@pytest.fixture
def toy_answers(toy_zoo, few_resamples, short_ladder) -> Callable[[str], tuple[Evaluation, dict]]:
    """The report and the predictions of a toy entry over all protocols; not to be changed."""

    def answers(entry: str) -> tuple[Evaluation, dict]:
        if entry not in _answers:
            _answers[entry] = evaluate(entry)
        return _answers[entry]

    return answers


@pytest.fixture(params=toy.ENTRIES)
def evaluated(request, toy_answers):
    """An entry with its report over all protocols and its predictions."""
    return request.param, *toy_answers(request.param)
