"""What all tests share: shape checks at run time, hypothesis profiles, and a zoo of their own."""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from jaxtyping import install_import_hook

ROOT = Path(__file__).parents[1]

# Modules that take people's input check it themselves, with messages of their own; in all others
# a wrong dtype or shape is a fault of ours and fails the test that met it.
DOORS = {"__init__", "__main__", "loading", "pairs.scorer", "perturbations.scorer"}
DOORS |= {"pairs.ranking"}
DOORS |= {"store.catalogue", "cli.app", "cli.entries", "pairs.cli.rank", "pairs.cli.score"}
DOORS |= {"cells.scorer", "matrices.cells"}
DOORS |= {"expression.scorer", "expression.control"}
DOORS |= {"ann.index", "ann.build", "ann.vectors", "ann.cli"}
MODULES = (
    path.relative_to(ROOT / "zoo").with_suffix("").parts
    for path in (ROOT / "zoo").rglob("*.py")
    if path.name != "__init__.py"
)
CHECKED = [
    f"zoo.{'.'.join(parts)}"
    for parts in MODULES
    if parts[0] != "architectures" and ".".join(parts) not in DOORS
]
install_import_hook(CHECKED, "beartype.beartype")

settings.register_profile("dev", max_examples=20, deadline=None)
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True)
settings.register_profile(
    "nightly", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_configure(config: pytest.Config) -> None:
    """Point the zoo at an empty cache and no remote, before the first test is collected."""
    cache = tempfile.TemporaryDirectory(prefix="zoo-cache-")
    config.add_cleanup(cache.cleanup)
    os.environ["ZOO_CACHE"] = cache.name
    for name in ("ZOO_REMOTE", "ZOO_OFFLINE"):
        os.environ.pop(name, None)


def pytest_collection_finish() -> None:
    """Let no collection of garbage go through the imported modules again: they stay."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def registered_as_before() -> Iterator[None]:
    """Forget the folders that a test registered."""
    from zoo.store import folders

    before = dict(folders._registered)
    yield
    folders._registered.clear()
    folders._registered.update(before)


@pytest.fixture(scope="session")
def saturn_toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of saturn-toy, exported; not to be changed, copy what you change."""
    from tests import cell_runs, shared

    return shared.once(shared.room(tmp_path_factory) / "cells" / "saturn-toy", cell_runs.export)


@pytest.fixture(scope="session")
def tiny_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny entries; not to be changed, copy what you change."""
    from tests import tiny

    root = tmp_path_factory.mktemp("tiny")
    for build in tiny.BUILDERS.values():
        build(root)
    return root
