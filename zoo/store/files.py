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


TYPES = ("float16", "float32", "float64", "int32", "int64", "uint8", "uint16", "bool")
"""The types of tensors that entries have."""


def read_tensors(path: Path) -> dict[str, Any]:
    """The arrays of a safetensors file by name, not to be written to.

    Raises MissingArtefact or CorruptArtefact.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(path)
    except FileNotFoundError:
        raise MissingArtefact(path) from None
    except SafetensorError as error:
        raise CorruptArtefact(path, "a safetensors file", str(error)) from error
    for tensor in tensors.values():
        if tensor.dtype.name not in TYPES:
            raise CorruptArtefact(path, f"types {', '.join(TYPES)}", tensor.dtype.name)
        tensor.flags.writeable = False
    return tensors
