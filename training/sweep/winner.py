"""The winner of a study as a recipe: the entry's file with the winner's numbers in it."""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from training import recipe
from training.sweep.plan import Value
from training.sweep.space import flat
from training.sweep.study import NoStudy

_HEAD = re.compile(r"^\[(\[?[^\[\]]+\]?)\]\s*(#.*)?$")
_PAIR = re.compile(r"^(\w+)(\s*=\s*)([^#]*?)(\s*#.*)?$")


def winner(study: Mapping[str, Any]) -> dict[str, Any]:
    """The trial that a study's table calls the winner. Raises NoStudy where it has none."""
    number, entry = study["winner"], study["plan"]["entry"]
    if number is None:
        raise NoStudy(
            f"No trial of {entry} is complete yet. To run one, type: zoo sweep {entry} --trials 1"
        )
    return study["trials"][number]


def recipe_text(study: Mapping[str, Any]) -> str:
    """The recipe of the study's entry with the winner's values, comments kept. Raises NoStudy."""
    text = (recipe.RECIPES / f"{study['plan']['entry']}.toml").read_text()
    return replaced(text, winner(study)["parameters"])


def replaced(text: str, values: Mapping[str, Value]) -> str:
    """A recipe's text with these values, every other line as it was.

    A key that is not there yet goes to the end of its table, a table to the end of the file.
    """
    lines = text.splitlines()
    for key, value in values.items():
        _put(lines, *key.rsplit(".", 1), json.dumps(value))
    result = "\n".join(lines) + "\n"
    expected = flat(tomllib.loads(text)) | dict(values)
    assert flat(tomllib.loads(result)) == expected, "a recipe has one line a key"
    return result


def _put(lines: list[str], table: str, name: str, value: str) -> None:
    """Write one value into the lines of a recipe; values are written by JSON as by TOML."""
    every = [(at, head[1].strip()) for at, line in enumerate(lines) if (head := _HEAD.match(line))]
    heads = {name: at for at, name in every}
    if table not in heads:
        lines += ["", f"[{table}]", f"{name} = {value}"]
        return
    first = heads[table] + 1
    end = min((at for at, _ in every if at >= first), default=len(lines))
    for at in range(first, end):
        if (pair := _PAIR.match(lines[at])) and pair[1] == name:
            lines[at] = pair[1] + pair[2] + value + (pair[4] or "")
            return
    while not lines[end - 1].strip():
        end -= 1
    lines.insert(end, f"{name} = {value}")
