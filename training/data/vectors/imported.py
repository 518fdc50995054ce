"""Gene vectors that a user imported, kept in the user's own folder under a name.

Each is one safetensors file: a vector for each gene, and the record of where it comes from in its
head. It is a file of gene vectors as any other, and takes the place of a former one in one step.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from contracts.errors import InvalidOption
from contracts.manifest import Strict
from training.data.files import DataFiles, MissingData
from training.data.vectors import checked, names
from training.data.vectors.source import VectorSource
from zoo.store import settings
from zoo.store.files import replacing, sha256

RECORD, ENDING = "record", ".safetensors"
TAKEN = frozenset({"orthologs", "terms", "random", "readouts", "best"})
"""Kinds of vectors that a family makes itself, beside those of training.data.vectors.names."""
UNSAID = "not stated"


class Record(Strict):
    """Where vectors come from; `sha256` is that of the file `source`, which was imported."""

    name: str
    about: str
    licence: str
    source: str
    sha256: str
    genes: int
    dim: int
    date: str

    @property
    def facts(self) -> dict[str, str]:
        """What a run and a card say of vectors that were not made here."""
        return {"name": self.name, "licence": self.licence, "sha256": self.sha256}


def folder() -> Path:
    """Where they are kept."""
    return settings.home_folder() / "embeddings"


def check_name(name: str) -> None:
    """Raise InvalidOption for a name that is no plain word or that a kind of vectors has."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        expected = "a plain word of lower-case letters, digits and underscores, such as scgpt"
        raise InvalidOption("--name", name, expected)
    if name in TAKEN | {*names()}:
        taken = ", ".join(sorted(TAKEN | {*names()}))
        raise InvalidOption("--name", name, f"a name that no kind of vectors has yet: {taken}")


def save(record: Record, content: checked.Checked) -> Path:
    """Keep vectors under the name of their record; returns their file."""
    path = folder() / f"{record.name}{ENDING}"
    path.parent.mkdir(parents=True, exist_ok=True)
    vectors = dict(zip(content.symbols, content.matrix, strict=True))
    with replacing(path) as draft:
        save_file(vectors, draft, {RECORD: record.model_dump_json()})
    return path


def records() -> list[Record]:
    """Those that are kept, by name."""
    found = (read_record(path) for path in sorted(folder().glob(f"*{ENDING}")))
    return [record for record in found if record is not None]


def read_record(path: Path) -> Record | None:
    """The record in the head of a file; None where it has none."""
    try:
        with safe_open(path, "numpy") as file:
            head: Mapping[str, str] = file.metadata() or {}
        return Record.model_validate_json(head[RECORD])
    except (OSError, SafetensorError, KeyError, ValidationError):
        return None


def located(name: Path) -> Path:
    """The file of imported vectors of this name; `name` itself where it is a file or neither."""
    stored = folder() / f"{name}{ENDING}"
    return stored if name.name == str(name) and not name.is_file() and stored.is_file() else name


def remove(name: str) -> None:
    """Forget vectors; raises InvalidOption for a name that none have."""
    there = [record.name for record in records()]
    if name not in there:
        raise InvalidOption("--remove", name, f"one of {', '.join(there) or 'none: none are kept'}")
    (folder() / f"{name}{ENDING}").unlink()


def facts(path: Path) -> dict[str, str]:
    """What is said of the vectors in a file: imported with their licence, or the file alone."""
    record = read_record(path)
    if record is not None:
        return record.facts
    return {"name": path.name, "licence": UNSAID, "sha256": sha256(path)}


def load(path: Path, root: Path | None = None) -> VectorSource:
    """The vectors in a file, checked, under approved symbols. Raises what checking does."""
    content, record = checked.read(path, DataFiles.find(root)), read_record(path)
    about = f"Vectors of {content.matrix.shape[1]} numbers from {path.name}."
    said = facts(path)
    return VectorSource.of_rows(
        said["name"],
        record.about if record and record.about else about,
        said["licence"],
        content.symbols,
        content.matrix,
    )


def again(said: Mapping[str, str]) -> VectorSource:
    """The vectors that a run notes as its `facts`. Raises MissingData where they are gone."""
    path = located(Path(said["name"]))
    if not path.is_file() or facts(path) != dict(said):
        raise MissingData(
            f"The gene vectors {said['name']} (SHA-256 {said['sha256']}) are not on this machine. "
            f"Type: zoo import-embeddings FILE --name {said['name']}"
        )
    return load(path)
