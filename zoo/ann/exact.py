"""Exact maximum inner product in blocks of vectors: the truth that an index is measured against.

A pair's value is its sum in float64, rounded to float32 once: it is the same whatever the blocks
are. Blocks are multiplied in float32, which is fast, and only what may be among the best within
the rounding error of that is summed in float64.
"""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from zoo.ann.vectors import BLOCK_ROWS, Items, Queries, blocks
from zoo.pairs.top_k import BLOCK_VALUES, first_of

QUERIES = 1 << 8
"""Queries searched together: each such set goes over all vectors once."""

GATHERED = 1 << 13
"""Vectors copied together to be summed in float64."""

Pairs = Int64[np.ndarray, "pairs"]
Positions = Int64[np.ndarray, "queries k"]
Values = Float32[np.ndarray, "queries k"]
Allowed = Bool[np.ndarray, "items"] | None
Best = tuple[Positions, Values]


def values_of(
    items: Items, queries: Queries, rows: Pairs, positions: Pairs
) -> Float32[np.ndarray, "pairs"]:
    """The values of pairs: query `rows[i]` with item `positions[i]`, popularity added."""
    found = np.empty(len(rows), dtype=np.float32)
    for some in blocks(len(rows), GATHERED):
        query = queries[rows[some]].astype(np.float64)
        vector = items.vectors[positions[some]].astype(np.float64)
        sums = np.einsum("pd,pd->p", query, vector)
        if items.popularity is not None:
            sums += items.popularity[positions[some]]
        found[some] = sums
    return found


def search(items: Items, queries: Queries, k: int, allowed: Allowed = None) -> Best:
    """The k items of the highest value for each query, ties by the lower position.

    Memory is that of a block of vectors, whatever their number; 1 <= k <= allowed items, and
    finite queries, are the caller's to check.
    """
    positions = np.empty((len(queries), k), dtype=np.int64)
    values = np.empty((len(queries), k), dtype=np.float32)
    for some in blocks(len(queries), QUERIES):
        positions[some], values[some] = _search(items, queries[some], k, allowed)
    return positions, values


def _search(items: Items, queries: Queries, k: int, allowed: Allowed) -> Best:
    nothing = np.empty(0, dtype=np.int64)
    best = first_of(nothing, nothing, np.empty(0, dtype=np.float32), len(queries), k)
    error = _error(items, queries)
    step = max(1, min(BLOCK_ROWS, BLOCK_VALUES // len(queries)))
    for rows in blocks(len(items), step):
        at = np.arange(rows.start, rows.stop)
        if allowed is not None:
            at = at[allowed[rows]]
        if not len(at):
            continue
        chosen = rows if len(at) == rows.stop - rows.start else at
        vectors = items.vectors[chosen]
        rough = queries @ vectors.T
        if items.popularity is not None:
            rough += items.popularity[chosen]
        # Below the floor a rough value cannot belong to one of the k best.
        worst = best[1][:, -1]
        floor = worst - error
        if len(at) > k and np.isneginf(worst).any():
            here = np.partition(rough, len(at) - k, axis=1)[:, len(at) - k]
            floor = np.maximum(floor, here - 2 * error)
        floor = np.nextafter(floor.astype(np.float32), np.float32(-np.inf))
        query, column = np.nonzero(rough >= floor[:, None])
        best = _merged(items, queries, best, query, at[column])
    return best


def _merged(items: Items, queries: Queries, best: Best, query: Pairs, position: Pairs) -> Best:
    """The best of those found before and of more pairs."""
    if not len(query):
        return best
    count, k = best[0].shape
    value = values_of(items, queries, query, position)
    before = best[0].ravel() >= 0
    every = np.repeat(np.arange(count), k)[before]
    return first_of(
        np.concatenate([every, query]),
        np.concatenate([best[0].ravel()[before], position]),
        np.concatenate([best[1].ravel()[before], value]),
        count,
        k,
    )


def _error(items: Items, queries: Queries) -> Float64[np.ndarray, "queries"]:
    """How far a value summed in float32 may be from the true one, at most.

    (dim + 3) u |x| |y| for a product of dim terms and u = 2^-24 (Higham, Accuracy and Stability of
    Numerical Algorithms, 2nd ed., section 3.1), doubled; and what is lost where a processor takes
    the smallest numbers for 0.
    """
    width = items.dim + 3
    lengths = np.linalg.norm(queries.astype(np.float64), axis=1)
    lost = width * 1.2e-38 * (1 + items.longest + lengths)
    return 2 * width * 2.0**-24 * (lengths * items.longest + items.largest) + lost
