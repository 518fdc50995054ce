"""What is done to a gene, and how people write it.

A perturbation is a gene and a kind. A bare gene is deleted; anything else is named behind a colon,
`YAL002W:added`, and the members of a set are joined by a bar, `YAL002W|YBR001C:added`. The set
without members is the wildtype.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from contracts.errors import InvalidOption

KINDS = ("absent", "present", "added", "overexpressed")
"""The kinds, at the positions that a graph knows them by."""

ABSENT, PRESENT = 0, 1

ALIASES: Mapping[str, str] = MappingProxyType(
    {"deletion": "absent", "deleted": "absent", "overexpression": "overexpressed"}
)
"""What people write for a kind, and its name here."""

MEMBER, JOINT = ":", "|"

WILDTYPE = "wildtype"
"""What people write, in any case, for the set without members."""

_CODES = {
    **{name: code for code, name in enumerate(KINDS)},
    **{alias: KINDS.index(name) for alias, name in ALIASES.items()},
}


def kind_code(kind: object) -> int:
    """The position of a kind in KINDS, from its name or alias in any case.

    Raises InvalidOption, saying which kinds there are.
    """
    if not is_kind(kind):
        raise InvalidOption("kind", kind, f"one of {kinds_there_are()}")
    return _CODES[str(kind).strip().lower()]


def kinds_there_are() -> str:
    """The kinds as a sentence lists them, each with what else may be typed for it."""
    others = {kind: [alias for alias, name in ALIASES.items() if name == kind] for kind in KINDS}
    return ", ".join(
        f"{kind} (or {', '.join(aliases)})" if aliases else kind for kind, aliases in others.items()
    )


def is_kind(word: object) -> bool:
    """Whether this is the name of a kind, or an alias of one, in any case."""
    return isinstance(word, str) and word.strip().lower() in _CODES


def is_wildtype(word: object) -> bool:
    """Whether this is the word for the set without members."""
    return isinstance(word, str) and word.strip().lower() == WILDTYPE


def pack(gene: NDArray[np.int64], kind: NDArray[np.int64] | int = ABSENT) -> NDArray[np.int64]:
    """One code a member, of its gene and its kind: they sort by gene."""
    return gene * len(KINDS) + kind


def unpack(code: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The genes and kinds of codes."""
    return np.divmod(code, len(KINDS))


def repeated(sets: NDArray[np.int64], gene: NDArray[np.int64]) -> NDArray[np.int64]:
    """Members that the next one repeats, by position: the same gene twice in a set.

    Members must be sorted by set and gene.
    """
    return np.flatnonzero((np.diff(sets) == 0) & (np.diff(gene) == 0))


def written(gene: str, kind: int) -> str:
    """A member as people write it: `YAL002W` where it is deleted, else `YAL002W:added`."""
    return gene if kind == ABSENT else f"{gene}{MEMBER}{KINDS[kind]}"
