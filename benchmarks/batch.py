"""Score a Parquet file of pairs twice: undisturbed, and killed twice and resumed; compare the rows.

Everything goes through the real command line, in processes of their own. The memory of each is
what the kernel tells when it has ended, or its mark of the moment before the kill.

    python benchmarks/batch.py --rows 2000000 --json > batch.json
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import page
import typer
from measure import apart

BAR_BYTES = 1_500_000_000


def make(path: str, entry: str, rows: int, seed: int) -> dict[str, Any]:
    """Write a file of pairs, in a process of its own, so that this one stays small."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import parquet

    import zoo

    vocabulary = zoo.load(entry, device="cpu").vocabulary
    draw = np.random.default_rng(seed)
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


@dataclass(frozen=True)
class Process:
    """One process: how it ended, and the most memory that it had at once."""

    what: str
    seconds: float
    peak_bytes: int
    killed: bool


def run(what: str, command: list[str], kill_at: int | None = None, parts: Path = Path()) -> Process:
    """Run the command to its end, or until it has made `kill_at` parts: then SIGKILL."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    killed = False
    while kill_at is not None and process.poll() is None:
        if len(list(parts.glob("*.scored.arrow"))) >= kill_at:
            time.sleep(0.1)  # into the middle of the next one
            process.kill()
            killed = True
            break
        time.sleep(0.01)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode and not killed:
        sys.exit(f"{what} failed: {process.stderr.read() if process.stderr else ''}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Process(what, time.perf_counter() - start, usage.ru_maxrss * unit, killed)


def measure(rows: int, entry: str, memory: str, seed: int, folder: Path) -> Iterator[Process]:
    """The undisturbed run, and the one that is killed twice and resumed."""
    pairs, whole, resumed = (
        str(folder / name) for name in ("pairs.parquet", "whole.parquet", "resumed.parquet")
    )
    apart(make, pairs, entry, rows, seed)
    zoo = [sys.executable, "-m", "zoo", "score", entry, "-i", pairs]
    zoo += ["--device", "cpu", "--memory", memory]
    yield run("undisturbed", [*zoo, "-o", whole])
    parts = folder / ".resumed.parquet.parts"
    # Parts have 1,048,576 rows where the memory is not scarce.
    every = max(1, rows // (1 << 20) // 3)
    begun = [*zoo, "-o", resumed]
    yield run("begun", begun, every, parts)
    yield run("resumed", [*begun, "--resume"], 2 * every, parts)
    yield run("resumed again", [*begun, "--resume"])


def main(
    rows: Annotated[int, typer.Option(help="Pairs.")] = 20_000_000,
    entry: Annotated[str, typer.Option(help="Entry that scores them.")] = "two_tower-brain",
    memory: Annotated[str, typer.Option(help="As for `zoo score`.")] = "1GB",
    seed: Annotated[int, typer.Option(help="Of the pairs.")] = 0,
    folder: Annotated[Path | None, typer.Option(help="Where the files go for a while.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Measure, compare, print a table or JSON; 1 where a bar is missed."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        processes = list(measure(rows, entry, memory, seed, Path(name)))
        files = [f"{name}/{file}.parquet" for file in ("whole", "resumed")]
        equal = apart(compare, *files)["rows"]
        same = subprocess.run(["cmp", "-s", *files], check=False).returncode == 0
        left = sorted(path.name for path in Path(name).iterdir())
    result = {
        "rows": rows,
        "entry": entry,
        "memory": memory,
        "seed": seed,
        "processes": [asdict(process) for process in processes],
        "peak_bytes": max(process.peak_bytes for process in processes),
        "bar_bytes": BAR_BYTES,
        "kills": sum(process.killed for process in processes),
        "equal_rows": equal,
        "equal_bytes": same,
        "files": left,
    }
    print(json.dumps(result, indent=2) if as_json else page.macro("batch", result))
    held = equal == rows and result["kills"] == 2 and result["peak_bytes"] < BAR_BYTES
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    typer.run(main)
