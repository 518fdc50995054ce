"""The evidence behind an entry's figures, as a ladder: the strongest rung first.

A manifest has a rung, `native` for instance, and says behind it where a training was cut short:
"smoke test, 20 steps" is a native one.
"""

import re
from typing import NamedTuple

from contracts.errors import InvalidOption


class Rung(NamedTuple):
    """A kind of evidence: what it means, and what to do where no entry has it."""

    name: str
    meaning: str
    elsewhere: str


NATIVE, IMPORTED = "native", "embedding-import"

LADDER = (
    Rung(NATIVE, "It was trained here, on data that the card names.", "Type: zoo list"),
    Rung(
        "adapter",
        "Its authors' code runs here, on weights that the user brings.",
        "An adapter is run by whoever has its weights, and ships no entry.",
    ),
    Rung(
        IMPORTED,
        "It was trained here on gene vectors that others made.",
        "Make one of your own: zoo import-embeddings FILE --name NAME --licence LICENCE, then "
        "zoo train linear-norman19 --gene-vectors NAME",
    ),
    Rung(
        "predictions-import",
        "Others made its predictions; they were scored here, and none of its code ran.",
        "Such predictions have a card and no entry: zoo evaluate-predictions FILE",
    ),
    Rung(
        "onnx-byo",
        "Others made its graph; it runs and is scored here.",
        "Register a folder of your own with zoo.register(FOLDER).",
    ),
    Rung(
        "cited",
        "Its figures are those that others published; nothing was measured here.",
        "Published figures are on a page and in no entry: findings/simple-baselines",
    ),
)
NAMES = tuple(rung.name for rung in LADDER)

_CUT_SHORT = r"smoke test, \d+ steps"
_WRITTEN = re.compile(rf"({'|'.join(NAMES)})(, {_CUT_SHORT})?|{_CUT_SHORT}")


def written(name: str, steps: int | None) -> str:
    """What a manifest says of a rung, for a training of so many steps where it was cut short."""
    if steps is None:
        return name
    short = f"smoke test, {steps} steps"
    return short if name == NATIVE else f"{name}, {short}"


def of(text: str) -> Rung:
    """The rung that a manifest's text names; raises ValueError for a text that names none."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(f"evidence must begin with one of {', '.join(NAMES)}")
    return LADDER[NAMES.index(match[1] or NATIVE)]


def rung(name: str) -> Rung:
    """The rung of a name, in any case; raises InvalidOption naming all rungs."""
    if name.strip().lower() not in NAMES:
        raise InvalidOption("evidence", name, f"one of {', '.join(NAMES)}")
    return LADDER[NAMES.index(name.strip().lower())]
