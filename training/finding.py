"""What the scripts of findings share: results as JSON, the page beside them, means over runs."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer
from scipy import stats

from zoo.store.files import replacing

LEVEL = 0.95
Folder = Annotated[Path, typer.Option(help="Where results and page lie.")]


def read(path: Path) -> Any:
    """What a result file holds; None where it was not made yet."""
    return json.loads(path.read_text()) if path.is_file() else None


def save(path: Path, content: Any) -> None:
    """Write a result file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def publish(folder: Path, text: str) -> Path:
    """Write the page of a finding, and return its place."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "README.md"
    with replacing(page) as draft:
        draft.write_text(text, encoding="utf-8")
    return page


class Spread(NamedTuple):
    """A mean over runs, its interval by Student's t, how many there are, and their deviation.

    One run has no deviation and an interval without ends, so that nothing passes as certain.
    """

    value: float
    low: float = float("-inf")
    high: float = float("inf")
    count: int = 1
    deviation: float = float("nan")

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread | None":
        """Of a value a run; None where there is none."""
        found = np.array([*values], np.float64)
        if len(found) < 2:
            return cls(float(found[0])) if len(found) else None
        mean, reach = found.mean(), stats.t.ppf((1 + LEVEL) / 2, len(found) - 1) * stats.sem(found)
        ends = float(mean - reach), float(mean + reach)
        return cls(float(mean), *ends, len(found), float(found.std(ddof=1)))
