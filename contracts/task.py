"""What a task is: the contracts of an entry's graphs, role by role."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from contracts.tensors import Contract


@dataclass(frozen=True)
class Task:
    """What a kind of entry computes: for each role of a graph, its contract.

    `family` is the folder that every package has for such tasks.

    Every entry has all of `graphs`. Those of `parts` it has all or none: they compute the same
    numbers another way. Of the `extras`, which compute something more, it may have any.
    """

    name: str
    family: str
    description: str
    graphs: Mapping[str, Contract]
    parts: Mapping[str, Contract] = field(default_factory=dict[str, Contract])
    extras: Mapping[str, Contract] = field(default_factory=dict[str, Contract])

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """The contract of every role that an entry may have."""
        return {**self.graphs, **self.parts, **self.extras}

    def of(self, roles: Collection[str]) -> Mapping[str, Contract]:
        """The contracts of an entry's roles; raises ValueError for a set that no entry has."""
        allowed = [set(self.graphs), {*self.graphs, *self.parts}]
        if set(roles) - set(self.extras) not in allowed:
            expected = " or ".join(str(sorted(names)) for names in allowed[: 1 + bool(self.parts)])
            raise ValueError(f"graphs has roles {sorted(roles)}, expected {expected}")
        return {role: one for role, one in self.contracts.items() if role in roles}
