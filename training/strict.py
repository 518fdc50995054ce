"""Strict TOML files: frozen tables in which an unknown key is an error, told by its name."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.errors import InvalidInput, ZooError


class InvalidRecipe(InvalidInput):
    """A recipe has an unknown key, lacks one, or holds a value of the wrong kind."""

    code = "invalid-recipe"


class Strict(BaseModel):
    """Frozen; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Made = TypeVar("Made", bound=Strict)


def tables(path: Path, file: str, refused: type[ZooError]) -> dict[str, Any]:
    """The tables of a file, called `file` in errors. Raises `refused` where it is no TOML."""
    try:
        return tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise refused(f"{file} is no TOML: {error}.") from error


def made(
    kind: type[Made], content: dict[str, Any], file: str, refused: type[ZooError], name: str
) -> Made:
    """The tables as a `kind`. Raises `refused` where they are no `name`, with each wrong key."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise refused(f"{file} is no {name}: {wrong(error)}.") from error


def wrong(error: ValidationError, table: str = "") -> str:
    """Every key that is wrong, and why."""
    return "; ".join(
        f"{table}{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
    )
