"""How many members of a set training has seen, in one word."""

import numpy as np
from jaxtyping import Bool

from zoo.sets.members import Sets

SUPPORT = ("unseen", "some_seen", "all_seen")


def graded(
    sets: Sets,
    members: Bool[np.ndarray, "members"],
    some: Bool[np.ndarray, "members"],
    words: tuple[str, str, str] = SUPPORT,
) -> list[str]:
    """A word for each set in which none, some or all of the members have the flag `some`.

    The set without `members` has all.
    """
    total, number = len(sets.order), sets.set
    whole, part = (np.bincount(number[flags], minlength=total) for flags in (members, some))
    grades = np.where(part == whole, 2, part > 0)
    return [words[grade] for grade in grades.tolist()]
