"""Score a Parquet file of pairs twice: undisturbed, and killed twice and resumed; compare the rows.

python benchmarks/batch.py --rows 2000000 --json > batch.json
"""

import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import killed
import typer
from measure import apart

ENTRY, MEMORY, SEED = "two_tower-brain", "1GB", 0
PART = 1 << 20
"""Rows of a part where the memory is not scarce."""


def make(path: str, rows: int) -> dict[str, Any]:
    """Write a file of pairs, in a process of its own, so that this one stays small."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    import zoo

    vocabulary = zoo.load(ENTRY, device="cpu").vocabulary
    draw = np.random.default_rng(SEED)
    schema = pa.schema([("id", pa.int64()), ("tf", pa.string()), ("gene", pa.string())])
    names = [pa.array(some, pa.string()) for some in (vocabulary.regulators, vocabulary.genes)]
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, 1_000_000):
            ids = np.arange(start, min(start + 1_000_000, rows))
            sides = [some.take(pa.array(draw.integers(0, len(some), len(ids)))) for some in names]
            writer.write_table(pa.table([pa.array(ids), *sides], schema=schema))
    return {}


def compare(*paths: str) -> dict[str, Any]:
    """How many rows two files have in common, in order; an error where any differs."""
    from pyarrow import parquet

    one, other = (parquet.ParquetFile(p, pre_buffer=False, buffer_size=1 << 20) for p in paths)
    assert one.schema_arrow.equals(other.schema_arrow), "the columns differ"
    assert one.metadata.num_rows == other.metadata.num_rows, "the numbers of rows differ"
    batches = (some.iter_batches(65536, use_threads=False) for some in (one, other))
    rows = 0
    for left, right in zip(*batches, strict=True):
        assert left.equals(right), f"they differ after row {rows}"
        rows += left.num_rows
    return {"rows": rows}


def main(
    rows: Annotated[int, typer.Option(help="Pairs.")] = 20_000_000,
    folder: killed.Folder = None,
    as_json: killed.AsJson = False,
) -> None:
    """Measure, compare, print a table or JSON; 1 where a bar is missed."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        pairs, whole = str(place / "pairs.parquet"), str(place / killed.WHOLE)
        apart(make, pairs, rows)
        zoo = [sys.executable, "-m", "zoo", "score", ENTRY, "-i", pairs]
        zoo += ["--device", "cpu", "--memory", MEMORY]
        processes = [
            killed.run("undisturbed", [*zoo, "-o", whole]),
            *killed.resumed(zoo, place, rows // PART),
        ]
        equal = apart(compare, whole, str(place / killed.RESUMED))["rows"]
        result = {"rows": rows, "entry": ENTRY, "memory": MEMORY, "seed": SEED}
        result |= killed.compared(processes, place) | {"equal_rows": equal}
        result["files"] = sorted(path.name for path in place.iterdir())
    killed.conclude("batch", result, as_json, equal == rows)


if __name__ == "__main__":
    typer.run(main)
