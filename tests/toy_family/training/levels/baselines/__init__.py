"""The only baseline of the toy family is the mean."""

import importlib
from types import ModuleType


def names() -> list[str]:
    """The baselines there are."""
    return ["average"]


def load(name: str) -> ModuleType:
    """A baseline's module."""
    return importlib.import_module(f"training.levels.baselines.{name}")
