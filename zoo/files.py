"""What is done to files everywhere: take a digest, replace in one step, read tensors."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contracts.errors import CorruptArtefact, MissingArtefact


def sha256(path: Path) -> str:
    """The SHA-256 of the file's content, as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; it takes the place of `path` when all went well.

    Whatever happens, `path` holds either its old content or all of the new one, and nothing else
    is left behind.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_tensors(path: Path) -> dict[str, Any]:
    """The arrays of a safetensors file by name; raises MissingArtefact or CorruptArtefact."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except FileNotFoundError:
        raise MissingArtefact(path) from None
    except SafetensorError as error:
        raise CorruptArtefact(path, "a safetensors file", str(error)) from error
