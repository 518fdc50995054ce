"""Build an index, choose how far it looks, and measure its recall against exact search."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64

from contracts.errors import InvalidOption
from zoo.ann import exact, store
from zoo.ann.index import Index
from zoo.ann.record import IndexRecord, Measured, Settings
from zoo.ann.vectors import Items, blocks, check_matrix
from zoo.runtime.optional import limited

AT = (10, 50, 100)
"""The k of which recall is measured."""

TUNING = 200
"""Queries to tune on, others than those that recall is measured on."""

MOST_LISTS = 1 << 12
"""Training time grows with the square of this: 4,096 lists take a minute or two on one core."""

MOST_CANDIDATES = 32
"""Candidates for each result that tuning goes up to."""

LIST_POINTS, LEAST_POINTS = 64, 39
"""Vectors that k-means sees for each list; faiss asks for 39 at least."""

ITERATIONS = 10
"""Rounds of k-means."""

Queries = Float32[np.ndarray, "queries dim"]


def build(
    path: Path,
    items: Items,
    pool: Queries,
    source: str,
    target: float = 0.95,
    queries: int = 1000,
    seed: int = 0,
    settings: Settings | None = None,
    threads: int = 1,
    progress: Callable[[int], object] = lambda done: None,
) -> IndexRecord:
    """Build an index of `items` in the folder `path` and return its record.

    Args:
        path: the new folder; a failure leaves nothing there.
        items: what is searched.
        pool: what queries are drawn from, such as the entry's vectors of the other side.
        source: what the pool is, in words.
        target: nprobe and oversampling are doubled until recall@10, @50 and @100 reach this share.
        queries: how many to measure on; fewer if half of the pool is less.
        seed: of the draw of queries, the training sample and k-means.
        settings: taken as they are instead of chosen.
        threads: cores for faiss.
        progress: called with the number of vectors added since its last call.

    Raises:
        InvalidOption: `path` cannot be written, or a number is out of range.
        ContractViolation: the pool does not fit the vectors.
        MissingDependency: faiss is not installed.
    """
    path = Path(path)
    faiss = store.import_faiss()
    store.check_target(path)
    _check(items, target, queries, settings)
    check_matrix(pool, "queries", items.dim)
    tuning, measuring = draw_queries(pool, queries, seed)
    power = 1 << round(np.log2(4 * len(items) ** 0.5))  # next to 4 sqrt(total)
    lists = max(1, min(power, MOST_LISTS, len(items) // LEAST_POINTS))
    chosen = settings or Settings(nlist=lists, nprobe=1)
    with limited(threads, faiss.omp_get_max_threads, faiss.omp_set_num_threads):
        handle = _trained(items, chosen, seed)
        for rows in blocks(len(items)):
            handle.add(items.augmented(rows))
            progress(rows.stop - rows.start)
    if settings is None:
        chosen = _tuned(Index(chosen, handle, items, threads), tuning, target)
    measured = measure(Index(chosen, handle, items, threads), measuring, source, seed)

    about = {name: getattr(items, name) for name in ("entry", "version", "side", "dim", "digest")}
    about |= {"items": len(items), "popularity": items.popularity is not None}
    about |= {"settings": chosen, "measured": measured, "faiss": faiss.__version__}
    return store.write(path, handle, lambda file: IndexRecord(**about, file=file))


def draw_queries(pool: Queries, count: int, seed: int) -> tuple[Queries, Queries]:
    """Queries to tune on, and others to measure recall on; no query is in both.

    The first `count` of a random order are measured on (half of the pool, if that is less), and
    the TUNING after them tuned on. A pool of one serves as both.
    """
    wanted = min(len(pool), count + TUNING)
    order = np.random.default_rng(seed).choice(len(pool), wanted, replace=False)
    count = min(count, max(1, wanted // 2) if wanted < count + TUNING else count)
    tuning = order[count : count + TUNING] if len(order) > count else order
    return np.array(pool[tuning]), np.array(pool[order[:count]])


def measure(index: Index, queries: Queries, source: str, seed: int) -> Measured:
    """Recall of the index on queries, and the time of either search; see Measured."""
    k = min(max(AT), len(index))
    start = time.perf_counter()
    truth, _ = exact.search(index.items, queries, k)
    between = time.perf_counter()
    found = index.search(queries, k, exact=False).positions
    end = time.perf_counter()
    return Measured(
        recall=recall(found, truth),
        queries=len(queries),
        source=source,
        seed=seed,
        exact_seconds=(between - start) / len(queries),
        index_seconds=(end - between) / len(queries),
        threads=index.threads,
    )


def recall(
    found: Int64[np.ndarray, "queries k"], truth: Int64[np.ndarray, "queries k"]
) -> dict[int, float]:
    """For each k of AT: the mean share of the true k best among the k found."""
    shares: dict[int, float] = {}
    for k in (k for k in AT if k <= truth.shape[1]):
        both = [np.intersect1d(*pair).size for pair in zip(found[:, :k], truth[:, :k], strict=True)]
        shares[k] = float(np.mean(both)) / k
    return shares


def _trained(items: Items, settings: Settings, seed: int) -> Any:
    """An empty index whose lists and byte ranges are fitted to a sample of the vectors.

    Centres have length 1, as faiss has it for inner products: longer ones would draw most vectors
    into a few lists.
    """
    faiss = store.import_faiss()
    width = items.dim + (items.popularity is not None)
    form = f"IVF{settings.nlist},{settings.codec}"
    handle = faiss.index_factory(width, form, faiss.METRIC_INNER_PRODUCT)
    handle.cp.niter = ITERATIONS
    handle.cp.seed = seed & 0x7FFFFFFF
    handle.cp.min_points_per_centroid = 1
    handle.cp.max_points_per_centroid = LIST_POINTS
    size = min(len(items), max(LIST_POINTS * settings.nlist, 1 << 14))
    sample = np.random.default_rng(seed).choice(len(items), size, replace=False)
    handle.train(items.augmented(np.sort(sample)))
    return handle


def _tuned(index: Index, queries: Queries, target: float) -> Settings:
    """Settings that reach the recall asked: from the least, whichever doubling gains more.

    More lists find what was not looked at; more candidates, what the bytes have put too low, which
    no number of lists finds. Where neither is left, the recall stays below.
    """
    k = min(max(AT), len(index))
    truth, _ = exact.search(index.items, queries, k)

    def reached(settings: Settings) -> float:
        index.settings = settings
        found = index.search(queries, k, exact=False).positions
        return min(recall(found, truth).values(), default=1.0)

    settings = index.settings
    best = reached(settings)
    while best < target:
        lists = {"nprobe": min(settings.nlist, 2 * settings.nprobe)}
        candidates = {"oversampling": min(MOST_CANDIDATES, 2 * settings.oversampling)}
        further = [settings.model_copy(update=twice) for twice in (lists, candidates)]
        further = [option for option in further if option != settings]
        if not further:
            break
        shares = [reached(option) for option in further]
        best = max(shares)
        settings = further[shares.index(best)]
    return settings


def _check(items: Items, target: float, queries: int, settings: Settings | None) -> None:
    if not 0 < target <= 1:
        raise InvalidOption("recall", target, "a share above 0, at most 1")
    if queries < 1:
        raise InvalidOption("queries", queries, "a whole number from 1")
    if settings and not settings.nprobe <= settings.nlist <= len(items):
        got = f"nprobe={settings.nprobe}, nlist={settings.nlist}"
        raise InvalidOption("settings", got, f"nprobe <= nlist <= {len(items)} vectors")
