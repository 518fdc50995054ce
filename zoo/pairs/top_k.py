"""The exact k best of many, block by block, in an order that is the same every time.

The order is total: higher value first, then the lower position (names are sorted, so ties go by
name). A ranking for a smaller k is therefore always the beginning of one for a larger k.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Int64

BLOCK_VALUES = 1 << 21
"""Values held at once: 8 MB of float32."""

Values = Float32[np.ndarray, "queries items"]
Found = Int64[np.ndarray, "queries k"]
Pairs = Int64[np.ndarray, "pairs"]


def best(values: Values, k: int) -> Found:
    """Positions of the k largest values of each row, largest first, ties by lower position.

    The k-th largest maximum of groups of items is a bound that k items reach; only what reaches it
    is sorted.

    NaN counts as lower than all numbers. 1 <= k <= items is the caller's to check.
    """
    rows, items = values.shape
    cell = np.flatnonzero(values >= _bound(values, k))
    starts = np.searchsorted(cell, items * np.arange(rows + 1))
    if np.diff(starts).min() < k:  # only NaN reaches no bound, not even its own
        return best(np.nan_to_num(values, nan=-np.inf, posinf=np.inf, neginf=-np.inf), k)
    reached = values.ravel()[cell]
    if rows == 1:
        return cell[np.argsort(-reached, kind="stable")[:k]][None]
    order = np.lexsort((-reached, cell // items))
    chosen = order[starts[:-1, None] + np.arange(k)]
    return cell[chosen] - items * np.arange(rows)[:, None]


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


def first_of(
    query: Pairs, position: Pairs, value: Float32[np.ndarray, "pairs"], queries: int, k: int
) -> tuple[Found, Values]:
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


def _group_size(items: int, k: int) -> int:
    """Items in a group: about as many as there are groups for each of the k."""
    return max(1, int((items / k) ** 0.5))
