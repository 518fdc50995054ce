"""The tasks of the zoo, found by folder: every `contracts/<family>/task.py` declares its own.

A task is a module constant there; `get` finds it by name.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import contracts
from contracts.errors import InvalidOption
from contracts.task import Task


def families() -> tuple[str, ...]:
    """The families of tasks: the folders of this package that have a module `task`."""
    return tuple(dict.fromkeys(task.family for task in everything().values()))


def everything() -> Mapping[str, Task]:
    """All tasks by their names."""
    return _found(tuple(contracts.__path__))


def get(name: str) -> Task:
    """The task of that name; raises InvalidOption naming those there are."""
    there = everything()
    if name not in there:
        raise InvalidOption("task", name, f"one of {', '.join(sorted(there))}")
    return there[name]


@cache
def _found(path: tuple[str, ...]) -> Mapping[str, Task]:
    found: dict[str, Task] = {}
    for module in pkgutil.iter_modules(list(path)):
        home = f"contracts.{module.name}.task"
        if not module.ispkg or importlib.util.find_spec(home) is None:
            continue
        for task in vars(importlib.import_module(home)).values():
            if isinstance(task, Task):
                found[task.name] = task
    return MappingProxyType(found)
