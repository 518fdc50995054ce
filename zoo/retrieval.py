"""The exact k best of many, block by block, in an order that is the same every time.

The order is total: higher value first, then the lower position (names are sorted, so ties go by
name). A ranking for a smaller k is therefore always the beginning of one for a larger k.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Int64

BLOCK_VALUES = 1 << 21
"""Values held at once: 8 MB of float32, and as many sorting keys."""


def best(values: Float32[np.ndarray, "queries items"], k: int) -> Int64[np.ndarray, "queries k"]:
    """Positions of the k largest values of each row, largest first, ties by lower position.

    `values` must be finite, and 1 <= k <= items; both are the caller's to check.
    """
    items = values.shape[1]
    keys = _ordered(values) << 32 | np.arange(items - 1, -1, -1, dtype=np.int64)
    if k < items:
        keys = np.partition(keys, items - k, axis=1)[:, items - k :]
    keys = -np.sort(-keys, axis=1)
    return items - 1 - (keys & 0xFFFFFFFF)


def best_of_blocks(
    values_of: Callable[[Int64[np.ndarray, "some"]], Float32[np.ndarray, "some items"]],
    queries: Int64[np.ndarray, "queries"],
    items: int,
    k: int,
) -> Int64[np.ndarray, "queries k"]:
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


def _ordered(values: Float32[np.ndarray, "queries items"]) -> Int64[np.ndarray, "queries items"]:
    """Integers in the same order as the numbers: IEEE 754 bits, negatives turned round."""
    bits = values.view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)
