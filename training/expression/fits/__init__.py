"""How each architecture of expression is fitted: one file an architecture, by its name.

Each has `fit(train, data, seed) -> Response`, of the profiles of a training part. It may look at
the names of the genes of `data` and at nothing else of it: what is not in `train` is held out. One
that takes gene vectors has `fit_with(vectors, train, data, seed)`, too. SIMPLE are the baselines.
"""

import importlib
import json
from collections.abc import Callable
from functools import partial

from contracts import evidence
from contracts.errors import InvalidOption
from contracts.manifest import Manifest
from training.begin import RUN
from training.data.expression import ExpressionData, Profiles
from training.data.vectors import VectorSource, imported
from training.expression import vectors
from training.expression.response import Response
from zoo.store import folders

Fit = Callable[[Profiles, ExpressionData, int], Response]


def find(architecture: str) -> Fit:
    """The fit of an architecture."""
    return importlib.import_module(f"{__name__}.{architecture}").fit


def is_baseline(architecture: str) -> bool:
    """Whether an architecture is one of those that every other is held against."""
    return getattr(importlib.import_module(f"{__name__}.{architecture}"), "SIMPLE", False)


def find_with(architecture: str, source: VectorSource) -> Fit:
    """The fit of an architecture with these gene vectors. Raises InvalidOption if it takes none."""
    module = importlib.import_module(f"{__name__}.{architecture}")
    if not hasattr(module, "fit_with"):
        expected = f"none: {architecture} takes no gene vectors"
        raise InvalidOption("--gene-vectors", source.name, expected)
    return partial(module.fit_with, vectors.reduced(source))


def of_entry(manifest: Manifest) -> Fit:
    """How an entry was fitted, with the gene vectors that it was given if it was.

    Raises MissingData where these are no longer on this machine.
    """
    if evidence.of(manifest.evidence).name != evidence.IMPORTED:
        return find(manifest.architecture)
    run = json.loads((folders.locate(manifest.entry) / RUN).read_text())
    return find_with(manifest.architecture, imported.again(run["imported"]))
