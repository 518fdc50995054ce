"""The planted data and entries: see planted.py and entries.py beside this file."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import shared
from tests.training.perturbations import entries, planted
from training.data.perturbations import PerturbationData
from training.perturbations.baselines import Context
from training.perturbations.family import FAMILY
from training.perturbations.split import SetSplit
from training.scoring import bootstrap, ladder
from training.scoring.evaluate import evaluate
from training.scoring.keeping import keep
from training.scoring.table import Evaluation
from zoo.store import folders

RESAMPLES = 60


@pytest.fixture(scope="session")
def planted_data() -> PerturbationData:
    """50 genes, five sources."""
    return planted.data()


@pytest.fixture(scope="session")
def planted_split() -> SetSplit:
    """Its split."""
    return planted.split()


@pytest.fixture(scope="session")
def context(planted_data, planted_split) -> Context:
    """What rungs are fitted with."""
    return Context(planted_data, planted_split)


@pytest.fixture(scope="session")
def planted_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both entries; not to be changed."""
    return entries.folder(shared.room(tmp_path_factory) / "planted")


@pytest.fixture
def planted_zoo(planted_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zoo with the planted entries and no other, and the planted data; few resamples."""
    monkeypatch.setattr(folders, "BUNDLED", tmp_path / "nothing-bundled")
    entries.put_in_place(monkeypatch)
    for entry in entries.ENTRIES:
        folders.register(planted_folder / entry)
    monkeypatch.setattr(bootstrap, "RESAMPLES", RESAMPLES)
    network = FAMILY.rung("pair_mlp")
    monkeypatch.setattr(network, "EPOCHS", 2)
    monkeypatch.setattr(network, "BATCH", 512)
    monkeypatch.setattr(FAMILY.rung("boosting"), "TREES", 20)
    monkeypatch.setattr(ladder, "_fitted", _fitted)
    monkeypatch.setattr(ladder, "_answered", _answered)


_fitted: dict = {}
_answered: dict = {}
_reports: dict[str, tuple[Evaluation, dict]] = {}


@pytest.fixture
def planted_answers(planted_zoo) -> Callable[[str], tuple[Evaluation, dict]]:
    """The report and the predictions of an entry over all protocols; not to be changed."""

    def answers(entry: str) -> tuple[Evaluation, dict]:
        if entry not in _reports:
            _reports[entry] = evaluate(entry)
        return _reports[entry]

    return answers


@pytest.fixture
def saved(planted_answers, planted_folder: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copy and register an entry with its evaluation."""

    def save(entry: str) -> Path:
        folder = shutil.copytree(planted_folder / entry, tmp_path / "artifacts" / entry)
        folders.register(folder)
        keep(entry, planted_answers(entry)[0])
        return folder

    return save
