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
SORTED_WHOLE = 1024
"""Rows no longer than this are sorted as they are."""

Values = Float32[np.ndarray, "queries items"]
Found = Int64[np.ndarray, "queries k"]


def best(values: Values, k: int) -> Found:
    """Positions of the k largest values of each row, largest first, ties by lower position.

    A long row is cut into groups of items, and only the k groups with the largest maxima are looked
    into: a value outside of them has k others that are no smaller. Rows in which groups tie at the
    k-th place are sorted whole.

    `values` must not hold NaN, and 1 <= k <= items; both are the caller's to check.
    """
    items = values.shape[1]
    size = _group_size(items, k)
    if size < 2:
        return _best_of(values, np.arange(items), k)
    groups = items // size
    top = values[:, : size * groups].reshape(len(values), size, groups).max(axis=1)
    at = np.argpartition(top, groups - k, axis=1)[:, groups - k :]
    least = np.take_along_axis(top, at, 1).min(axis=1, keepdims=True)
    tail = np.arange(size * groups, items)
    members = at[:, :, None] + groups * np.arange(size)
    places = np.concatenate(
        [members.reshape(len(values), -1), np.broadcast_to(tail, (len(values), len(tail)))], axis=1
    )
    places.sort(axis=1)
    found = _best_of(np.take_along_axis(values, places, 1), places, k)
    tied = np.flatnonzero((top >= least).sum(axis=1) > k)
    if len(tied):
        found[tied] = _best_of(values[tied], np.arange(items), k)
    return found


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
    places: Int64[np.ndarray, "some held"] = np.empty((len(queries), 0), np.int64)
    values: Float32[np.ndarray, "some held"] = np.empty((len(queries), 0), np.float32)
    for start in range(0, len(items), step):
        product = queries @ items[start : start + step].T
        at = best(product, min(k, product.shape[1]))
        places = np.concatenate([places, at + start], axis=1)
        values = np.concatenate([values, np.take_along_axis(product, at, 1)], axis=1)
        if places.shape[1] > k:
            # What was held comes first and lies before this block: ties stay in order.
            kept = best(values, k)
            places = np.take_along_axis(places, kept, 1)
            values = np.take_along_axis(values, kept, 1)
    return places, values


def _group_size(items: int, k: int) -> int:
    """Items in a group: as many to look through as there are groups; under 2 for a plain sort."""
    return 0 if items <= max(SORTED_WHOLE, 16 * k) else int((items / k) ** 0.5)


def _best_of(
    values: Values,
    places: Int64[np.ndarray, "items"] | Int64[np.ndarray, "queries items"],
    k: int,
) -> Found:
    """The k best of each row, whose columns stand for ascending `places`."""
    items = values.shape[1]
    keys = _ordered(values) << 32 | np.arange(items - 1, -1, -1, dtype=np.int64)
    if k < items:
        keys = np.partition(keys, items - k, axis=1)[:, items - k :]
    keys = -np.sort(-keys, axis=1)
    at = items - 1 - (keys & 0xFFFFFFFF)
    return np.take_along_axis(np.broadcast_to(places, values.shape), at, 1)


def _ordered(values: Values) -> Int64[np.ndarray, "queries items"]:
    """Integers in the same order as the numbers: IEEE 754 bits, negatives turned round."""
    bits = values.view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)
