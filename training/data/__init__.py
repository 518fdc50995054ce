"""One module a dataset: digests checked, ids resolved, coverage reported, tidy tables given.

A recipe names its dataset, and `load(name)` finds the module of that name here: one that has a
function `load(files)`. What it gives is PairData, PerturbationData or another Dataset.
"""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Protocol, runtime_checkable

from contracts.errors import InvalidOption
from training.data.files import DataFiles
from training.data.pairs import PairData
from training.data.perturbations import PerturbationData

__all__ = ["DataFiles", "Dataset", "PairData", "PerturbationData", "load", "names"]


@runtime_checkable
class Dataset(Protocol):
    """What every data set says of itself, whatever is in it.

    `coverage` has the shares that joins keep; `digests` and `licences` are those of the raw files.
    """

    coverage: dict[str, float]
    digests: dict[str, str]
    licences: dict[str, str]
    description: str


def names() -> list[str]:
    """The datasets that a recipe may name."""
    there = (each.name for each in pkgutil.iter_modules(__path__))
    return sorted(name for name in there if hasattr(_module(name), "load"))


def load(name: str, root: Path | None = None) -> Dataset:
    """Build the dataset `name` from the raw files under `root` (default: the folder in `ZOO_DATA`).

    Raises InvalidOption for an unknown dataset, MissingData without files, CorruptArtefact for a
    file whose digest is not the recorded one, LowCoverage where a join keeps too little.
    """
    if name not in names():
        raise InvalidOption("dataset", name, f"one of {', '.join(names())}")
    return _module(name).load(DataFiles.find(root))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name}")
