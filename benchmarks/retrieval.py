"""Exact top-10 of dot products: ours, and faiss, torch, onnxruntime, sentence-transformers' loop.

Run it with `make bench` or `python benchmarks/retrieval.py`. Vectors are random, of unit length.
Engines that are not installed are left out, and the table says so.
"""

import heapq
import importlib.util
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import typer
from measure import alternate, apart, blas_threads, copy, sgemm, written
from page import save

import zoo
from zoo.pairs import top_k

K = 10
SHAPES = ((20_000, 64, 20_000), (200_000, 128, 1_000))
"""Items, dimension, and the queries of the batch `all`."""


def top_of_entry() -> dict[str, Any]:
    """The regulators of every gene of an entry."""
    model = zoo.load("two_tower-brain", device="cpu", threads=1)
    genes = list(model.vocabulary.genes)
    start = time.perf_counter()
    table = model.regulators(genes, k=10)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "genes": len(genes), "rows": len(table)}


def once(name: str) -> dict[str, Any]:
    """One engine in a process of its own, for its peak memory."""
    items, dim, queries = SHAPES[0]
    engines(unit(items, dim, 0), 1)[name](unit(queries, dim, 1))
    return {}


def unit(rows: int, dim: int, seed: int) -> np.ndarray:
    """Random vectors of length 1."""
    drawn = np.random.default_rng(seed).standard_normal((rows, dim), dtype=np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def ours(items: np.ndarray, threads: int) -> Callable:
    """zoo.pairs.top_k.search."""
    return lambda queries: top_k.search(queries, items, K)


def flat(items: np.ndarray, threads: int) -> Callable:
    """IndexFlatIP of faiss."""
    import faiss

    faiss.omp_set_num_threads(threads)
    index = faiss.IndexFlatIP(items.shape[1])
    index.add(items)

    def search(queries: np.ndarray) -> object:
        faiss.omp_set_num_threads(threads)
        return index.search(queries, K)

    return search


def eager(items: np.ndarray, threads: int) -> Callable:
    """One product and torch.topk, 1,024 queries at once."""
    import torch

    held = torch.from_numpy(items)

    def search(queries: np.ndarray) -> object:
        torch.set_num_threads(threads)
        parts = torch.from_numpy(queries).split(1024)
        return [torch.topk(part @ held.T, K) for part in parts]

    return search


def loop(items: np.ndarray, threads: int) -> Callable:
    """As semantic_search of sentence-transformers: 100 queries at once, a heap for each of them."""
    import torch

    held = torch.from_numpy(items)

    def search(queries: np.ndarray) -> object:
        torch.set_num_threads(threads)
        found = []
        for part in torch.from_numpy(queries).split(100):
            values, places = torch.topk(part @ held.T, K)
            for line, at in zip(values.tolist(), places.tolist(), strict=True):
                heap: list[tuple[float, int]] = []
                for pair in zip(line, at, strict=True):
                    (heapq.heappush if len(heap) < K else heapq.heappushpop)(heap, pair)
                found.append(sorted(heap, reverse=True))
        return found

    return search


def graph(items: np.ndarray, threads: int) -> Callable:
    """onnxruntime: MatMul and TopK, 256 queries at once."""
    found = written(
        f"""top (float[some, {items.shape[1]}] queries)
            => (float[some, {K}] values, int64[some, {K}] places) {{
            product = MatMul (queries, items)
            values, places = TopK (product, k)
        }}""",
        threads,
        items=np.ascontiguousarray(items.T),
        k=np.array([K]),
    )
    return lambda queries: [
        found.run(None, {"queries": queries[start : start + 256]})
        for start in range(0, len(queries), 256)
    ]


WAYS = {
    "ours": (ours, "numpy"),
    "faiss FlatIP": (flat, "faiss"),
    "torch, topk": (eager, "torch"),
    "loop of sentence-transformers": (loop, "torch"),
    "onnxruntime, TopK": (graph, "onnx"),
}


def engines(items: np.ndarray, threads: int) -> dict[str, Callable]:
    """Every way that is installed, ready to be asked."""
    return {n: build(items, threads) for n, (build, _) in WAYS.items() if installed(n)}


def installed(name: str) -> bool:
    """Whether an engine can be measured here."""
    return importlib.util.find_spec(WAYS[name][1]) is not None


def measured(items: int, dim: int, all_queries: int, threads: int, seconds: float) -> list[dict]:
    """Queries a second of each engine at each batch."""
    vectors = unit(items, dim, 0)
    ready = engines(vectors, threads)
    rows = []
    for asked in (1, 256, all_queries):
        queries = unit(asked, dim, 1)
        calls = {name: partial(engine, queries) for name, engine in ready.items()}
        with blas_threads(threads):
            spent = alternate(calls, seconds)
            # Apart, because a large copy empties the caches that a loop of queries would have.
            machine = alternate({"sgemm": sgemm(), "copy": copy()}, 0.5)
        peak, moved = 2 * 1024**3 / machine["sgemm"], 2 * (256 << 20) / machine["copy"]
        for name, taken in spent.items():
            rows.append(
                {
                    "engine": name,
                    "items": items,
                    "dim": dim,
                    "batch": asked,
                    "threads": threads,
                    "queries_a_second": asked / taken,
                    "of_sgemm": 2 * asked * items * dim / taken / peak,
                    "of_copy": 4 * items * dim * -(-asked // 256) / taken / moved,
                }
            )
    faiss = {row["batch"]: row for row in rows if row["engine"] == "faiss FlatIP"}
    for row in rows:
        rival = faiss.get(row["batch"])
        row["to_faiss"] = row["queries_a_second"] / rival["queries_a_second"] if rival else None
    return rows


def main(seconds: float = 5.0) -> None:
    """Measure, print a table, write results/retrieval.json."""
    rows = [row for n in (1, 2) for shape in SHAPES for row in measured(*shape, n, seconds)]
    memory = {name: apart(once, name)["peak_megabytes"] for name in WAYS if installed(name)}
    found = {"rows": rows, "memory": memory, "entry": apart(top_of_entry)}
    save("retrieval", found | {"zoo": zoo.__version__})


if __name__ == "__main__":
    typer.run(main)
