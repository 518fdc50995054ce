"""Every exception of the house stands in the tree that contracts/errors.py draws."""

import importlib
import pkgutil
import re
import warnings

import pytest

import contracts
import export
import serving
import training
import zoo
from contracts import errors
from contracts.errors import InvalidInput, ZooError

PACKAGES = (contracts, zoo, training, export, serving)
ELSEWHERE = {
    name.strip(): parent
    for parent, names in re.findall(r"^    (\w+)  +((?:\w+, )*\w+)$", errors.__doc__ or "", re.M)
    for name in names.split(",")
}


def defined() -> dict[str, type[ZooError]]:
    """The exceptions that modules outside of contracts.errors define."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                with warnings.catch_warnings():  # of other people's packages, as they are imported
                    warnings.simplefilter("ignore", DeprecationWarning)
                    importlib.import_module(module.name)
    found: dict[str, type[ZooError]] = {}
    left = [ZooError]
    while left:
        for kind in left.pop().__subclasses__():
            left.append(kind)
            if kind.__module__.partition(".")[0] in {each.__name__ for each in PACKAGES}:
                found[kind.__name__] = kind
    return {name: kind for name, kind in found.items() if kind.__module__ != errors.__name__}


def test_what_is_defined_elsewhere_is_listed_under_its_parent():
    found = defined()
    parents = {name: kind.__mro__[1].__name__ for name, kind in found.items()}
    assert {name: ELSEWHERE.get(name) for name in parents} == parents


@pytest.mark.parametrize("name", ["InvalidRecipe", "InvalidSweep"])
def test_a_file_that_a_person_wrote_is_input(name: str):
    assert ELSEWHERE[name] == InvalidInput.__name__
