"""What the fixed splits of all families share: the part of every row of a table, saved by digest.

Parts are stored by the table's rows, not as pairs or sets: the resources' own records are not
copied, and the digest tells whether the table is the same.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from contracts.errors import ArtefactError


class StaleSplit(ArtefactError):
    """A saved split was made for another table, or into other parts."""

    code = "stale-split"


def save(
    path: Path,
    tensors: Mapping[str, np.ndarray],
    digest: Mapping[str, str],
    seed: int,
    parts: tuple[str, ...],
) -> None:
    """Write a split as safetensors; `digest` names the table's digest and says it."""
    # safetensors writes an array's memory as it lies, so it must lie row by row.
    rows = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    save_file(rows, path, metadata={**digest, "seed": str(seed), "parts": ",".join(parts)})


def load(path: Path, digest: str, parts: tuple[str, ...]) -> tuple[dict[str, np.ndarray], str, int]:
    """Tensors, digest and seed of what `save` wrote.

    Raises StaleSplit where the table was split into other parts.
    """
    with safe_open(path, "numpy") as stream:
        meta = stream.metadata()
    if meta["parts"] != ",".join(parts):
        raise StaleSplit(f"{path} was split into other parts. Train again: zoo train ENTRY.")
    return load_file(path), meta[digest], int(meta["seed"])


def check(saved: str, got: str, table: str) -> None:
    """Raise StaleSplit where the digest of `table` is another one than the split was made for."""
    if saved != got:
        raise StaleSplit(
            f"The split belongs to the {table} {saved[:12]}, and the data gives {got[:12]}. "
            "Train again: zoo train ENTRY."
        )
