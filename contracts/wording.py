"""How messages show values: short, and never more than a few of them."""

from collections.abc import Mapping, Sequence

from contracts.look_alikes import look_alikes
from contracts.spreadsheet import is_date

SHOWN = 5
"""How many names or violations a message lists before it only counts them."""

LONGEST = 60
"""How many characters of a value a message repeats."""


def shorten(value: object) -> str:
    """The value's repr, cut at LONGEST characters."""
    if isinstance(value, str):
        text = str(value)  # numpy's strings have a repr of their own
        return repr(clip(text))
    return clip(repr(value))


def clip(name: str) -> str:
    """The name itself, cut at LONGEST characters: for what is no prose, such as JSON."""
    return name if len(name) <= LONGEST else name[: LONGEST - 3] + "..."


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


def gene_advice(name: str, near: Sequence[str], expected: str) -> str:
    """What to type in place of a name that is no gene; `expected` is what names look like."""
    advice = did_you_mean(near, f"Give {expected}.")
    if foreign := look_alikes(name):
        return f"{foreign} {advice}"
    return f"A spreadsheet has made a date of a symbol. {advice}" if is_date(name) else advice


def with_symbols(near: Sequence[str], symbols: Mapping[str, str]) -> list[str]:
    """Near names, each with the symbol it stands for where that is another: ADE2 (YOR128C)."""
    return [f"{name} ({symbols[name]})" if name in symbols else name for name in near]


def turned_round(name: str, target: str) -> str:
    """What to say of a pair whose target is a regulator and whose regulator is none."""
    return (
        f"{shorten(target)} is one: is the pair the wrong way round? "
        f"The regulator goes first: {shorten(target)}, then {shorten(name)}."
    )


def install(extra: str) -> str:
    """How to install an extra, from a package index or from a checkout."""
    checkout = f"pip install -c constraints.txt '.[{extra}]'"
    return f"pip install 'regzoo[{extra}]' (in a checkout: {checkout})"
