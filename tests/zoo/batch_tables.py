"""Files of pairs for the tests of batches: made, read again, and what lies in a folder."""

import csv
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from zoo.tables import text

TFS = ["SOX2", "PAX6", "OLIG2", "anop3", "FOO", "NEUROD1"]
GENES = ["GFAP", "MBP", "MAP2", "TWIN", "HGNC:12496", "SYN1"]


def pairs(rows: int, names: tuple[list[str], list[str]] = (TFS, GENES)) -> list[tuple[str, str]]:
    draw = random.Random(3)
    return [(draw.choice(names[0]), draw.choice(names[1])) for _ in range(rows)]


def written(path: Path, rows: list[tuple[str, str]]) -> Path:
    """A table of pairs with their numbers, in the format that the path names."""
    tf, gene = ([row[side] for row in rows] for side in (0, 1))
    if path.suffix == ".parquet":
        columns = {"n": range(len(rows)), "tf": tf, "gene": gene}
        parquet.write_table(
            pa.table({name: pa.array(column) for name, column in columns.items()}), path
        )
    else:
        separator = text.DELIMITERS[path.suffix]
        lines = [separator.join(("n", "tf", "gene"))]
        lines += [separator.join((str(n), *row)) for n, row in enumerate(rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pylist()
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter=text.DELIMITERS[path.suffix]))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# A child that kills itself, by SIGKILL, at the n-th step that changes the disk.
CHILD = """
import os, pathlib, signal, sys
from zoo import cli
from zoo.batch import run as batch_files
batch_files.CHUNK_ROWS, batch_files.PART_CHUNKS = 10, 2
left = int(sys.argv.pop(1))
def counted(function):
    def call(*arguments, **options):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return call
for name in ("replace", "unlink", "open", "mkdir", "rmdir"):
    setattr(pathlib.Path, name, counted(getattr(pathlib.Path, name)))
os.fsync = counted(os.fsync)
cli.main()
"""


def child(
    tiny_root: Path, steps: int, *arguments: object, before: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `zoo` with tiny chunks in a process that lives for so many steps; 0 lets it end."""
    environment = {**os.environ, "ZOO_CACHE": str(tiny_root), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", before + CHILD, str(steps), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
