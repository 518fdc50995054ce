"""Results: one record a training, a line of results/runs.jsonl each."""

import fcntl
import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from training import recipe as recipes
from training.recipe import Recipe
from training.stages.store import DESCRIPTIVE

ENTRY = "saturn-pancreas"
SHIPPED, REUSED = "shipped", "reused"
"""The recipe as it is; and its last stages after a first one that the other fold has trained."""
RUNS = Path("results") / "runs.jsonl"
SEEDS, FOLDS = 5, 2

Record = dict[str, Any]


def variants() -> list[str]:
    """All that is trained, in the order of the page."""
    return [SHIPPED, *recipes.load(ENTRY).variants, REUSED]


def recipe_of(variant: str, seed: int = 0) -> Recipe:
    """The recipe of a variant with another seed, which draws random gene vectors as well."""
    named = None if variant in (SHIPPED, REUSED) else variant
    return recipes.load(ENTRY, named).model_copy(update={"seed": seed})


def digest(variant: str) -> str:
    """Of all that a variant is trained by, but for seed and fold."""
    numbers = recipe_of(variant).model_dump(mode="json", exclude=DESCRIPTIVE | {"seed"})
    return sha256(json.dumps([variant == REUSED, numbers], sort_keys=True).encode()).hexdigest()


def read(folder: Path) -> list[Record]:
    """The records that were made by the recipe as it is now."""
    path = folder / RUNS
    if not path.is_file():
        return []
    now = {variant: digest(variant) for variant in variants()}
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return [each for each in records if each["recipe"] == now.get(each["variant"])]


def append(folder: Path, record: Record) -> None:
    """Add a record; two processes may do so at the same time."""
    path = folder / RUNS
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(rounded(record), sort_keys=True) + "\n"
    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def rounded(value: Any) -> Any:
    """The same with numbers of five significant digits."""
    return json.loads(json.dumps(value), parse_float=lambda text: float(f"{float(text):.5g}"))
