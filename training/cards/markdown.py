"""Markdown for cards: tables, wrapped paragraphs, and numbers as all pages print them."""

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence

NOT_MEASURED = "[not measured]"
WIDTH = 98


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, or a word where it has no rows."""
    rows = list(rows)
    if not rows:
        return NOT_MEASURED
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def known(value: float | None) -> bool:
    """Whether there is a number."""
    return value is not None and math.isfinite(value)


def number(value: float | None) -> str:
    """0.763, or a word where there is none."""
    return f"{value:.3f}" if known(value) else NOT_MEASURED


def count(value: int | None) -> str:
    """1,798, or a word."""
    return NOT_MEASURED if value is None else f"{value:,}"


def figure(record: Mapping[str, float] | None, sign: str = "") -> str:
    """0.763 [0.741, 0.784], or a word; with "+" as `sign` for a difference."""
    if record is None or not known(record["value"]):
        return NOT_MEASURED
    value, low, high = (f"{record[name]:{sign}.3f}" for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def difference(record: Mapping[str, float] | None) -> str:
    """+0.058 [+0.031, +0.085], or a word."""
    return figure(record, "+")


def spoken(record: Mapping[str, float] | None, sign: str = "") -> str:
    """0.763 (0.741 to 0.784), for texts that stand in brackets themselves."""
    if record is None or not known(record["value"]):
        return "not measured"
    value, low, high = (f"{record[name]:{sign}.3f}" for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def tiny(value: float | None) -> str:
    """A small number as 1.2e-07, or a word."""
    return NOT_MEASURED if value is None else f"{value:.1e}"


def paragraph(words: str) -> str:
    """One paragraph in lines that read well as text."""
    words = " ".join(words.split())
    return textwrap.fill(words, WIDTH, break_long_words=False, break_on_hyphens=False)


def item(words: str) -> str:
    """A list item, wrapped and indented below its dash."""
    return "- " + paragraph(words).replace("\n", "\n  ")


def items(each: Iterable[str]) -> str:
    """A list."""
    return "\n".join(map(item, each))
