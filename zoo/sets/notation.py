"""How people write a set of perturbed genes in one word: YAL002W+YBR001C, ADE3:deleted.

Genes are joined by "+" or, as in tables of records, by "|". A gene alone is of the kind `bare`,
deleted unless something else is said; another kind follows it after a colon. `wildtype`, or
nothing, is the empty set.
"""

import re

from contracts.errors import InvalidOption
from contracts.genes.vocabulary import Vocabulary
from contracts.sets.kinds import ABSENT, JOINT, KINDS, MEMBER, is_kind, is_wildtype

PLUS = "+"
EXPECTED = (
    "genes joined by '+', each perhaps with its kind, such as YAL002W+YBR001C or "
    "ADE2:deleted+ADE3, or wildtype"
)

# What people type between genes, or before a kind. No hyphen: YAL002W-A is a name of its own.
_BETWEEN = re.compile(r"[\s,;/&+|:]+")

# An id of these has a colon of its own: HGNC:4235:added.
_REGISTRIES = {"HGNC", "SGD"}

Members = tuple[tuple[str, str], ...]
"""Names and kinds as they were written; whether there are such is left to the scorer."""


def read_set(text: str, bare: int = ABSENT) -> Members:
    """The members of a set, in order, duplicates kept; raises InvalidOption where it is none."""
    whole = text.strip()
    if not whole or is_wildtype(whole):
        return ()
    members = tuple(_member(part, text, bare) for part in whole.replace(JOINT, PLUS).split(PLUS))
    if any(is_wildtype(name) for name, _ in members):
        raise InvalidOption("perturbation", text, "wildtype alone, or genes without it")
    return members


def _member(part: str, text: str, bare: int) -> tuple[str, str]:
    words = [word.strip() for word in part.split(MEMBER)]
    if all(words) and len(words) > 1 and words[0].upper() in _REGISTRIES:
        words[:2] = [MEMBER.join(words[:2])]
    if not all(words) or len(words) > 2:
        raise InvalidOption("perturbation", text, EXPECTED)
    return words[0], words[1] if len(words) > 1 else KINDS[bare]


def joined(name: str, vocabulary: Vocabulary, bare: int = ABSENT) -> Members:
    """The members that somebody has typed as if they were one name; none where it is one.

    Such as ADE2,YBR001C, or ADE2 deleted: a name that is unknown, and of whose words one is a gene.
    """
    words = [word for word in _BETWEEN.split(name) if word]
    if len(words) < 2 or vocabulary.locate_genes([name])[0] >= 0:
        return ()
    if (vocabulary.locate_genes(words) < 0).all():
        return ()
    members: list[tuple[str, str]] = []
    for word in words:
        if members and is_kind(word):
            members[-1] = (members[-1][0], word)
        else:
            members.append((word, KINDS[bare]))
    return tuple(members)


def check_names(text: str, members: Members, vocabulary: Vocabulary, bare: int = ABSENT) -> None:
    """Raise InvalidOption where a name of a set is several, with what to type for the set."""
    apart = [joined(name, vocabulary, bare) for name, _ in members]
    if not any(apart):
        return
    whole: list[str] = []
    for several, (name, kind) in zip(apart, members, strict=True):
        *others, (last, own) = several or ((name, kind),)
        kinds = [*others, (last, own if kind == KINDS[bare] else kind)]
        whole += [word if one == KINDS[bare] else f"{word}{MEMBER}{one}" for word, one in kinds]
    raise InvalidOption("perturbation", text, f"genes joined by '+': {PLUS.join(whole)}")
