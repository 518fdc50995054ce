"""Where a run comes from: the commit of the code, and the versions of what it was made with."""

import importlib.metadata
import subprocess
from pathlib import Path

PACKAGES = ("numpy", "torch", "lightning", "scikit-learn", "pandas", "pyarrow", "safetensors")


def commit() -> str | None:
    """The commit of the checkout that this code runs from, or None outside of one."""
    here = Path(__file__).parent
    command = ["git", "-C", str(here), "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()


def packages() -> dict[str, str]:
    """Name and version of the packages that numbers depend on."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}
