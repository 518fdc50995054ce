"""The exact k best of many, block by block, in an order that is the same every time.

The order is total: higher value first, then the lower position (names are sorted, so ties go by
name). A ranking for a smaller k is therefore always the beginning of one for a larger k.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Int64

BLOCK_VALUES = 1 << 21
"""Values held at once: 8 MB of float32."""
SEARCH_VALUES = 1 << 18
"""Products held at once in a search: 1 MB, a core's cache."""
STREAMED_BYTES = 1 << 25
"""More than this fits in no cache, and one query is bound by memory."""
BLOCK_QUERIES = 256

Values = Float32[np.ndarray, "queries items"]
Found = Int64[np.ndarray, "queries k"]
Best = tuple[Found, Float32[np.ndarray, "queries k"]]
Pairs = Int64[np.ndarray, "pairs"]


def best(values: Values, k: int) -> Found:
    """Positions of the k largest values of each row, largest first, ties by lower position.

    The k-th largest maximum of groups of items is a bound that k items reach; only what reaches it
    is sorted.

    NaN counts as lower than all numbers. 1 <= k <= items is the caller's to check.
    """
    return _best(values, k)[0]


def best_of_blocks(
    values_of: Callable[[Int64[np.ndarray, "some"]], Float32[np.ndarray, "some items"]],
    queries: Int64[np.ndarray, "queries"],
    items: int,
    k: int,
) -> Found:
    """Positions of the k best items of each query, with memory for a block of queries only.

    `values_of` gives the values of all `items` for some queries; 1 <= k <= items.
    """
    found = np.empty((len(queries), k), dtype=np.int64)
    step = max(1, BLOCK_VALUES // items)
    for start in range(0, len(queries), step):
        found[start : start + step] = best(values_of(queries[start : start + step]), k)
    return found


def search(
    queries: Float32[np.ndarray, "queries dim"], items: Float32[np.ndarray, "items dim"], k: int
) -> Best:
    """Positions and values of the k items with the largest dot product with each query, exactly.

    `items` may be memory-mapped and larger than the memory: it is read once for every 256 queries,
    in blocks. 1 <= k <= items is the caller's to check.
    """
    if len(queries) <= BLOCK_QUERIES:
        return _search(queries, items, k)
    found = np.empty((len(queries), k), dtype=np.int64)
    values = np.empty((len(queries), k), dtype=np.float32)
    for start in range(0, len(queries), BLOCK_QUERIES):
        rows = slice(start, start + BLOCK_QUERIES)
        found[rows], values[rows] = _search(queries[rows], items, k)
    return found, values


def _search(
    queries: Float32[np.ndarray, "some dim"], items: Float32[np.ndarray, "items dim"], k: int
) -> Best:
    """One block of queries against one block of items after the other.

    From the first block on a bound is known that k items reach. Of further blocks only what reaches
    it is kept; at times that is thinned and the bound raised.
    """
    rows = len(queries)
    step = min(len(items), max(k, SEARCH_VALUES // rows))
    buffer = np.empty(rows * step, np.float32)
    if step == len(items):
        return _best(_product(queries, items, buffer.reshape(rows, -1)), k)
    held = _Held(rows, k)
    for number, start in enumerate(range(0, len(items), step), start=1):
        block = items[start : start + step]
        product = _product(queries, block, buffer[: rows * len(block)].reshape(rows, -1))
        held.add(product, start)
        if number & (number - 1) == 0:
            held.thin()
    held.thin()
    return held.table()


def _product(
    queries: Float32[np.ndarray, "some dim"],
    items: Float32[np.ndarray, "block dim"],
    out: Float32[np.ndarray, "some block"],
) -> Float32[np.ndarray, "some block"]:
    """All dot products; einsum is the faster way to read much memory once."""
    if len(queries) == 1 and items.nbytes > STREAMED_BYTES:
        np.einsum("nd,d->n", items, queries[0], out=out[0])
        return out
    return np.matmul(queries, items.T, out=out)


class _Held:
    """The best found so far: row, place and value of each, and a bound for every row."""

    def __init__(self, rows: int, k: int) -> None:
        self.rows, self.k = rows, k
        self.row = np.empty(0, np.int64)
        self.place = np.empty(0, np.int64)
        self.value = np.empty(0, np.float32)
        self.bound: Float32[np.ndarray, "rows 1"] | None = None

    def add(self, values: Values, start: int) -> None:
        """Keep what reaches the bound, of items from place `start` on."""
        if self.bound is None:
            self.bound = _bound(values, self.k)
            if np.isnan(self.bound).any():
                np.nan_to_num(values, copy=False, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
                self.bound = _bound(values, self.k)
        cell = np.flatnonzero(values >= self.bound)
        items = values.shape[1]
        row = cell // items if self.rows > 1 else np.zeros_like(cell)
        self.row = np.concatenate([self.row, row])
        self.place = np.concatenate([self.place, cell - row * items + start])
        self.value = np.concatenate([self.value, values.ravel()[cell]])

    def thin(self) -> None:
        """Keep the k best of each row, in their order, and raise the bound to the last of them."""
        place, value = first_of(self.row, self.place, self.value, self.rows, self.k)
        self.row = np.repeat(np.arange(self.rows), self.k)
        self.place, self.value, self.bound = place.ravel(), value.ravel(), value[:, -1:]

    def table(self) -> Best:
        """Places and values, a row for each query."""
        return self.place.reshape(-1, self.k), self.value.reshape(-1, self.k)


def first_of(
    query: Pairs, position: Pairs, value: Float32[np.ndarray, "pairs"], queries: int, k: int
) -> Best:
    """The first k pairs of each query: higher value first, then lower position.

    Where a query has fewer, the rest has position -1 and value -inf.
    """
    positions = np.full((queries, k), -1, dtype=np.int64)
    values = np.full((queries, k), -np.inf, dtype=np.float32)
    order = np.lexsort((position, -value, query))
    query, position, value = query[order], position[order], value[order]
    rank = np.arange(len(query)) - np.searchsorted(query, query)
    kept = rank < k
    positions[query[kept], rank[kept]] = position[kept]
    values[query[kept], rank[kept]] = value[kept]
    return positions, values


def _bound(values: Values, k: int) -> Float32[np.ndarray, "queries 1"]:
    """A value of each row that at least k items reach: the k-th largest maximum of groups."""
    rows, items = values.shape
    size = _group_size(items, k)
    groups = items // size
    top = values[:, : size * groups].reshape(rows, size, groups).max(axis=1)
    return np.partition(top, groups - k, axis=1)[:, groups - k, None]


def _best(values: Values, k: int) -> Best:
    """Positions and values of the k best of each row."""
    rows, items = values.shape
    cell = np.flatnonzero(values >= _bound(values, k))
    starts = np.searchsorted(cell, items * np.arange(rows + 1))
    if np.diff(starts).min() < k:  # only NaN reaches no bound, not even its own
        return _best(np.nan_to_num(values, nan=-np.inf, posinf=np.inf, neginf=-np.inf), k)
    reached = values.ravel()[cell]
    if rows == 1:
        order = np.argsort(-reached, kind="stable")[:k]
        return cell[order][None], reached[order][None]
    row = cell // items
    order = np.lexsort((-reached, row))
    chosen = order[starts[:-1, None] + np.arange(k)]
    return cell[chosen] - items * np.arange(rows)[:, None], reached[chosen]


def _group_size(items: int, k: int) -> int:
    """Items in a group: about as many as there are groups for each of the k."""
    return max(1, int((items / k) ** 0.5))
