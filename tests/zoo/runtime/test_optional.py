import sys

import pytest

from contracts.errors import MissingDependency
from zoo.runtime.optional import imported


def test_a_package_that_is_there_is_imported():
    assert imported("json", "cpu").loads("1") == 1


def test_one_that_is_not_comes_with_what_installs_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "absent_package", None)
    with pytest.raises(MissingDependency, match=r"absent_package is not installed.*regzoo\[cpu\]"):
        imported("absent_package", "cpu")
