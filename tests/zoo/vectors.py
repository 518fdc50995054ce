"""4000 clustered vectors with popularity, and the plain search that answers are held to."""

from pathlib import Path

import numpy as np

from zoo.ann import build
from zoo.ann.record import IndexRecord
from zoo.ann.vectors import Items

DRAW = np.random.default_rng(5)
CENTRES = DRAW.normal(size=(40, 8))
MANY = (CENTRES[DRAW.integers(0, 40, 4000)] + 0.4 * DRAW.normal(size=(4000, 8))).astype(np.float32)
FAME = DRAW.normal(size=4000).astype(np.float32)
POOL = DRAW.normal(size=(300, 8)).astype(np.float32)


def plain(items: Items, queries: np.ndarray, k: int, allowed: np.ndarray | None = None):
    """Positions and values by a plain sort: float64 sums, rounded once, ties by position."""
    sums = queries.astype(np.float64) @ items.vectors.astype(np.float64).T
    if items.popularity is not None:
        sums = sums + items.popularity
    values = sums.astype(np.float32)
    kept = range(len(items)) if allowed is None else np.flatnonzero(allowed).tolist()
    found = [sorted(kept, key=lambda p, row=row: (-row[p], p))[:k] for row in values]
    return found, [[row[p] for p in best] for row, best in zip(values, found, strict=True)]


def build_many(path: Path) -> IndexRecord:
    """An index over the 4000, tuned for a recall of 0.9."""
    items = Items(MANY, FAME)
    return build.build(path, items, POOL, "normal vectors", target=0.9, queries=60, seed=3)
