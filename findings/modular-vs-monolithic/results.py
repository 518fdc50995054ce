"""The cells that were run, gathered for the page: means over seeds and paired differences."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

import cells
from cells import Failures
from training import finding
from training.finding import Spread

Row = dict[str, Any]
SOUND = Failures()


class Results:
    """The cells that were run: of each a row, and `missing`, the names of the others.

    A row has the figures of a file by their paths, `last.accuracy` with its `last.accuracy.low` and
    `.high`, `last.corrected.accuracy`, `pairs.train`; and what sums up its epochs.
    """

    def __init__(self, found: Mapping[str, dict[str, Any]]):
        self.rows = {name: _row(result) for name, result in found.items()}
        self.missing = [cell.name for cell in cells.TABLE if cell.name not in found]

    @classmethod
    def read(cls, folder: Path) -> "Results":
        """Read what lies in `folder`."""
        read = {cell.name: finding.read(folder / f"{cell.name}.json") for cell in cells.TABLE}
        return cls({name: result for name, result in read.items() if result is not None})

    def one(self, model: str, **other: Any) -> Row | None:
        """The run of one cell, or None."""
        return self.rows.get(cells.Cell(model=model, **other).name)

    def failure(self, failures: Failures = SOUND) -> Row | None:
        """The two towers of the first seed, with these failures on."""
        return self.one("two_tower", seed=cells.SEEDS[0], failures=failures)

    def runs(self, model: str, ratio: int = 1) -> dict[int, Row]:
        """The runs of a network with sound gradients, by seed."""
        there = {seed: self.one(model, ratio=ratio, seed=seed) for seed in cells.SEEDS}
        return {seed: row for seed, row in there.items() if row is not None}

    def best(self, model: str, ratio: int) -> Row | None:
        """The run of the seed with the best validation accuracy: the study took its interval."""
        runs = self.runs(model, ratio).values()
        return max(runs, key=lambda row: row["best_accuracy"], default=None)

    def spread(self, model: str, ratio: int, figure: str) -> Spread | None:
        """A figure over the seeds that were run; None where none was."""
        return Spread.of(row[figure] for row in self.runs(model, ratio).values())

    def gap(self, figure: str) -> Spread | None:
        """Cross-encoder less two towers at 1:1, paired by seed."""
        ours, theirs = self.runs("cross_encoder"), self.runs("two_tower")
        return Spread.of(ours[s][figure] - theirs[s][figure] for s in ours if s in theirs)

    def loss(self, model: str, ratio: int, variant: str, corrected: str = "") -> Spread | None:
        """The accuracy that a network loses from 1:1 to `ratio`:1, paired by seed.

        `corrected` may be `corrected.`: at `ratio`:1 after the correction for the prior.
        """
        then, now = self.runs(model), self.runs(model, ratio)
        before, after = f"{variant}.accuracy", f"{variant}.{corrected}accuracy"
        return Spread.of(then[seed][before] - now[seed][after] for seed in then if seed in now)

    def hours(self) -> tuple[float, float]:
        """Hours that the networks took so far, and would take that were not run.

        The second supposes as many epochs and the time a pair of the runs of the same network so
        far; it is NaN where there are none.
        """
        took, more = 0.0, 0.0
        for model in cells.NETWORKS:
            plan = [cell for cell in cells.TABLE if cell.model == model]
            runs = [self.rows[cell.name] for cell in plan if cell.name in self.rows]
            seconds = sum(run["seconds"] for run in runs)
            rate = seconds / sum(run["pairs.train"] for run in runs) if runs else float("nan")
            left = sum(1 + cell.ratio for cell in plan if cell.name in self.missing)
            took, more = took + seconds, more + rate * cells.TRAINED * left / 2
        return took / 3600, more / 3600


def _row(result: dict[str, Any]) -> Row:
    """The figures by their paths; of a network also its history, summed up."""
    (flat,) = pd.json_normalize(result).to_dict("records")
    row = {name.removeprefix("variants.").removesuffix(".value"): flat[name] for name in flat}
    if history := row.get("history"):
        epochs = pd.DataFrame(history)
        row |= {
            "train_accuracy": epochs["train_accuracy"].iloc[-1],
            "norm_first": epochs["norm_median"].iloc[0],
            "norm_last": epochs["norm_median"].iloc[-1],
            "norm_max": epochs["norm_max"].max(),
            "clipped": epochs["clipped"].mean(),
            "best_accuracy": epochs["valid_accuracy"].max(),
        }
    return row
