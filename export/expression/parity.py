"""Parity of expression: both outputs, and the ten genes that each set changes most, in order."""

from dataclasses import dataclass

import numpy as np

from export.expression.samples import random_responses
from export.family import Arrays, Figures, Probe, Sizes
from export.lanes import Run
from export.parity import BATCHES, TOP, check_order, near

VALUES = ("change", "deviation")


@dataclass(frozen=True)
class ExpressionProbe(Probe):
    """Batches of random sets, each in the cells of a control of its own."""

    batches: tuple[Arrays, ...]

    @classmethod
    def draw(cls, sizes: Sizes, seed: int = 0) -> "ExpressionProbe":
        """A fixed sample of an entry with these sizes."""
        rng = np.random.default_rng(seed)
        return cls(tuple(random_responses(rng, count, sizes) for count in BATCHES))

    def about(self) -> Figures:
        """How many genes of a set are held in order; each of `compared` has its max_abs_ figure."""
        return {"top": TOP, "compared": list(VALUES)}

    def ask(self, run: Run) -> list[Arrays]:
        """Both outputs of every batch."""
        return [run("response", batch) for batch in self.batches]

    def compare(self, lane: str, truth: list[Arrays], got: list[Arrays]) -> Figures:
        """Figures of one lane. Raises ParityFailed."""
        pairs = list(zip(truth, got, strict=True))
        figures = {
            f"max_abs_{name}": near(
                lane, name, (np.abs(one[name] - other[name]).max(initial=0) for one, other in pairs)
            )
            for name in VALUES
        }
        for one, other in pairs:
            size, found = np.abs(one["change"]), np.abs(other["change"])
            check_order(lane, "most changed genes", size, found, max(1.0, float(size.max())))
        return {"status": "certified"} | figures | {"top_order_equal": True}
