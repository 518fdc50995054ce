"""One module a dataset: digests checked, ids resolved, coverage reported, tidy tables given.

A recipe names its dataset, and `load(name)` finds the module of that name here. Every module has
one function, `load(files)`: to PairData for the TF-gene tasks, to PerturbationData for sets of
perturbed genes.
"""

import importlib
import pkgutil
from pathlib import Path

from contracts.errors import InvalidOption
from training.data.files import DataFiles
from training.data.pairs import PairData
from training.data.perturbations import PerturbationData

__all__ = ["DataFiles", "PairData", "PerturbationData", "load", "names"]

_HELPERS = {"cell_graph", "files", "hgnc", "orthologs", "pairs", "perturbations"}


def names() -> list[str]:
    """The datasets that a recipe may name."""
    return sorted({m.name for m in pkgutil.iter_modules(__path__)} - _HELPERS)


def load(name: str, root: Path | None = None) -> PairData | PerturbationData:
    """Build the dataset `name` from the raw files under `root` (default: the folder in `ZOO_DATA`).

    Raises InvalidOption for an unknown dataset, MissingData without files, CorruptArtefact for a
    file whose digest is not the recorded one, LowCoverage where a join keeps too little.
    """
    if name not in names():
        raise InvalidOption("dataset", name, f"one of {', '.join(names())}")
    module = importlib.import_module(f"training.data.{name}")
    return module.load(DataFiles.find(root))
