"""Score a Parquet file of pairs twice: undisturbed, and killed twice and resumed; compare the rows.

Everything goes through the real command line, in processes of their own. The memory of each is
what the kernel tells when it has ended, or its mark of the moment before the kill.

    python benchmarks/batch.py --rows 2000000 --json > batch.json
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import page

BAR_BYTES = 1_500_000_000

MAKE = """
import sys
import numpy as np, pyarrow as pa, zoo
from pyarrow import parquet
path, entry, rows, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
vocabulary = zoo.load(entry, device="cpu").vocabulary
draw = np.random.default_rng(seed)
schema = pa.schema([("id", pa.int64()), ("tf", pa.string()), ("gene", pa.string())])
names = [pa.array(some, pa.string()) for some in (vocabulary.regulators, vocabulary.genes)]
with parquet.ParquetWriter(path, schema) as writer:
    for start in range(0, rows, 1_000_000):
        ids = np.arange(start, min(start + 1_000_000, rows))
        sides = [some.take(pa.array(draw.integers(0, len(some), len(ids)))) for some in names]
        writer.write_table(pa.table([pa.array(ids), *sides], schema=schema))
"""

COMPARE = """
import sys
from pyarrow import parquet
one, other = (parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20)
              for path in sys.argv[1:3])
assert one.schema_arrow.equals(other.schema_arrow), "the columns differ"
assert one.metadata.num_rows == other.metadata.num_rows, "the numbers of rows differ"
batches = (some.iter_batches(65536, use_threads=False) for some in (one, other))
rows = 0
for number, (left, right) in enumerate(zip(*batches, strict=True)):
    assert left.equals(right), f"they differ after row {rows}"
    rows += left.num_rows
print(rows)
"""


@dataclass(frozen=True)
class Process:
    """One process: how it ended, and the most memory that it had at once."""

    what: str
    seconds: float
    peak_bytes: int
    killed: bool


def python(script: str, *arguments: object) -> str:
    """Run a script in a process of its own, so that this one stays small; what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


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


def measure(options: argparse.Namespace, folder: Path) -> Iterator[Process]:
    """The undisturbed run, and the one that is killed twice and resumed."""
    pairs, whole, resumed = (
        folder / name for name in ("pairs.parquet", "whole.parquet", "resumed.parquet")
    )
    python(MAKE, pairs, options.entry, options.rows, options.seed)
    zoo = [sys.executable, "-m", "zoo", "score", options.entry, "-i", str(pairs)]
    zoo += ["--device", "cpu", "--memory", options.memory]
    yield run("undisturbed", [*zoo, "-o", str(whole)])
    parts = folder / ".resumed.parquet.parts"
    # Parts have 1,048,576 rows where the memory is not scarce.
    every = max(1, options.rows // (1 << 20) // 3)
    begun = [*zoo, "-o", str(resumed)]
    yield run("begun", begun, every, parts)
    yield run("resumed", [*begun, "--resume"], 2 * every, parts)
    yield run("resumed again", [*begun, "--resume"])


def main() -> None:
    """Read the options, measure, compare, print a table or JSON; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=20_000_000, help="pairs (default: 20 million)")
    parser.add_argument("--entry", default="two_tower-brain", help="entry that scores them")
    parser.add_argument("--memory", default="1GB", help="as for `zoo score`")
    parser.add_argument("--seed", type=int, default=0, help="of the pairs")
    parser.add_argument("--folder", type=Path, help="where the files go (default: a temporary one)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        processes = list(measure(options, folder))
        files = [folder / "whole.parquet", folder / "resumed.parquet"]
        rows = int(python(COMPARE, *files))
        same = subprocess.run(["cmp", "-s", *map(str, files)], check=False).returncode == 0
        left = sorted(path.name for path in folder.iterdir())
    result = {
        "rows": options.rows,
        "entry": options.entry,
        "memory": options.memory,
        "seed": options.seed,
        "processes": [asdict(process) for process in processes],
        "peak_bytes": max(process.peak_bytes for process in processes),
        "bar_bytes": BAR_BYTES,
        "kills": sum(process.killed for process in processes),
        "equal_rows": rows,
        "equal_bytes": same,
        "files": left,
    }
    print(json.dumps(result, indent=2) if options.json else page.macro("batch", result))
    held = rows == options.rows and result["kills"] == 2 and result["peak_bytes"] < BAR_BYTES
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
