"""Vectors of genes: those of files, those that people import, and those made from annotation.

`make(name)` finds the file of that name in `kinds`: one source a file.
"""

import importlib
import pkgutil
from pathlib import Path

from contracts.errors import InvalidOption
from training.data.files import DataFiles
from training.data.vectors import kinds
from training.data.vectors.source import VectorSource

__all__ = ["VectorSource", "make", "names"]


def names() -> list[str]:
    """The sources that can be made here."""
    return sorted(each.name for each in pkgutil.iter_modules(kinds.__path__))


def make(name: str, root: Path | None = None, seed: int = 0) -> VectorSource:
    """Vectors of one of `names`, from the raw files under `root` (default: `ZOO_DATA`).

    Raises InvalidOption for another name, and what reading the files does.
    """
    if name not in names():
        raise InvalidOption("gene_vectors", name, f"one of {', '.join(names())}")
    module = importlib.import_module(f"{kinds.__name__}.{name}")
    return module.make(DataFiles.find(root), seed)
