"""An index on disk: a folder with index.faiss and index.json, written whole or not at all."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from contracts.errors import InvalidOption, MissingArtefact, UnusableIndex
from contracts.manifest import FileRecord
from zoo.ann.record import IndexRecord
from zoo.ann.vectors import Items
from zoo.runtime.optional import imported
from zoo.store.files import sha256

EXTRA = "ann"
RECORD, DATA = "index.json", "index.faiss"


def import_faiss() -> Any:
    """The package faiss; raises MissingDependency with the command that installs it."""
    return imported("faiss", EXTRA)


def check_target(path: Path) -> None:
    """Raise InvalidOption, before any work, where an index could not be put."""
    if os.path.lexists(path):
        raise InvalidOption("--output", str(path), "a path where there is nothing yet")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise InvalidOption("--output", str(path), "a path in a folder that can be written")


def write(path: Path, handle: Any, complete: Callable[[FileRecord], IndexRecord]) -> IndexRecord:
    """Write a faiss index to a new folder; `complete` makes the record, given that of index.faiss.

    A failure leaves nothing behind. Raises InvalidOption where the folder cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        draft.mkdir()
        import_faiss().write_index(handle, str(draft / DATA))
        data = draft / DATA
        record = complete(FileRecord(sha256=sha256(data), bytes=data.stat().st_size))
        text = json.dumps(record.model_dump(mode="json"), indent=2) + "\n"
        (draft / RECORD).write_text(text, encoding="utf-8")
        draft.rename(path)
    except (OSError, RuntimeError) as error:  # faiss raises RuntimeError where it cannot write
        why = getattr(error, "strerror", None) or "faiss could not write it"
        expected = f"a path on a disk with room that can be written ({why})"
        raise InvalidOption("--output", str(path), expected) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return record


def read(path: Path, items: Items) -> tuple[IndexRecord, Any]:
    """The record and the faiss index, once all digests agree; see zoo.ann.index.open_index."""
    faiss, data = import_faiss(), path / DATA
    if not path.is_dir():
        raise MissingArtefact(path, f"Build the index: {items.command}")
    try:
        record = IndexRecord.model_validate_json((path / RECORD).read_bytes())
    except OSError:
        raise UnusableIndex(path, f"{RECORD} is missing", items.command) from None
    except ValidationError as error:
        raise UnusableIndex(path, f"{RECORD} is no record of an index", items.command) from error
    _check_belongs(path, record, items)
    if not data.is_file():
        raise UnusableIndex(path, f"{DATA} is missing", items.command)
    if data.stat().st_size != record.file.bytes or sha256(data) != record.file.sha256:
        raise UnusableIndex(path, f"{DATA} is damaged", items.command)
    return record, faiss.read_index(str(data))


def _check_belongs(path: Path, record: IndexRecord, items: Items) -> None:
    built, asked = _named(record.entry, record.side), _named(items.entry, items.side)
    if built != asked:
        raise UnusableIndex(path, f"it is over {built}, not over {asked}", items.command)
    if record.digest != items.digest:
        versions = f" (version {record.version}, now {items.version})" if items.version else ""
        reason = f"it was built from other vectors of {asked}{versions}"
        raise UnusableIndex(path, reason, items.command)


def _named(entry: str | None, side: str | None) -> str:
    return f"the {side} of {entry}" if entry else "a file's vectors"
