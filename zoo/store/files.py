"""What is done to files everywhere: take a digest, replace in one step, read tensors."""

import hashlib
import json
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


TYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8"}
TYPES |= {"U8": "|u1", "BOOL": "|b1"}
"""The types of a safetensors file, as numpy writes them."""


def read_tensors(path: Path) -> dict[str, Any]:
    """The arrays of a safetensors file by name, mapped into memory and not to be written to.

    What is mapped is read when it is used, and processes on one machine share it. Raises
    MissingArtefact or CorruptArtefact.
    """
    import numpy as np
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "numpy"):  # checks the header against the file
            pass
    except FileNotFoundError:
        raise MissingArtefact(path) from None
    except SafetensorError as error:
        raise CorruptArtefact(path, "a safetensors file", str(error)) from error
    with path.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(size))
        rest = path.stat().st_size - 8 - size
        mapped = np.memmap(stream, np.uint8, "r", 8 + size) if rest else np.empty(0, np.uint8)
    header.pop("__metadata__", None)
    return {name: _mapped(mapped, facts, path) for name, facts in header.items()}


def _mapped(data: Any, facts: dict[str, Any], path: Path) -> Any:
    """One tensor of a file's bytes."""
    import numpy as np

    if facts["dtype"] not in TYPES:
        raise CorruptArtefact(path, f"types {', '.join(TYPES)}", facts["dtype"])
    begin, end = facts["data_offsets"]
    return np.asarray(data[begin:end]).view(TYPES[facts["dtype"]]).reshape(facts["shape"])
