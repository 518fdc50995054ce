"""Exact top-10 of dot products: ours, and faiss, torch, onnxruntime, sentence-transformers' loop.

Run it with `make bench` or `python benchmarks/retrieval.py`. Vectors are random, of unit length.
Engines that are not installed are left out, and the table says so.
"""

import argparse
import heapq
import importlib.util
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
from measure import alternate, blas_threads, child, copy, session, sgemm
from page import save

import zoo
from zoo.pairs import top_k

K = 10
SHAPES = ((20_000, 64, 20_000), (200_000, 128, 1_000))
"""Items, dimension, and the queries of the batch `all`."""

ENTRY = """
import json, sys, time
import zoo
model = zoo.load("two_tower-brain", device="cpu", threads=1)
genes = list(model.vocabulary.genes)
start = time.perf_counter()
table = model.regulators(genes, k=10)
print(json.dumps({"seconds": time.perf_counter() - start, "genes": len(genes), "rows": len(table)}))
"""

ONE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import retrieval as benchmark
items, dim, asked = 20_000, 64, 20_000
vectors, queries = benchmark.unit(items, dim, 0), benchmark.unit(asked, dim, 1)
engine = benchmark.engines(vectors, 1)[sys.argv[2]]
engine(queries)
print(json.dumps({}))
"""


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
    from onnx import TensorProto, helper, numpy_helper

    dim = items.shape[1]
    nodes = [
        helper.make_node("MatMul", ["queries", "items"], ["product"]),
        helper.make_node("TopK", ["product", "k"], ["values", "places"]),
    ]
    constants = [
        numpy_helper.from_array(np.ascontiguousarray(items.T), "items"),
        numpy_helper.from_array(np.array([K]), "k"),
    ]
    made = helper.make_graph(
        nodes,
        "top",
        [helper.make_tensor_value_info("queries", TensorProto.FLOAT, ["some", dim])],
        [
            helper.make_tensor_value_info("values", TensorProto.FLOAT, ["some", K]),
            helper.make_tensor_value_info("places", TensorProto.INT64, ["some", K]),
        ],
        constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    found = session(model.SerializeToString(), threads)
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
    return {
        name: build(items, threads)
        for name, (build, package) in WAYS.items()
        if importlib.util.find_spec(package)
    }


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
    for row in rows:
        rival = next(
            (r for r in rows if r["engine"] == "faiss FlatIP" and r["batch"] == row["batch"]),
            None,
        )
        row["to_faiss"] = row["queries_a_second"] / rival["queries_a_second"] if rival else None
    return rows


def main() -> None:
    """Measure, print a table, write results/retrieval.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    rows = [
        row
        for threads in (1, 2)
        for shape in SHAPES
        for row in measured(*shape, threads, options.seconds)
    ]
    here = sys.path[0]
    memory = {
        name: child(ONE, here, name)["peak_megabytes"]
        for name, (_, package) in WAYS.items()
        if importlib.util.find_spec(package)
    }
    entry = child(ENTRY)
    save("retrieval", {"rows": rows, "memory": memory, "entry": entry, "zoo": zoo.__version__})


if __name__ == "__main__":
    sys.exit(main())
