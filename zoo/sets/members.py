"""Sets of perturbed genes end to end, as positions of genes and kinds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import Bool, Int64

from contracts.sets.kinds import KINDS, PRESENT, unpack

Member = TypeVar("Member")
Codes = Int64[np.ndarray, "sets order"]


@dataclass(frozen=True)
class Sets:
    """Perturbation sets end to end: a code for each member, and the members of each set.

    Codes are those of contracts.sets.kinds.pack; they ascend within a set.
    """

    code: Int64[np.ndarray, "members"]
    order: Int64[np.ndarray, "sets"]

    @property
    def gene(self) -> Int64[np.ndarray, "members"]:
        """The gene of each member."""
        return unpack(self.code)[0]

    @property
    def kind(self) -> Int64[np.ndarray, "members"]:
        """The kind of each member."""
        return unpack(self.code)[1]

    @property
    def set(self) -> Int64[np.ndarray, "members"]:
        """Which set each member belongs to."""
        return np.repeat(np.arange(len(self.order)), self.order)

    def divided(self, members: Sequence[Member]) -> list[Sequence[Member]]:
        """What stands for each member, set by set."""
        ends = np.cumsum(self.order).tolist()
        return [members[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    def matrix(self, rows: Int64[np.ndarray, "some"]) -> Int64[np.ndarray, "some order"]:
        """The codes of some sets, which must all have one order."""
        starts = np.cumsum(self.order) - self.order
        order = int(self.order[rows[0]]) if len(rows) else 0
        return self.code[starts[rows][:, None] + np.arange(order)]

    def changed(self) -> "Sets":
        """The same without members that are present, which change nothing."""
        return self.of_kinds(np.arange(len(KINDS)) != PRESENT)

    def of_kinds(self, wanted: Bool[np.ndarray, "kinds"]) -> "Sets":
        """The same with the members of some kinds only; `wanted` has one flag a kind."""
        kept = wanted[self.kind]
        order = np.bincount(self.set[kept], minlength=len(self.order))
        return Sets(self.code[kept], order.astype(np.int64))
