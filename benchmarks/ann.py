"""Measure the approximate index on a million synthetic vectors and more, beside exact search.

Recall depends on how vectors lie, so that white noise would prove nothing. Each vector here is one
of an entry's own gene vectors, drawn evenly, plus noise with the covariance of all of them times
the square of --spread (0.5), brought back to the length that the tower gives; its popularity is
that gene's plus noise in the same proportion. So they lie in overlapping clusters round some 20,000
real vectors, as the regulatory elements or the cell types of a gene could. Queries are the entry's
real regulators. Vectors are written and read as memory-mapped .npy files in a temporary folder.

    python benchmarks/ann.py --sizes 1000000 --sizes 10000000 --json ann.json

Exact search and index alternate in one run; rates are medians over the rounds. Memory is sampled:
`anonymous` is what the process itself holds, `resident` counts mapped pages of the files as well,
which the system takes back when it needs them.
"""

import json
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import page
import typer
from measure import alternate, apart

BLOCK, K = 1 << 16, 100
PEAKS = {"VmRSS": "resident", "RssAnon": "anonymous"}


@contextmanager
def watched(into: dict[str, Any], name: str):
    """Put seconds and peak memory of a phase into `into`; memory is sampled, Linux only."""
    over, status = threading.Event(), Path("/proc/self/status")
    into |= {f"{name}_{kind}_bytes": 0 for kind in PEAKS.values()}

    def sample() -> None:
        while status.exists() and not over.wait(0.1):
            for line in status.read_text().splitlines():
                if kind := PEAKS.get(line.partition(":")[0]):
                    key = f"{name}_{kind}_bytes"
                    into[key] = max(into[key], int(line.split()[1]) << 10)

    thread, start = threading.Thread(target=sample, daemon=True), time.perf_counter()
    thread.start()
    yield
    into[f"{name}_seconds"] = time.perf_counter() - start
    over.set()
    thread.join()


def make(folder: Path, entry: str, total: int, spread: float, seed: int) -> tuple[Path, Path]:
    """Write vectors.npy and popularity.npy, block by block."""
    from zoo.ann import index as ann

    genes = ann.of_entry(entry, "genes")
    draw = np.random.default_rng(seed)
    # float64: the covariance of learned vectors is nearly singular.
    power, axes = np.linalg.eigh(np.cov(genes.vectors.astype(np.float64).T))
    shape = (axes * np.sqrt(np.maximum(power, 0))).astype(np.float32).T
    length = np.linalg.norm(genes.vectors[0])
    deviation = genes.popularity.std()
    paths = folder / "vectors.npy", folder / "popularity.npy"
    options = {"mode": "w+", "dtype": np.float32}
    vectors = np.lib.format.open_memmap(paths[0], shape=(total, genes.dim), **options)
    popularity = np.lib.format.open_memmap(paths[1], shape=(total,), **options)
    for start in range(0, total, BLOCK):
        count = min(BLOCK, total - start)
        centre = draw.integers(0, len(genes), count)
        noise = draw.standard_normal((count, genes.dim), dtype=np.float32) @ shape
        some = genes.vectors[centre] + spread * noise
        some *= length / np.linalg.norm(some, axis=1, keepdims=True)
        vectors[start : start + count] = some
        noise = draw.standard_normal(count, dtype=np.float32)
        popularity[start : start + count] = genes.popularity[centre] + spread * deviation * noise
    vectors.flush()
    popularity.flush()
    return paths


def measure(
    total: int, entry: str, spread: float, recall: float, queries: int, threads: int, seed: int
) -> dict[str, Any]:
    """Everything about one size."""
    from zoo.ann import build
    from zoo.ann import index as ann
    from zoo.ann.vectors import Items, read_array

    row: dict[str, Any] = {"vectors": total, "entry": entry, "spread": spread}
    pool, about = ann.of_entry(entry, "tfs").vectors, f"the tfs of {entry}"
    with tempfile.TemporaryDirectory(prefix="zoo-ann-") as name:
        folder = Path(name)
        with watched(row, "make"):
            paths = make(folder, entry, total, spread, seed)
        with watched(row, "build"):
            items = Items(*map(read_array, paths))
            options = {"target": recall, "queries": queries, "seed": seed, "threads": threads}
            record = build.build(folder / "index", items, pool, about, **options)
        with watched(row, "search"):
            index = ann.open_index(folder / "index", items, threads)
            row |= compare(index, pool)
        row |= {"settings": record.settings.model_dump(), "recall": record.measured.recall}
        row |= {"measured_on": record.measured.queries, "index_bytes": record.file.bytes}
        row |= {"vector_bytes": sum(path.stat().st_size for path in paths)}
    return row


def compare(index: Any, pool: np.ndarray) -> dict[str, float]:
    """Queries a second, exact and by the index, for sets of queries of two sizes."""
    rows: dict[str, float] = {}
    for count in (1, 256):
        queries = np.ascontiguousarray(pool[:count])
        searches = {
            "exact": lambda queries=queries: index.search(queries, K, exact=True),
            "index": lambda queries=queries: index.search(queries, K, exact=False),
        }
        for name, seconds in alternate(searches, 0.0).items():
            rows[f"{name}_rate_{count}"] = count / seconds
    return rows


def main(
    sizes: Annotated[list[int], typer.Option(help="Vectors; may be given again.")] = [1_000_000],  # noqa: B006
    entry: Annotated[str, typer.Option(help="Entry of task pair_embed.")] = "two_tower-brain",
    spread: Annotated[float, typer.Option(help="Noise, as a share of the real.")] = 0.5,
    recall: Annotated[float, typer.Option(help="Recall that nprobe is set for.")] = 0.95,
    queries: Annotated[int, typer.Option(help="Queries that recall is of.")] = 1000,
    threads: Annotated[int, typer.Option(help="Cores for faiss.")] = 1,
    seed: int = 0,
    into: Annotated[Path | None, typer.Option("--json", help="Write the figures here too.")] = None,
) -> None:
    """Measure each size in a process of its own, print a table."""
    rows = [apart(measure, n, entry, spread, recall, queries, threads, seed) for n in sizes]
    print(page.macro("ann", rows))
    if into:
        into.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
