"""Near names: what somebody who mistyped a name may have meant."""

import heapq
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher

from contracts.spreadsheet import symbols_before
from contracts.wording import LONGEST

MOST = 5
_LENGTH_SLACK = 2
_SHORTLIST = 200
_CUTOFF = 0.6
_CLOSE = 1.7
"""The likeness of a name with one letter more, less or swapped; the same name has 2."""


def near_names(name: str, names: Iterable[str], most: int = MOST) -> tuple[str, ...]:
    """The names most like `name`, ignoring case: best first, ties by name, at most `most`.

    A date leads to the symbols that a spreadsheet makes that date of; what is longer than any
    name leads nowhere.

    difflib compares a short list only: names of about the same length that share the most letters
    and letter pairs. The letters in any order count as much as those in order, so that two swapped
    letters cost little. 40,000 names take some tens of milliseconds.
    """
    return tuple(other for _, other in _ranked(name, names)[:most])


def near_genes(
    name: str,
    symbols: Iterable[str],
    others: Iterable[str],
    leads_to: Callable[[str], tuple[str, ...]],
) -> dict[str, str]:
    """Near names with the symbol that each stands for, best first, at most MOST.

    They are symbols, which stand for themselves, after such of `others` as are nearer to `name`
    than any symbol: genes may have systematic names that nobody types. `leads_to` gives the symbols
    of another name; only those that lead to one gene, and one name of each, are listed.
    """
    symbols = list(symbols)
    near = _ranked(name, symbols)[:MOST]
    best = near[0][0] if near else 0.0
    found: dict[str, str] = {}
    if best > -_CLOSE:
        known = set(symbols)
        for likeness, other in _ranked(name, others):
            genes = leads_to(other)
            if likeness >= best or len(found) == MOST:
                break
            if len(genes) == 1 and genes[0] in known and genes[0] not in found.values():
                found[other] = genes[0]
    for _, symbol in near:
        if len(found) < MOST and symbol not in found.values():
            found[symbol] = symbol
    return found


def _ranked(name: str, names: Iterable[str]) -> list[tuple[float, str]]:
    """Names with their likeness, which is negative, so that they are in order."""
    wanted = name.strip().upper()
    if len(wanted) > LONGEST:
        return []
    if dated := symbols_before(wanted):
        return [(-2.0, other) for other in names if other in dated]
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
    return sorted(scored)


def _pieces(text: str) -> set[str]:
    """Letters and pairs of neighbouring letters, the two ends marked."""
    padded = f"^{text}$"
    return {*text, *(padded[i : i + 2] for i in range(len(padded) - 1))}
