"""A score matrix on disk: a .npy file to map into memory, and what it is beside it.

Rows are written in order, so what a stopped run has left is the beginning of the file, and the next
run goes on behind its last whole row.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from contracts.errors import BadTable
from zoo.batch import locks
from zoo.pairs.scorer import PairScorer
from zoo.store.files import replacing, sha256
from zoo.tables.files import check_place
from zoo.tables.inputs import name_list

SUFFIX = ".npy"
Progress = Callable[[int], object]


def write(
    model: PairScorer,
    path: Path,
    tfs: Iterable[str] | None = None,
    genes: Iterable[str] | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write probabilities float32 [tfs, genes] to `path` and their description to PATH.json.

    Args:
        model: the entry that scores.
        path: ends in .npy; `numpy.load(path, mmap_mode="r")` reads it.
        tfs: names of the rows; None means all regulators.
        genes: names of the columns; None means the whole vocabulary.
        progress: called with the number of rows done since its last call.
        overwrite: replace a file that is there.

    Returns:
        What the description holds: entry, version, sha256 of the file, shape, tfs and genes.

    Raises:
        BadTable: a file that is there already, another extension, a place that cannot be written,
            or a full disk; then nothing is left behind.
    """
    check_target(path)
    tf = model.vocabulary.regulator_index(_names(tfs, model.vocabulary.regulators, "tfs"))
    gene = model.vocabulary.gene_index(_names(genes, model.vocabulary.genes, "genes"))
    about = {
        "entry": model.entry,
        "version": model.manifest.version,
        "shape": [len(tf), len(gene)],
        "dtype": "float32",
        "tfs": [model.vocabulary.regulators[position] for position in tf.tolist()],
        "genes": [model.vocabulary.genes[position] for position in gene.tolist()],
    }
    if not overwrite:
        _refuse_to_replace(path, about)
    draft = _draft(path, about)
    try:
        with draft.open("ab") as stream:
            if not locks.take(stream):
                reason = "another run is writing it at this moment"
                raise BadTable(path, reason, "Wait for it to end, or name another file.")
            done = _begin(stream, len(tf), len(gene))
            if progress is not None:
                progress(done)
            for rows in model.matrix_rows(tf[done:], gene):
                stream.write(memoryview(np.ascontiguousarray(rows)).cast("B"))
                if progress is not None:
                    progress(len(rows))
            stream.flush()
            os.fsync(stream.fileno())
        about["sha256"] = sha256(draft)
        draft.replace(path)
        with replacing(_described(path)) as note:
            note.write_text(json.dumps(about, indent=1) + "\n")
    except OSError as error:
        draft.unlink(missing_ok=True)
        reason = f"it cannot be written: {error.strerror or error}"
        raise BadTable(path, reason, "Make room or name another disk.") from error
    return about


def check_target(path: Path) -> None:
    """Raise BadTable where a matrix cannot go."""
    if path.suffix.lower() != SUFFIX:
        reason = f"the extension {path.suffix!r} is not that of a matrix"
        raise BadTable(path, reason, "Give a file that ends in .npy.")
    check_place(path)


def _refuse_to_replace(path: Path, about: dict[str, Any]) -> None:
    """Raise BadTable where a file is there, saying whether it is the one that was asked for."""
    if not path.exists():
        return
    try:
        found = json.loads(_described(path).read_text())
        same = all(found.get(name) == value for name, value in about.items())
        what = f"it is there already, {'whole and of' if same else 'of another request to'} "
        what += f"{found['entry']} {found['version']}"
    except (OSError, ValueError, KeyError, AttributeError):
        what = "it is there already"
    raise BadTable(path, what, "Name another file, or add --overwrite to replace it.")


def _names(names: Iterable[str] | None, everyone: Iterable[str], what: str) -> list[Any]:
    return list(everyone) if names is None else name_list(names, what)


def _described(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _draft(path: Path, about: dict[str, Any]) -> Path:
    """Where the file grows: a name that only the same request has."""
    asked = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
    return path.with_name(f".{path.name}.{asked[:16]}.part")


def _begin(stream: BinaryIO, rows: int, columns: int) -> int:
    """Write the header, or cut off a row that is not whole; returns the rows that are there."""
    shape = {"descr": "<f4", "fortran_order": False, "shape": (rows, columns)}
    size = stream.seek(0, os.SEEK_END)
    header = _header(shape)
    if size < len(header):
        stream.truncate(0)
        stream.write(header)
        return 0
    done = (size - len(header)) // (4 * columns)
    stream.truncate(len(header) + done * 4 * columns)
    return done


def _header(shape: dict[str, Any]) -> bytes:
    from io import BytesIO

    stream = BytesIO()
    npy.write_array_header_1_0(stream, shape)
    return stream.getvalue()
