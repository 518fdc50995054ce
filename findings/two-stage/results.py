"""Results: one record a training, a line of results/runs.jsonl each."""

import json
from pathlib import Path
from typing import Any

from training import recipe as recipes

ENTRY = "saturn-pancreas"
SHIPPED, REUSED = "shipped", "reused"
"""The recipe as it is; and its last stages after a first one that the other fold has trained."""
RUNS = Path("results") / "runs.jsonl"

Record = dict[str, Any]


def variants() -> list[str]:
    """All that was trained, in the order of the page."""
    return [SHIPPED, *recipes.load(ENTRY).variants, REUSED]


def read(folder: Path) -> list[Record]:
    """All records."""
    return [json.loads(line) for line in (folder / RUNS).read_text().splitlines()]
