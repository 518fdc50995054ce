"""Where a run comes from: the commit of the code, and the versions of what it was made with."""

import importlib.metadata
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

from torch import nn

from training.begin import Options
from training.data import Dataset
from training.data.vectors import imported
from training.recipe import Recipe

PACKAGES = ("numpy", "torch", "lightning", "scikit-learn", "pandas", "pyarrow", "safetensors")


def report(
    chosen: Recipe,
    seed: int,
    options: Options,
    data: Dataset,
    model: nn.Module,
    started: float,
) -> dict[str, Any]:
    """What every run.json says: of the recipe, the data, the model and the machine.

    `imported` is there where gene vectors were not made here, and says which. `started` is
    time.perf_counter() as the training began.
    """
    given = {} if options.gene_vectors is None else imported.facts(options.gene_vectors)
    licences = {f"Gene vectors {given['name']}": given["licence"]} if given else {}
    return {
        "entry": chosen.entry,
        "recipe": chosen.model_dump(mode="json"),
        "seed": seed,
        "max_steps": None if options.max_steps == -1 else options.max_steps,
        "parameters": sum(p.numel() for p in model.parameters()),
        "coverage": data.coverage,
        "data": data.digests,
        "licences": data.licences | licences,
        **({"imported": given} if given else {}),
        "description": data.description,
        "seconds": round(time.perf_counter() - started, 1),
        "commit": commit(),
        "packages": packages(),
        "python": platform.python_version(),
    }


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
