"""Approximate search among a million vectors or more: `[ann]`, an option and never the default.

The value of a pair is dot(tf_vector, gene_vector) plus the popularity of what is searched; that of
the query changes no ranking. Each item is indexed as (vector, popularity), and a query is
(vector, 1): the inner product of the two is the value (Bachrach et al. 2014, "Speeding up the Xbox
recommender system").

The index is faiss' inverted file with a byte a coordinate (IVF, SQ8): a query looks into `nprobe`
of `nlist` lists. What it finds is summed again from the vectors themselves, so that values are
exact and only the choice of candidates is approximate.

Why this kind: on 300,000 vectors made as benchmarks/ann.py makes them, and 16 of 1,024 lists,
2-byte floats found no more (recall@10 0.99) in twice the room, and 4-bit product codes 0.69. A
graph (HNSW32 with SQ8) took 305 bytes a vector on 100,000; this takes 42.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64

from contracts.errors import AnyPath, ContractViolation, EmptyInput, InvalidOption, Violation
from zoo.ann import exact as ann_exact
from zoo.ann import store
from zoo.ann.record import IndexRecord, Settings
from zoo.ann.vectors import Items, Queries, blocks, check_matrix, of_entry, of_files
from zoo.pairs.top_k import first_of
from zoo.runtime.optional import limited

__all__ = ["SENSIBLE_FROM", "Found", "Index", "of_entry", "of_files", "open_index"]

SENSIBLE_FROM = 1_000_000
"""Vectors from which on an index is worth its inexactness."""

SELECTIVE = 0.1
"""A filter that keeps less than this share of the vectors is answered exactly: an index looks
where the best of all vectors are, which may be far from the best of the few."""

LOOKED_AT = 10
"""An answer is exact if fewer than this many allowed vectors are looked at for each wanted one."""


@dataclass(frozen=True)
class Found:
    """The k best items of each query, higher value first, then lower position.

    `exact` tells for each query whether all vectors were gone through rather than the index, and
    `reason` why all were, in words; it is empty where the index was used as far as it could be.
    """

    positions: Int64[np.ndarray, "queries k"]
    values: Float32[np.ndarray, "queries k"]
    exact: Bool[np.ndarray, "queries"]
    reason: str


class Index:
    """An index together with the vectors that it was built from; made by open_index.

    `record` is what its index.json says: settings, digests, measured recall.
    """

    record: IndexRecord

    def __init__(self, settings: Settings, handle: Any, items: Items, threads: int = 1) -> None:
        self.settings = settings
        self.items = items
        self._faiss = handle
        self.threads = threads

    def __len__(self) -> int:
        return len(self.items)

    def search(self, queries: Any, k: int, allowed: Any = None, exact: bool | None = None) -> Found:
        """The k items of the highest value for each query.

        Args:
            queries: float32 [queries, dim], such as an entry's vectors of the other side.
            k: how many, from 1 to the number of allowed items.
            allowed: bool [items]: items that may be found; None means all.
            exact: True goes through all vectors. False gives what the index finds and nothing
                else; where it finds fewer than k, positions are -1 and values -inf. None decides:
                exact for a filter that keeps less than SELECTIVE of the vectors, where fewer than
                LOOKED_AT vectors would be looked at for each of the k, and for queries that the
                index finds fewer than k for.

        Raises:
            ContractViolation: queries or filter of another dtype or shape, or not finite.
            EmptyInput: the filter leaves nothing.
            InvalidOption: k is out of range.
        """
        check_matrix(queries, "queries", self.items.dim)
        left = self._left(allowed)
        if not isinstance(k, int | np.integer) or isinstance(k, bool) or not 1 <= k <= left:
            raise InvalidOption("k", k, f"a whole number from 1 to {left}, the vectors there are")
        reason = self.why_exact(k, left) if exact is None else "exact=True was asked" * exact
        if reason:
            positions, values = ann_exact.search(self.items, queries, k, allowed)
            return Found(positions, values, np.ones(len(queries), dtype=np.bool_), reason)
        found = self._approximate(queries, int(k), allowed)
        return found if exact is False else self._completed(found, queries, allowed)

    def why_exact(self, k: int, left: int) -> str:
        """Why the search for k among `left` allowed items is exact; empty if the index serves."""
        if left < SELECTIVE * len(self):
            return f"the filter keeps {left} of {len(self)} vectors, less than {SELECTIVE:.0%}"
        looked_at = left * self.settings.nprobe // self.settings.nlist
        if looked_at < LOOKED_AT * k:
            return f"the index would look at about {looked_at} vectors for k={k}, too few"
        return ""

    def _left(self, allowed: Any) -> int:
        if allowed is None:
            return len(self)
        is_array, expected = isinstance(allowed, np.ndarray), f"bool [{len(self)}]"
        got = f"{allowed.dtype} {list(allowed.shape)}" if is_array else type(allowed).__name__
        if got != expected:
            raise ContractViolation([Violation("allowed", got, f"a bool array [{len(self)}]")])
        if not (left := int(allowed.sum())):
            raise EmptyInput("What the filter allows", "a filter that keeps a vector")
        return left

    def _approximate(self, queries: Queries, k: int, allowed: Any) -> Found:
        """Candidates from the index, -1 where its lists hold no more; values from the vectors."""
        faiss, total = store.import_faiss(), len(queries)
        positions = np.empty((total, k), dtype=np.int64)
        values = np.empty((total, k), dtype=np.float32)
        wanted = min(len(self), k * self.settings.oversampling)
        options: dict[str, Any] = {"nprobe": self.settings.nprobe}
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            options["sel"] = faiss.IDSelectorBitmap(bits)
        params = faiss.SearchParametersIVF(**options)
        for some in blocks(total, max(1, (1 << 20) // wanted)):
            given = queries[some]
            if self.items.popularity is not None:  # that of an item is taken as it is, so times 1
                given = np.column_stack([given, np.ones(len(given), dtype=np.float32)])
            with limited(self.threads, faiss.omp_get_max_threads, faiss.omp_set_num_threads):
                given = np.ascontiguousarray(given)
                candidates = self._faiss.search(given, wanted, params=params)[1]
            row, column = np.nonzero(candidates >= 0)
            found = candidates[row, column]
            value = ann_exact.values_of(self.items, queries[some], row, found)
            best = first_of(row, found, value, len(candidates), k)
            positions[some], values[some] = best
        return Found(positions, values, np.zeros(total, dtype=np.bool_), "")

    def _completed(self, found: Found, queries: Queries, allowed: Any) -> Found:
        """The same with exact answers for queries that have fewer than k."""
        short = found.positions[:, -1] < 0
        if not short.any():
            return found
        positions, values = found.positions.copy(), found.values.copy()
        positions[short], values[short] = ann_exact.search(
            self.items, queries[short], positions.shape[1], allowed
        )
        reason = "the lists looked at hold too few vectors for some of the queries"
        return Found(positions, values, short, reason)


def open_index(path: AnyPath, items: Items, threads: int = 1) -> Index:
    """Open an index with the vectors that it was built from, such as of_entry(entry, side).

    Raises:
        MissingArtefact: there is none.
        UnusableIndex: it is damaged, or was built from other vectors or for another entry.
        MissingDependency: faiss is not installed; the message has the command.
    """
    record, handle = store.read(Path(path), items)
    index = Index(record.settings, handle, items, threads)
    index.record = record
    return index
