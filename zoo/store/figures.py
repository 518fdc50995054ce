"""The one figure of an entry that says most, beside its best baseline's: from its evaluation."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

EVALUATION, ABOUT = "evaluation.csv", "evaluation.json"
ENTRY = "entry"
"""How the table calls the entry itself."""

LOWER_IS_BETTER = frozenset({"mse", "brier", "ece", "l2"})


@dataclass(frozen=True)
class Headline:
    """The entry's figure with its 95% confidence interval, and the best baseline's, if there is.

    An entry that does not answer the leading question has neither.
    """

    metric: str | None
    value: float | None
    low: float | None
    high: float | None
    baseline: str | None
    baseline_value: float | None
    kind: Literal["model", "baseline"]
    """What the entry is itself."""


def headline(folder: Path) -> Headline | None:
    """The headline of an entry's folder; None where it has no evaluation."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        wanted = about["headline"]
        with (folder / EVALUATION).open(encoding="utf-8", newline="") as stream:
            rows = [row for row in csv.DictReader(stream) if _is_headline(row, wanted)]
    except (FileNotFoundError, KeyError):
        return None
    entry = next((row for row in rows if row["model"] == ENTRY), None)
    kind = "baseline" if about.get("baseline", False) else "model"
    if entry is None:
        return Headline(None, None, None, None, None, None, kind)
    models = about.get("models", {})
    baselines = [row for row in rows if models.get(row["model"], {}).get("kind") == "baseline"]
    best = min if wanted["measure"] in LOWER_IS_BETTER else max
    baseline = best(baselines, key=lambda row: float(row["value"]), default=None)
    return Headline(
        metric=f"{wanted['protocol']}/{wanted['measure']}",
        value=float(entry["value"]),
        low=_number(entry["low"]),
        high=_number(entry["high"]),
        baseline=None if baseline is None else models[baseline["model"]]["title"],
        baseline_value=None if baseline is None else float(baseline["value"]),
        kind=kind,
    )


def _is_headline(row: dict[str, Any], wanted: dict[str, str]) -> bool:
    """Whether a row is of the question asked, over all test rows, seeds and folds."""
    alike = all(row[name] == wanted[name] for name in ("protocol", "question", "measure"))
    whole = not (row["fold"] or row["variant"] or row["seed"])
    return row["stage"] == "test" and alike and whole and bool(row["value"])


def _number(cell: str) -> float | None:
    return float(cell) if cell else None
