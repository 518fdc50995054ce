"""What training and measurements had of the genes and kinds of a set."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from contracts.errors import InvalidOption
from contracts.sets.kinds import ABSENT, KINDS, PRESENT
from zoo.entry import State
from zoo.sets.members import Sets
from zoo.sets.support import graded

BASES = ("estimated", "partly_measured", "measured")


@dataclass(frozen=True)
class Evidence:
    """Flags: genes and kinds that training has seen, genes whose single mutant was measured."""

    genes: Bool[np.ndarray, "genes"]
    kinds: Bool[np.ndarray, "kinds"]
    measured: Bool[np.ndarray, "genes"]

    @classmethod
    def of(cls, state: State) -> "Evidence":
        """As an entry's state has it."""
        names = ("gene_records", "kind_records", "single_measured")
        return cls(*(np.asarray(state[name]) > 0 for name in names))

    @property
    def trained_kinds(self) -> Bool[np.ndarray, "kinds"]:
        """Which kinds can be predicted, in the order of KINDS; what is present needs no record."""
        return self.kinds | (np.arange(len(KINDS)) == PRESENT)

    def wanted(self, measured_only: object) -> Bool[np.ndarray, "genes"] | None:
        """The genes that a screen may combine; None for all of them. Raises InvalidOption."""
        if not isinstance(measured_only, bool | np.bool_):
            raise InvalidOption("measured_only", measured_only, "True or False")
        return self.measured if measured_only else None

    def support(self, sets: Sets) -> list[str]:
        """How many members of each set were seen in training: one of SUPPORT."""
        members = np.ones(len(sets.code), bool)
        return graded(sets, members, self.genes[sets.gene] & self.kinds[sets.kind])

    def basis(self, sets: Sets) -> list[str]:
        """How many absent members of each set were measured alone: one of BASES."""
        absent = sets.kind == ABSENT
        return graded(sets, absent, absent & self.measured[sets.gene], BASES)
