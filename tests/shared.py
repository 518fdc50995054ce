"""What is dear to make is made once a session, whichever worker of pytest-xdist asks first."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def room(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of this session, the same for all of its workers."""
    base = factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


def once(folder: Path, build: Callable[[Path], object]) -> Path:
    """`folder`, filled by `build` unless it was filled before; the others wait meanwhile."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    done = folder.with_name(f"{folder.name}.done")
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            build(folder)
            done.touch()
    return folder
