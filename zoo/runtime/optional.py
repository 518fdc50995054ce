"""Packages that only some uses of the zoo need, imported when they are."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def limited(count: int, now: Callable[[], int], change: Callable[[int], object]) -> Iterator[None]:
    """Give a package this many cores for a while: its setting holds for the whole process."""
    before = now()
    change(count)
    try:
        yield
    finally:
        change(before)
