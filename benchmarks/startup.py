"""Time what a person waits for: `import zoo`, `zoo.load`, and 10,000 pairs on one thread.

Pairs are of regulator and gene, or of two deleted genes, by the entry's task. Every number comes
from fresh interpreters, because a second import or load costs nothing.
Run it with `make bench`, or `python benchmarks/startup.py --json > startup.json`.
"""

import json
import statistics
from typing import Annotated

import typer
from measure import child

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


def median(values: list[float | None]) -> float | None:
    """Return the median, or None where the entry's task has no such number."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def timed(entry: str, repeats: int) -> dict[str, str | float | None]:
    """Median seconds of an entry: `first` is the first scoring call, `score` the second."""
    rows = [child(ENTRY, entry, str(PAIRS)) for _ in range(repeats)]
    return {"entry": entry} | {n: median([r[n] for r in rows]) for n in ("load", "first", "score")}


def main(
    names: Annotated[str, typer.Option(help="Entries to time, as a pattern.")] = "*",
    repeats: Annotated[
        int, typer.Option(min=1, help="Interpreters per number; the median is printed.")
    ] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Time what a person waits for, each number in interpreters of its own."""
    child(IMPORT, names)  # compiles the .pyc files and warms the disk; not counted
    imports = [child(IMPORT, names) for _ in range(repeats)]
    imported = statistics.median(run["seconds"] for run in imports)
    rows = [timed(name, repeats) for name in imports[0]["names"]]
    found = {"import": imported, "torch": imports[0]["torch"], "pairs": PAIRS, "entries": rows}
    if as_json:
        print(json.dumps(found, indent=2))
        return
    state = "LOADED" if found["torch"] else "not loaded"
    bars = ", ".join(f"{name} {seconds} s" for name, seconds in BARS.items())
    for row in rows:
        print(f"{row.pop('entry'):<26}", *(f"{n} {s:.3f} s" for n, s in row.items() if s))
    print(f"import zoo: {imported:.3f} s, torch {state}; the bars are {bars}.")


if __name__ == "__main__":
    typer.run(main)
