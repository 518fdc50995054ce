"""Time what a person waits for: `import zoo`, `zoo.load`, and 10,000 pairs on one thread.

Pairs are of regulator and gene, or of two deleted genes, by the entry's task. Every number comes
from fresh interpreters, because a second import or load costs nothing.
Run it with `make bench`, or `python benchmarks/startup.py --json > startup.json`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

PAIRS = 10_000
BARS = {"import": 0.3, "load": 0.5, "score": 0.2}

IMPORT = """
import json, sys, time
start = time.perf_counter()
import zoo
seconds = time.perf_counter() - start
torch = "torch" in sys.modules
print(json.dumps({"seconds": seconds, "torch": torch, "names": zoo.names(sys.argv[1])}))
"""

ENTRY = """
import json, sys, time
import numpy as np
import zoo
name, size = sys.argv[1], int(sys.argv[2])
start = time.perf_counter()
model = zoo.load(name, threads=1)
loaded = time.perf_counter()
row = {"load": loaded - start, "first": None, "score": None}
draw, genes = np.random.default_rng(0), np.array(model.vocabulary.genes)
if model.manifest.task.startswith("pair_"):
    tfs = draw.choice(model.vocabulary.regulators, size).tolist()
    ask, pairs = model.score, list(zip(tfs, draw.choice(genes, size).tolist()))
elif model.manifest.task.startswith("perturbation"):
    one = draw.integers(len(genes), size=size)
    other = (one + draw.integers(1, len(genes), size=size)) % len(genes)
    ask, pairs = model.predict, genes[np.stack([one, other], 1)].tolist()
else:
    ask = None
for key in ("first", "score") if ask else ():
    start = time.perf_counter()
    ask(pairs)
    row[key] = time.perf_counter() - start
print(json.dumps(row))
"""


@dataclass(frozen=True)
class Timing:
    """Median seconds of one entry: `first` is the first scoring call, `score` the second."""

    entry: str
    load: float
    first: float | None
    score: float | None


def fresh(script: str, *arguments: str) -> dict:
    """Run a script in a new interpreter, numerical libraries on one thread; return its JSON."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | one,
        check=False,
    )
    if done.returncode:
        sys.exit(f"The timed script failed:\n{done.stderr}")
    return json.loads(done.stdout)


def median(values: list[float | None]) -> float | None:
    """Return the median, or None where the entry's task has no such number."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def time_entries(names: list[str], repeats: int) -> Iterator[Timing]:
    """Time every entry in `repeats` interpreters of its own."""
    for name in names:
        rows = [fresh(ENTRY, name, str(PAIRS)) for _ in range(repeats)]
        yield Timing(
            name, **{key: median([row[key] for row in rows]) for key in ("load", "first", "score")}
        )


def main() -> None:
    """Read the options, measure, print a table or JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--names", default="*", help="entries to time, as a pattern (default: all)")
    parser.add_argument(
        "--repeats", type=int, default=5, help="interpreters per number; the median is printed"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    if options.repeats < 1:
        parser.error(f"--repeats is {options.repeats}; give 1 or more")

    fresh(IMPORT, options.names)  # compiles the .pyc files and warms the disk; not counted
    imports = [fresh(IMPORT, options.names) for _ in range(options.repeats)]
    imported = statistics.median(run["seconds"] for run in imports)
    timings = list(time_entries(imports[0]["names"], options.repeats))
    rows = [asdict(row) for row in timings]
    found = {"import": imported, "torch": imports[0]["torch"], "pairs": PAIRS, "entries": rows}
    if options.json:
        print(json.dumps(found, indent=2))
        return
    state = "LOADED" if found["torch"] else "not loaded"
    bars = ", ".join(f"{name} {seconds} s" for name, seconds in BARS.items())
    for row in rows:
        print(f"{row.pop('entry'):<26}", *(f"{n} {s:.3f} s" for n, s in row.items() if s))
    print(f"import zoo: {imported:.3f} s, torch {state}; the bars are {bars}.")


if __name__ == "__main__":
    main()
