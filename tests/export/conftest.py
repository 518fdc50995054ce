"""Toy runs and the entries made of them: see tests/training/toy.py."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from tests import shared
from tests.export import encoder, perturbation_runs
from tests.training import toy


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """The toy is too small to gain from more, and the tests may share their cores."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what is made once a session."""
    return shared.room(tmp_path_factory) / "toy"


@pytest.fixture(scope="session")
def toy_entries(scratch: Path) -> Path:
    """A folder with every toy entry; not to be changed."""
    return toy.entries(scratch)


@pytest.fixture
def run_of(scratch: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copy a finished run to a folder of this test, which may spoil it."""

    def copy(entry: str) -> Path:
        return Path(shutil.copytree(toy.runs(scratch) / entry, tmp_path / "runs" / entry))

    return copy


@pytest.fixture(scope="session")
def architectures() -> Iterator[None]:
    """Lets the encoder of these tests be found by its name, as those of the zoo are."""
    name = "zoo.architectures.encoder"
    sys.modules[name] = encoder
    yield
    del sys.modules[name]


@pytest.fixture(scope="session")
def perturbation_entries(scratch: Path, architectures: None) -> Path:
    """A folder with every perturbation entry, exported; not to be changed."""
    from export.package import package

    def build(folder: Path) -> None:
        for entry in perturbation_runs.ENTRIES:
            run = folder.with_name("perturbation-runs") / entry
            package(perturbation_runs.write(entry, run), folder / entry)

    return shared.once(scratch / "perturbations", build)


@pytest.fixture
def perturbation_run(architectures: None, tmp_path: Path) -> Callable[[str], Path]:
    """Write a finished run of a perturbation entry to a folder of this test."""
    return lambda entry: perturbation_runs.write(entry, tmp_path / "runs" / entry)
