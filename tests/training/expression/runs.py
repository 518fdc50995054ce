"""Finished runs of expression entries, on planted cells."""

from pathlib import Path

import pytest

from tests.training.expression import planted
from training import data as datasets
from training import recipe
from training.begin import Options
from training.data import gene_records
from training.data.files import DataFiles
from training.expression import run

NAMES = ("no_change", "mean", "additive", "shrunken_additive")


def plant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the planted cells in the place of a data set."""
    monkeypatch.setattr(datasets, "load", lambda name, root=None: planted.data())
    monkeypatch.setattr(DataFiles, "find", lambda root=None: None)
    monkeypatch.setattr(gene_records, "human", lambda files, names: planted.records(names))


def trained(architecture: str, folder: Path) -> dict:
    """Train by the recipe of the architecture's entry; returns the report."""
    chosen = recipe.load(f"{architecture}-norman19")
    return run.train(chosen, Options(folder, progress=False))
