"""How each architecture of expression is fitted: one file an architecture, by its name.

Each has `fit(train, data, seed) -> Response`, of the profiles of a training part. It may look at
the names of the genes of `data` and at nothing else of it: what is not in `train` is held out.
"""

import importlib
from collections.abc import Callable

from training.data.expression import ExpressionData, Profiles
from training.expression.response import Response

Fit = Callable[[Profiles, ExpressionData, int], Response]


def find(architecture: str) -> Fit:
    """The fit of an architecture."""
    return importlib.import_module(f"{__name__}.{architecture}").fit
