"""The cells that were run, gathered for the page: means over seeds and paired differences."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import cells
from cells import SEEDS, Cell
from gradients import Failures
from pairs import SHARES
from prior import EDGES

# The 97.5 % point of Student's t, by the number of seeds.
REACH = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}


@dataclass(frozen=True)
class Spread:
    """A mean over seeds with its standard deviation and its 95 % interval (Student's t).

    One seed has neither; `low` and `high` are then infinite, so that nothing passes as certain.
    """

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean."""
        return float(np.mean(self.values))

    @property
    def deviation(self) -> float:
        """The standard deviation between seeds, NaN for one."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else float("nan")

    @property
    def _half(self) -> float:
        if len(self.values) < 2:
            return float("inf")
        return REACH[len(self.values)] * self.deviation / len(self.values) ** 0.5

    @property
    def low(self) -> float:
        """Lower end of the interval of the mean."""
        return self.mean - self._half

    @property
    def high(self) -> float:
        """Upper end of the interval of the mean."""
        return self.mean + self._half


@dataclass(frozen=True)
class Results:
    """Every cell of the table with its result, or None where it was not run."""

    found: dict[str, dict[str, Any] | None]

    @classmethod
    def read(cls, folder: Path, smoke: bool = False) -> "Results":
        """Read what lies in `folder`; a file of other settings counts as not run."""
        return cls({cell.name: cells.read(folder, cell, smoke) for cell in cells.table()})

    @property
    def missing(self) -> list[str]:
        """The cells that were not run, in the order of the table."""
        return [name for name, result in self.found.items() if result is None]

    def one(self, cell: Cell) -> dict[str, Any] | None:
        """The result of one cell."""
        return self.found.get(cell.name)

    def seeds(self, model: str, ratio: int) -> dict[int, dict[str, Any]]:
        """Result by seed, of the seeds that were run."""
        all_of = {s: self.one(Cell(model=model, ratio=ratio, seed=s)) for s in SEEDS}
        return {seed: result for seed, result in all_of.items() if result is not None}

    def spread(self, model: str, ratio: int, variant: str, figure: str) -> Spread | None:
        """A figure over the seeds that were run; None where none was."""
        got = [figured(r, variant, figure) for r in self.seeds(model, ratio).values()]
        return Spread(tuple(got)) if got else None

    def gap(self, variant: str, figure: str, ratio: int = 1) -> Spread | None:
        """Cross-encoder less two towers, paired by seed."""
        ours, theirs = self.seeds("cross_encoder", ratio), self.seeds("two_tower", ratio)
        both = sorted(set(ours) & set(theirs))
        pair = [
            figured(ours[s], variant, figure) - figured(theirs[s], variant, figure) for s in both
        ]
        return Spread(tuple(pair)) if pair else None

    def loss(self, model: str, ratio: int, variant: str, figure: str) -> Spread | None:
        """What a network loses from 1:1 to `ratio`:1, paired by seed.

        `figure` may be `corrected/accuracy`: at `ratio`:1 after the correction for the prior.
        """
        base, other = self.seeds(model, 1), self.seeds(model, ratio)
        both = sorted(set(base) & set(other))
        plain = figure.removeprefix("corrected/")
        pair = [figured(base[s], variant, plain) - figured(other[s], variant, figure) for s in both]
        return Spread(tuple(pair)) if pair else None

    def hours(self) -> tuple[float, float]:
        """Hours that the networks took so far, and would take that were not run.

        The second supposes as many epochs and the time a pair of the runs of the same network so
        far; it is NaN where there are none.
        """
        took, rate = 0.0, {}
        for model in cells.STUDY:
            runs = [r for c in cells.table() if c.model == model and (r := self.one(c))]
            took += sum(run["seconds"] for run in runs)
            pairs = sum(run["pairs"]["train"] for run in runs)
            rate[model] = sum(run["seconds"] for run in runs) / pairs if runs else float("nan")
        left = [c for c in cells.table() if c.model in rate and self.one(c) is None]
        balanced = int(SHARES[0] * 2 * EDGES)
        more = sum(rate[c.model] * balanced * (1 + c.ratio) / 2 for c in left)
        return took / 3600, more / 3600

    def failure(self, failures: Failures) -> dict[str, Any] | None:
        """The two towers of the first seed with `failures` on."""
        return self.one(Cell(model="two_tower", seed=SEEDS[0], failures=failures))


def figured(result: dict[str, Any], variant: str, figure: str) -> float:
    """A figure of a variant; `corrected/accuracy` is the one after the correction."""
    body = result["variants"][variant]
    if figure.startswith("corrected/"):
        return float(body["corrected"][figure.split("/")[1]])
    value = body[figure]
    return float(value["value"] if isinstance(value, dict) else value)


def most_accurate(results: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """The result of the seed with the best validation accuracy: the study took its interval."""
    return max(results.values(), key=lambda r: max(e["valid_accuracy"] for e in r["history"]))
