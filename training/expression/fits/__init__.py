"""How each architecture of expression is fitted: one file an architecture, by its name.

Each has `fit(train, data, seed) -> Response`, of the profiles of a training part. It may look at
the names of the genes of `data` and at nothing else of it: what is not in `train` is held out. One
that takes gene vectors has `fit_with(vectors, train, data, seed)`, too.
"""

import importlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from contracts.errors import InvalidOption
from contracts.manifest import split_entry
from training.data.expression import ExpressionData, Profiles
from training.data.vectors import VectorSource, imported
from training.expression import vectors
from training.expression.response import Response

Fit = Callable[[Profiles, ExpressionData, int], Response]


def find(architecture: str) -> Fit:
    """The fit of an architecture."""
    return importlib.import_module(f"{__name__}.{architecture}").fit


def find_with(architecture: str, source: VectorSource) -> Fit:
    """The fit of an architecture with these gene vectors. Raises InvalidOption if it takes none."""
    module = importlib.import_module(f"{__name__}.{architecture}")
    if not hasattr(module, "fit_with"):
        expected = f"none: {architecture} takes no gene vectors"
        raise InvalidOption("--gene-vectors", source.name, expected)
    return partial(module.fit_with, vectors.reduced(source))


def of_run(run: Mapping[str, Any]) -> Fit:
    """How the model of a run.json was fitted, with the vectors that it was given if it was.

    Raises MissingData where these are no longer on this machine.
    """
    architecture, given = split_entry(run["entry"])[0], run.get("imported")
    if given is None:
        return find(architecture)
    return find_with(architecture, imported.again(given))
