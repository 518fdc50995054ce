"""The exact k best of many, block by block, in an order that is the same every time.

The order is total: higher value first, then the lower position (names are sorted, so ties go by
name). A ranking for a smaller k is therefore always the beginning of one for a larger k.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Int64

BLOCK_VALUES = 1 << 21
"""Values held at once: 8 MB of float32."""
BLOCK_QUERIES = 256

Values = Float32[np.ndarray, "queries items"]
Found = Int64[np.ndarray, "queries k"]


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

    Args:
        values_of: gives the values of all items for some queries.
        queries: what to rank for.
        items: how many there are to rank.
        k: how many to keep, 1 <= k <= items.
    """
    found = np.empty((len(queries), k), dtype=np.int64)
    step = max(1, BLOCK_VALUES // items)
    for start in range(0, len(queries), step):
        found[start : start + step] = best(values_of(queries[start : start + step]), k)
    return found


def search(
    queries: Float32[np.ndarray, "queries dim"], items: Float32[np.ndarray, "items dim"], k: int
) -> tuple[Found, Float32[np.ndarray, "queries k"]]:
    """Positions and values of the k items with the largest dot product with each query, exactly.

    `items` may be memory-mapped and larger than the memory: it is read once for every 256 queries,
    in blocks. 1 <= k <= items is the caller's to check.
    """
    found = np.empty((len(queries), k), dtype=np.int64)
    values = np.empty((len(queries), k), dtype=np.float32)
    for start in range(0, len(queries), BLOCK_QUERIES):
        rows = slice(start, start + BLOCK_QUERIES)
        found[rows], values[rows] = _search(queries[rows], items, k)
    return found, values


def _search(
    queries: Float32[np.ndarray, "some dim"], items: Float32[np.ndarray, "items dim"], k: int
) -> tuple[Int64[np.ndarray, "some k"], Float32[np.ndarray, "some k"]]:
    """One block of queries against one block of items after the other."""
    step = max(k, BLOCK_VALUES // len(queries))
    places, values = _one_block(queries, items[:step], k)
    for start in range(step, len(items), step):
        at, more = _one_block(queries, items[start : start + step], k)
        # What was held comes first and lies before this block: ties stay in order.
        places = np.concatenate([places, at + start], axis=1)
        values = np.concatenate([values, more], axis=1)
        kept = best(values, min(k, values.shape[1]))
        places, values = (np.take_along_axis(held, kept, 1) for held in (places, values))
    return places, values


def _one_block(
    queries: Float32[np.ndarray, "some dim"], items: Float32[np.ndarray, "block dim"], k: int
) -> tuple[Int64[np.ndarray, "some held"], Float32[np.ndarray, "some held"]]:
    return _best(queries @ items.T, min(k, len(items)))


def _best(values: Values, k: int) -> tuple[Found, Float32[np.ndarray, "queries k"]]:
    """Positions and values of the k best of each row."""
    rows, items = values.shape
    size = _group_size(items, k)
    groups = items // size
    top = values[:, : size * groups].reshape(rows, size, groups).max(axis=1)
    bound = np.partition(top, groups - k, axis=1)[:, groups - k, None]
    cell = np.flatnonzero(values >= bound)
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
