"""What a search for regulators leaves out before it begins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64

from contracts.errors import InvalidOption, NothingLeft
from contracts.genes.vocabulary import Vocabulary
from zoo.tables.inputs import name_list, pair_columns


@dataclass(frozen=True)
class Candidates:
    """Regulators that may be listed: positions in order, and pairs that may not.

    `excluded` holds the keys tf * genes_total + gene of the pairs left out, sorted.
    """

    tfs: Int64[np.ndarray, "tfs"]
    genes_total: int
    excluded: Int64[np.ndarray, "pairs"] = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def of(
        cls,
        vocabulary: Vocabulary,
        tf_edges: Int64[np.ndarray, "tfs"],
        among: Iterable[str] | None = None,
        min_edges: object = 0,
        exclude: Any = None,
    ) -> "Candidates":
        """All regulators of `among` (None: of the vocabulary) with so many training edges.

        Raises NothingLeft, InvalidOption, or the vocabulary's errors for a name.
        """
        if isinstance(min_edges, bool) or not isinstance(min_edges, int) or min_edges < 0:
            raise InvalidOption("min_edges", min_edges, "a whole number of at least 0")
        tfs = np.arange(len(vocabulary.regulators))
        if among is not None:
            tfs = np.unique(vocabulary.regulator_index(name_list(among, "among")))
        kept = tfs[tf_edges[tfs] >= min_edges]
        if not len(kept):
            most = int(tf_edges[tfs].max())
            raise NothingLeft(
                f"None of {len(tfs)} regulators has {min_edges} or more edges in the training "
                f"data; the most is {most}",
                f"Lower min_edges to {most} or less",
            )
        keys = np.empty(0, np.int64)
        if exclude is not None and len(exclude):
            # An edge of a gene that is not here cannot be listed anyway.
            pairs = vocabulary.resolve_pairs(*pair_columns(exclude), on_unknown="skip")
            keys = np.unique(pairs.tf * len(vocabulary) + pairs.gene)
        return cls(kept, len(vocabulary), keys)

    def __len__(self) -> int:
        return len(self.tfs)

    def excludes(
        self, tf: Int64[np.ndarray, "..."], gene: Int64[np.ndarray, "..."]
    ) -> Bool[np.ndarray, "..."]:
        """Which pairs are left out; both broadcast together."""
        keys = tf * self.genes_total + gene
        if not len(self.excluded):
            return np.zeros(keys.shape, bool)
        at = np.minimum(np.searchsorted(self.excluded, keys), len(self.excluded) - 1)
        return self.excluded[at] == keys

    def listed(
        self,
        tf: Int64[np.ndarray, "pairs"],
        gene: Int64[np.ndarray, "pairs"],
        symbols: Sequence[str],
    ) -> Bool[np.ndarray, "pairs"]:
        """Which of the ranked pairs may stand in the result; raises NothingLeft for a bare gene."""
        kept = ~self.excludes(tf, gene)
        bare = np.setdiff1d(gene, gene[kept])
        if len(bare):
            more = f" and of {len(bare) - 1} more genes" if len(bare) > 1 else ""
            raise NothingLeft(
                f"The excluded pairs leave no regulator of {symbols[bare[0]]}{more}",
                "Leave such genes out, or exclude fewer pairs",
            )
        return kept

    def mask(
        self, values: Float32[np.ndarray, "genes tfs"], genes: Int64[np.ndarray, "genes"]
    ) -> Float32[np.ndarray, "genes tfs"]:
        """The values with those of left-out pairs at minus infinity."""
        if not len(self.excluded):
            return values
        return np.where(self.excludes(self.tfs[None], genes[:, None]), -np.inf, values)
