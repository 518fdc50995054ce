"""Near names: what somebody who mistyped a name may have meant."""

import heapq
from collections.abc import Iterable
from difflib import SequenceMatcher

from contracts._spreadsheet import symbols_before
from contracts._wording import LONGEST

MOST = 5
_LENGTH_SLACK = 2
_SHORTLIST = 200
_CUTOFF = 0.6


def near_names(name: str, names: Iterable[str], most: int = MOST) -> tuple[str, ...]:
    """The names most like `name`, ignoring case: best first, ties by name, at most `most`.

    A date leads to the symbols that a spreadsheet makes that date of; what is longer than any
    name leads nowhere.

    difflib compares a short list only: names of about the same length that share the most letters
    and letter pairs. The letters in any order count as much as those in order, so that two swapped
    letters cost little. 40,000 names take some tens of milliseconds.
    """
    wanted = name.strip().upper()
    if len(wanted) > LONGEST:
        return ()
    if dated := symbols_before(wanted):
        return tuple(other for other in names if other in dated)[:most]
    size, pieces = len(wanted), _pieces(wanted)
    shortlist = heapq.nlargest(
        _SHORTLIST,
        (
            (len(pieces & _pieces(other.upper())), other)
            for other in names
            if abs(len(other) - size) <= _LENGTH_SLACK
        ),
    )
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    scored: list[tuple[float, str]] = []
    for _, other in shortlist:
        matcher.set_seq1(other.upper())
        letters, ordered = matcher.quick_ratio(), matcher.ratio()
        if ordered >= _CUTOFF:
            scored.append((-letters - ordered, other))
    return tuple(other for _, other in sorted(scored)[:most])


def _pieces(text: str) -> set[str]:
    """Letters and pairs of neighbouring letters, the two ends marked."""
    padded = f"^{text}$"
    return {*text, *(padded[i : i + 2] for i in range(len(padded) - 1))}
