"""The manifest of an entry: what it is, which files it has, and where they come from."""

import json
import operator
import re
from os import PathLike
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    JsonValue,
    StringConstraints,
    ValidationError,
    model_validator,
)

from contracts import evidence as ladder
from contracts import tasks
from contracts.errors import InvalidManifest, InvalidOption, MissingArtefact
from contracts.wording import shorten

FILENAME = "manifest.json"
SCHEMA_VERSION = 1

_ENTRY = r"^[a-z][a-z0-9_]*-[a-z0-9][a-z0-9_-]*$"

EntryId = Annotated[str, StringConstraints(pattern=_ENTRY)]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Count = Annotated[int, Field(ge=0)]


def _on_the_ladder(text: str) -> str:
    ladder.of(text)
    return text


Evidence = Annotated[str, AfterValidator(_on_the_ladder)]


def split_entry(entry: str) -> tuple[str, str]:
    """The architecture and the variant of an entry id: `<architecture>-<variant>`.

    The first hyphen separates. Raises InvalidOption for anything else.
    """
    if not re.fullmatch(_ENTRY, entry):
        raise InvalidOption(
            "entry",
            entry,
            "<architecture>-<variant> in lower case, underscores inside, such as two_tower-brain",
        )
    architecture, _, variant = entry.partition("-")
    return architecture, variant


class Strict(BaseModel):
    """Frozen; an unknown field is an error, and so is a value of another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FileRecord(Strict):
    """One file of an entry: the digest of its content and its size in bytes."""

    sha256: Digest
    bytes: Count


class Licences(Strict):
    """Three licences: SPDX identifiers, or a name and a link; `data` has one a source."""

    code: Text
    weights: Text
    data: dict[str, Text]


class Manifest(Strict):
    """What an entry is; every field is checked, an unknown one is an error.

    `folds` has the digest of the weights that were trained without each fold's test, where the
    entry itself learned from all data and its figures are those of the folds.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    entry: EntryId
    version: Text
    task: Text
    architecture: Text
    summary: Text
    species: Text
    tissue: Text
    config: dict[str, JsonValue]
    sizes: dict[str, Annotated[int, Field(ge=1)]]
    graphs: dict[str, FileName]
    files: dict[FileName, FileRecord]
    licences: Licences
    evidence: Evidence
    recipe: str
    data: dict[str, Digest]
    folds: dict[str, Digest] = Field(default_factory=dict, exclude_if=operator.not_)
    seeds: list[int]
    commit: str | None = None
    packages: dict[str, str]
    metrics: dict[str, FiniteFloat]

    @property
    def family(self) -> str:
        """The family of the entry's task."""
        return tasks.get(self.task).family

    @model_validator(mode="after")
    def _agrees_with_its_task(self) -> Self:
        architecture, _ = split_entry(self.entry)
        if self.architecture != architecture:
            raise ValueError(
                f"architecture is {self.architecture!r}, expected {architecture!r} as in the entry"
            )
        task = tasks.get(self.task)
        contracts = task.of(self.graphs)
        needed = {name for contract in contracts.values() for name in contract.fixed_sizes}
        if lacking := sorted(needed - set(self.sizes)):
            raise ValueError(f"sizes lacks {', '.join(lacking)}")
        return self

    @model_validator(mode="after")
    def _lists_its_files(self) -> Self:
        if FILENAME in self.files:
            raise ValueError(f"files lists {FILENAME}, which cannot hold its own digest")
        if lacking := sorted(set(self.graphs.values()) - set(self.files)):
            raise ValueError(f"files lacks {', '.join(lacking)}, named in graphs")
        return self

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read manifest.json; raises MissingArtefact or InvalidManifest naming the field."""
        try:
            text = Path(path).read_bytes()
        except FileNotFoundError:
            raise MissingArtefact(path) from None
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise InvalidManifest(path, _reason(error)) from error

    def save(self, path: str | PathLike[str]) -> None:
        """Write manifest.json: the same manifest always gives the same bytes."""
        text = json.dumps(self.model_dump(mode="json"), indent=2, sort_keys=True)
        Path(path).write_text(text + "\n", encoding="utf-8", newline="\n")


def _reason(error: ValidationError) -> str:
    """Every problem pydantic found, as `field: what is wrong, got value`."""
    problems: list[str] = []
    for problem in error.errors(include_url=False):
        where = ".".join(str(part) for part in problem["loc"])
        got = f", got {shorten(problem['input'])}" if where else ""
        problems.append(f"{where or 'the whole'}: {problem['msg']}{got}")
    return "; ".join(problems)
