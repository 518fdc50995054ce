"""What training had of the genes of a set, and what was measured of this very set."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from zoo.entry import State
from zoo.expression.state import CHANGE, GENE_CELLS, MEMBER, ORDER
from zoo.sets.members import Sets
from zoo.sets.support import graded

MEASURED = "measured"
"""The support of a set whose change was measured; other sets have one of zoo.sets.support."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Which genes training has seen perturbed; measured changes, and the row of each set."""

    seen: Bool[np.ndarray, "genes"]
    rows: Mapping[tuple[int, ...], int]
    change: Float32[np.ndarray, "measured readouts"]

    @classmethod
    def of(cls, state: State) -> "Evidence":
        """As an entry's state has it."""
        member, order = (state[name].astype(np.int64) for name in (MEMBER, ORDER))
        sets = Sets(member, order).divided(member.tolist())
        rows = {tuple(sorted(members)): row for row, members in enumerate(sets)}
        return cls(np.asarray(state[GENE_CELLS]) > 0, rows, np.asarray(state[CHANGE]))

    def row(self, sets: Sets) -> list[int | None]:
        """The row of each set that was measured, None for the others."""
        return [self.rows.get(tuple(members)) for members in sets.divided(sets.gene.tolist())]

    def measured(self, sets: Sets) -> Float32[np.ndarray, "sets readouts"]:
        """The measured change of each set, NaN where there is none."""
        measured = np.full((len(sets.order), self.change.shape[1]), np.nan, np.float32)
        for number, row in enumerate(self.row(sets)):
            if row is not None:
                measured[number] = self.change[row]
        return measured

    def support(self, sets: Sets) -> list[str]:
        """MEASURED, or how many members of each set training has seen perturbed."""
        words = graded(sets, np.ones(len(sets.code), bool), self.seen[sets.gene])
        rows = self.row(sets)
        return [word if row is None else MEASURED for word, row in zip(words, rows, strict=True)]
