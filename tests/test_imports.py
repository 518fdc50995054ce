"""How modules may import each other, beyond what import-linter checks: circles, and depth."""

from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

from contracts import tasks

PACKAGES = ("contracts", "zoo", "training", "export", "serving")
LONGEST = 10
"""Folders that a chain of imports within `zoo` may go through."""

Edges = dict[str, set[str]]


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)


def modules() -> Edges:
    """Every module and what it imports of the house; a package's own exports do not count."""
    found: Edges = {}
    for module in graph().modules:
        imported = graph().find_modules_directly_imported_by(module)
        found[module] = {each for each in imported if not module.startswith(f"{each}.")}
    return found


def folders(package: str) -> Edges:
    """The folders of a package and what they import of each other."""
    there = {_folder(module) for module in modules() if module.count(".") > 1}
    found: Edges = defaultdict(set)
    for module, imported in modules().items():
        for each in imported:
            one, other = _folder(module), _folder(each)
            inside = one.startswith(f"{package}.") and other.startswith(f"{package}.")
            if inside and {one, other} <= there and one != other:
                found[one].add(other)
    return found


def _folder(module: str) -> str:
    return ".".join(module.split(".")[:2])


def circle(edges: Edges) -> list[str]:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def longest(edges: Edges) -> list[str]:
    """The longest chain of imports."""
    best: dict[str, list[str]] = {}
    for node in TopologicalSorter(edges).static_order():
        below = max((best[each] for each in edges.get(node, ())), key=len, default=[])
        best[node] = [node, *below]
    return max(best.values(), key=len)


def test_no_modules_import_each_other_in_a_circle():
    assert circle(modules()) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_folders_import_each_other_in_a_circle(package: str):
    assert circle(folders(package)) == []


def test_no_chain_of_imports_goes_through_many_folders():
    chain = longest(folders("zoo"))
    assert len(chain) <= LONGEST, chain


def test_families_do_not_know_each_other():
    names = tasks.families()
    for module, imported in modules().items():
        package, _, rest = module.partition(".")
        family = rest.partition(".")[0]
        others = {f"{package}.{name}" for name in names if name != family}
        if family in names:
            assert not {each for each in imported if _folder(each) in others}, module
