"""Baselines, each fitted once in a process on the split of the entry that they stand beside."""

import importlib
import pkgutil
from collections.abc import Callable, Hashable
from types import ModuleType
from typing import Any

from contracts.errors import InvalidOption

_fitted: dict[tuple[Hashable, ...], Any] = {}


def names(package: str) -> list[str]:
    """The baselines of a package: its modules, but for those that begin with an underscore."""
    path = importlib.import_module(package).__path__
    return sorted(m.name for m in pkgutil.iter_modules(path) if not m.name.startswith("_"))


def load(package: str, name: str) -> ModuleType:
    """The module of a baseline. Raises InvalidOption for a name that is none."""
    if name not in names(package):
        raise InvalidOption("baseline", name, f"one of {', '.join(names(package))}")
    return importlib.import_module(f"{package}.{name}")


def fitted(key: tuple[Hashable, ...], fit: Callable[[], Any]) -> Any:
    """What `fit` gives, once for each key: split, baseline, and what else it depends on."""
    if key not in _fitted:
        _fitted[key] = fit()
    return _fitted[key]
