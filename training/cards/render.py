"""Pages from Jinja2 templates: the words stand in the template, the code hands in numbers.

Filters for a number: `figure` 0.763, `significant` 0.00124, `count` 1,798, `percent` 7.4%. For a
record of value, low and high: `ci` 0.763 (95% CI 0.741 to 0.784), and `interval` 0.763 [0.741,
0.784] in a table. A number that is not there is a dash. `rows | table(head)` is a Markdown table.
"""

import math
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 98
NONE = "-"
VERBATIM = re.compile(r"(\A---\n.*?\n---\n|^```.*?^```$)", re.DOTALL | re.MULTILINE)
ITEM = re.compile(r"^(- |\d+\. )", re.MULTILINE)


class Compiled(BytecodeCache):
    """Compiled templates of this process: cards of many entries share them."""

    def __init__(self) -> None:
        self.codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """The code of a template whose text is still the same."""
        if code := self.codes.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self.codes[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def render(
    template: Path | str,
    folders: Iterable[Path | str] = (),
    filters: Mapping[str, Callable[..., object]] | None = None,
    **values: Any,
) -> str:
    """Fill a template, a file or its text, and wrap its paragraphs.

    A file may import from its own folder, from `templates` beside this module and from `folders`.
    A value that the template names and nobody gave is an error (jinja2.UndefinedError).
    """
    here = [] if isinstance(template, str) else [template.parent]
    house = Environment(
        loader=FileSystemLoader([*here, TEMPLATES, *folders]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # Markdown, for people who trust their own checkout
        bytecode_cache=COMPILED,
    )
    house.filters |= FILTERS | dict(filters or {})
    if isinstance(template, str):
        return wrapped(house.from_string(template).render(values))
    return wrapped(house.get_template(template.name).render(values))


def wrapped(text: str) -> str:
    """Wrap paragraphs and list items; a YAML head, code, tables, headings and HTML stay as is."""
    parts = VERBATIM.split(text)
    for place in range(0, len(parts), 2):
        blocks = re.split(r"\n\s*\n", parts[place].strip("\n"))
        parts[place] = "\n\n".join(_block(block) for block in blocks if block.strip())
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _block(block: str) -> str:
    if block.lstrip().startswith(("#", "|", "<", "![")):
        return block
    if not ITEM.match(block):
        return fill(block)
    items = [item for item in re.split(r"\n(?=- |\d+\. )", block) if item.strip()]
    return "\n".join(fill(item, "  ") for item in items)


def fill(words: str, indent: str = "") -> str:
    """One paragraph in lines that read well as text; `indent` is for all lines but the first."""
    return textwrap.fill(
        " ".join(words.split()),
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def figure(value: float | int | None, form: str = ".3f") -> str:
    """0.763, or +0.058 with the form `+.3f`."""
    return NONE if value is None or not math.isfinite(value) else f"{value:{form}}"


def significant(value: float | int | None, digits: int = 3) -> str:
    """Two or three significant digits of a number of any size."""
    return figure(value, f".{digits}g")


def count(value: float | int | None) -> str:
    """1,798."""
    return figure(value, ",.0f")


def percent(value: float | int | None, digits: int = 1) -> str:
    """7.4% of a share of 0.074."""
    return figure(value, f".{digits}%")


def ci(record: Mapping[str, float] | None, form: str = ".3f", level: float = 0.95) -> str:
    """0.763 (95% CI 0.741 to 0.784), for a sentence."""
    return _spread(record, form, f"{{}} ({level:.0%} CI {{}} to {{}})")


def interval(record: Mapping[str, float] | None, form: str = ".3f") -> str:
    """0.763 [0.741, 0.784], for a cell of a table."""
    return _spread(record, form, "{} [{}, {}]")


def _spread(record: Mapping[str, float] | None, form: str, layout: str) -> str:
    if record is None or figure(record["value"]) == NONE:
        return NONE
    return layout.format(*(figure(record[name], form) for name in ("value", "low", "high")))


def table(rows: Iterable[Sequence[object]], head: Sequence[str]) -> str:
    """A Markdown table; every row as long as the head."""
    lines = [head, ["---"] * len(head), *rows]
    wrong = [line for line in lines if len(line) != len(head)]
    if wrong:
        raise ValueError(f"A row of {len(wrong[0])} cells under a head of {len(head)}: {wrong[0]}")
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


FILTERS = {
    each.__name__: each for each in (figure, significant, count, percent, ci, interval, table)
}
