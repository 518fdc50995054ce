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

_HEAD = re.compile(r"^\[([^\[\]]+)\]\s*(#.*)?$")
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
    missing, lines = dict(values), []
    for table, block in _tables(text):
        lines += [_line(line, table, missing) for line in block]
        if new := [key for key in missing if key.rpartition(".")[0] == table]:
            end = len("\n".join(lines).rstrip().splitlines())
            lines[end:end] = [_pair(key, missing.pop(key)) for key in new]
    for table in dict.fromkeys(key.rpartition(".")[0] for key in missing):
        lines += ["", f"[{table}]"]
        lines += [_pair(key, missing[key]) for key in missing if key.rpartition(".")[0] == table]
    result = "\n".join(lines) + "\n"
    expected = flat(tomllib.loads(text)) | dict(values)
    assert flat(tomllib.loads(result)) == expected, "a recipe has one line a key"
    return result


def _tables(text: str) -> list[tuple[str, list[str]]]:
    """The lines of every table with its name, "" for those above the first."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        if head := _HEAD.match(line):
            found.append((head[1].strip(), []))
        found[-1][1].append(line)
    return found


def _line(line: str, table: str, values: dict[str, Value]) -> str:
    """The line with the value that is taken for its key out of `values`, if there is one."""
    pair = _PAIR.match(line)
    if pair is None or (key := f"{table}.{pair[1]}") not in values:
        return line
    return pair[1] + pair[2] + _toml(values.pop(key)) + (pair[4] or "")


def _pair(key: str, value: Value) -> str:
    """A line of its own."""
    return f"{key.rpartition('.')[2]} = {_toml(value)}"


def _toml(value: Value) -> str:
    """A value as TOML writes it."""
    return json.dumps(value) if isinstance(value, bool | str) else repr(value)
