"""How people write a set of perturbed genes in one word: YAL002W+YBR001C, ADE3:overexpressed.

Genes are joined by "+" or, as in tables of records, by "|". A gene alone is deleted; another kind
follows it after a colon. `wildtype`, or nothing, is the empty set.
"""

from contracts.errors import InvalidOption
from contracts.perturbations import ABSENT, JOINT, KINDS, MEMBER

WILDTYPE = "wildtype"
PLUS = "+"
EXPECTED = (
    "genes joined by '+', each perhaps with its kind, such as YAL002W+YBR001C or "
    "ADE2+ADE3:overexpressed, or wildtype"
)

# An id of these has a colon of its own: HGNC:4235:added.
_REGISTRIES = {"HGNC", "SGD"}

Members = tuple[tuple[str, str], ...]
"""Names and kinds as they were written; whether there are such is left to the scorer."""


def read_set(text: str) -> Members:
    """The members of a set, in order, duplicates kept; raises InvalidOption where it is none."""
    whole = text.strip()
    if not whole or whole.lower() == WILDTYPE:
        return ()
    return tuple(_member(part, text) for part in whole.replace(JOINT, PLUS).split(PLUS))


def _member(part: str, text: str) -> tuple[str, str]:
    words = [word.strip() for word in part.split(MEMBER)]
    if all(words) and len(words) > 1 and words[0].upper() in _REGISTRIES:
        words[:2] = [MEMBER.join(words[:2])]
    if not all(words) or len(words) > 2:
        raise InvalidOption("perturbation", text, EXPECTED)
    return words[0], words[1] if len(words) > 1 else KINDS[ABSENT]
