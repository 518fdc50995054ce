"""Measure the approximate index on a million synthetic vectors and more, beside exact search.

Recall depends on how vectors lie, so that white noise would prove nothing. Each vector here is one
of an entry's own gene vectors, drawn evenly, plus noise with the covariance of all of them times
the square of --spread (0.5), brought back to the length that the tower gives; its popularity is
that gene's plus noise in the same proportion. So they lie in overlapping clusters round some 20,000
real vectors, as the regulatory elements or the cell types of a gene could. Queries are the entry's
real regulators. Vectors are written and read as memory-mapped .npy files in a temporary folder.

    python benchmarks/ann.py --sizes 1000000 10000000 --json ann.json

Exact search and index alternate in one run; rates are medians over the rounds. Memory is sampled:
`anonymous` is what the process itself holds, `resident` counts mapped pages of the files as well,
which the system takes back when it needs them.
"""

import argparse
import json
import multiprocessing
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import page
from measure import alternate

BLOCK = 1 << 16
K = 100


class Memory(threading.Thread):
    """Samples this process's memory ten times a second; peaks in bytes, Linux only."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peaks = {"VmRSS": 0, "RssAnon": 0}
        self._over = threading.Event()

    def run(self) -> None:
        """Sample until stopped."""
        status = Path("/proc/self/status")
        while status.exists() and not self._over.wait(0.1):
            for line in status.read_text().splitlines():
                name, _, rest = line.partition(":")
                if name in self.peaks:
                    self.peaks[name] = max(self.peaks[name], int(rest.split()[0]) << 10)

    def stop(self) -> None:
        """End the sampling."""
        self._over.set()
        self.join()


@contextmanager
def watched(into: dict[str, Any], name: str):
    """Put seconds and peak memory of a phase into `into`."""
    memory, start = Memory(), time.perf_counter()
    memory.start()
    yield
    into[f"{name}_seconds"] = time.perf_counter() - start
    memory.stop()
    into[f"{name}_resident_bytes"] = memory.peaks["VmRSS"]
    into[f"{name}_anonymous_bytes"] = memory.peaks["RssAnon"]


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


def measure(total: int, options: argparse.Namespace) -> dict[str, Any]:
    """Everything about one size."""
    from zoo.ann import build
    from zoo.ann import index as ann
    from zoo.ann.vectors import Items, read_array

    row: dict[str, Any] = {"vectors": total, "entry": options.entry, "spread": options.spread}
    pool = ann.of_entry(options.entry, "tfs").vectors
    with tempfile.TemporaryDirectory(prefix="zoo-ann-") as name:
        folder = Path(name)
        with watched(row, "make"):
            paths = make(folder, options.entry, total, options.spread, options.seed)
        with watched(row, "build"):
            items = Items(read_array(paths[0]), read_array(paths[1]))
            record = build.build(
                folder / "index",
                items,
                pool,
                f"the tfs of {options.entry}",
                target=options.recall,
                queries=options.queries,
                seed=options.seed,
                threads=options.threads,
            )
        with watched(row, "search"):
            index = ann.open_index(folder / "index", items, options.threads)
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


def main() -> None:
    """Read the options, measure each size in a process of its own, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--entry", default="two_tower-brain", help="entry of task pair_embed")
    parser.add_argument("--spread", type=float, default=0.5, help="noise, as a share of the real")
    parser.add_argument("--recall", type=float, default=0.95, help="recall that nprobe is set for")
    parser.add_argument("--queries", type=int, default=1000, help="queries that recall is of")
    parser.add_argument("--threads", type=int, default=1, help="cores for faiss")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    options = parser.parse_args()
    rows = []
    for total in options.sizes:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
            rows.append(fresh.submit(measure, total, options).result())
    print(page.macro("ann", rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
