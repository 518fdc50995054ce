"""Packages that only some uses of the zoo need, imported when they are."""

import importlib
from types import ModuleType

from contracts.errors import MissingDependency


def imported(package: str, extra: str) -> ModuleType:
    """An optional package; raises MissingDependency, with the command that installs its extra."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingDependency(package, extra) from None
