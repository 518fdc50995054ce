"""What behaviour tests run over: all bundled entries, none left out, and the tiny ones."""

import fnmatch
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zoo
from tests import tiny
from zoo.store import folders

TINY_TASKS = {
    tiny.TABLE: "pair_score",
    tiny.DOT: "pair_embed",
    tiny.PRODUCT: "perturbation",
    tiny.CELL: "perturbation_encoded",
    tiny.RESPONDING: "expression_response",
}


def bundled(pattern: str) -> list[str]:
    """The bundled entries whose task matches a pattern such as `pair_*`."""
    return _matching(_bundled_tasks(), pattern)


def of_task(pattern: str = "*") -> list[str]:
    """The bundled and the tiny ones."""
    return _matching(_bundled_tasks() | TINY_TASKS, pattern)


def _bundled_tasks() -> dict[str, str]:
    return {name: folders.read_manifest(folders.locate(name), name).task for name in zoo.names()}


def _matching(tasks: dict[str, str], pattern: str) -> list[str]:
    return [name for name, task in tasks.items() if fnmatch.fnmatchcase(task, pattern)]


@contextmanager
def known(name: str, tiny_root: Path) -> Iterator[str]:
    """The entry, registered as long as this lasts if it is a tiny one."""
    if name in TINY_TASKS:
        folders.register(tiny_root / name)
    yield name
    folders._registered.pop(name, None)
