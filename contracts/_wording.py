"""How messages show values: short, and never more than a few of them."""

from collections.abc import Sequence

SHOWN = 5
"""How many names or violations a message lists before it only counts them."""

LONGEST = 60
"""How many characters of a value a message repeats."""


def shorten(value: object) -> str:
    """The value's repr, cut at LONGEST characters."""
    if isinstance(value, str):
        text = str(value)  # numpy's strings have a repr of their own
        return repr(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")
    text = repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def listed(names: Sequence[str]) -> str:
    """The first SHOWN names, and how many more there are."""
    shown = ", ".join(shorten(name) for name in names[:SHOWN])
    further = len(names) - SHOWN
    return f"{shown} and {further} more" if further > 0 else shown


def did_you_mean(near: Sequence[str], otherwise: str) -> str:
    """A question naming what was perhaps meant, or the other advice if there is nothing near."""
    return f"Did you mean {', '.join(near[:SHOWN])}?" if near else otherwise


def sentence(text: str) -> str:
    """The text with a full stop, unless it has an end already."""
    return text if text.endswith((".", "?", "!")) else f"{text}."
