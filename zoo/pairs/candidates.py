"""What a search leaves out before it begins: regulators that may not be listed, and pairs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from jaxtyping import Bool, Float32, Int64

from contracts.errors import InvalidOption, NothingLeft, Unsupported
from contracts.genes.vocabulary import Vocabulary
from zoo.pairs.codes import PairCodes, Positions
from zoo.tables.inputs import name_list, pair_columns

if TYPE_CHECKING:
    from zoo.pairs.scorer import PairScorer

KnownPairs = Literal["include", "exclude", "only"]
"""Whether pairs that a resource lists are in a ranking."""


@dataclass(frozen=True)
class PairFilter:
    """Pairs that may be listed: none of `excluded` and, where it is given, only those of `only`.

    `known` is the option that it was made with.
    """

    excluded: tuple[PairCodes, ...] = ()
    only: PairCodes | None = None
    known: KnownPairs = "include"

    @classmethod
    def of(cls, model: "PairScorer", known: object, exclude: Any = None) -> "PairFilter":
        """All pairs but those of `exclude`, and those that resources list as `known` says.

        Raises InvalidOption for a `known` that is none, Unsupported where the entry has no list.
        """
        if known not in get_args(KnownPairs):
            raise InvalidOption("known", known, "'include', 'exclude' or 'only'")
        excluded = []
        if exclude is not None and len(exclude):
            # An edge of a gene that is not here cannot be listed anyway.
            pairs = model.vocabulary.resolve_pairs(*pair_columns(exclude), on_unknown="skip")
            excluded.append(PairCodes.of(pairs.tf, pairs.gene, len(model.vocabulary)))
        if known == "include":
            return cls(tuple(excluded))
        listed = model.evidence.known
        if listed is None:
            instead = "It has no list of known pairs: give those to leave out as exclude=PAIRS."
            raise Unsupported(model.entry, f"known={known!r}", instead)
        if known == "only":
            return cls(tuple(excluded), listed.pairs, "only")
        return cls((*excluded, listed.pairs), None, "exclude")

    def drops(self, tf: Positions, gene: Positions) -> Bool[np.ndarray, "..."]:
        """Which pairs are left out; both broadcast together."""
        dropped = np.zeros(np.broadcast_shapes(tf.shape, gene.shape), bool)
        for pairs in self.excluded:
            dropped |= pairs.holds(tf, gene)
        return dropped if self.only is None else dropped | ~self.only.holds(tf, gene)

    def mask(
        self,
        values: Float32[np.ndarray, "genes tfs"],
        genes: Int64[np.ndarray, "genes"],
        tfs: Int64[np.ndarray, "tfs"],
    ) -> Float32[np.ndarray, "genes tfs"]:
        """The values with those of left-out pairs at minus infinity; `tfs` is sorted."""
        if self.only is not None:
            there = self.only.places(genes, tfs)
            values, unmasked = np.full_like(values, -np.inf), values
            values[there] = unmasked[there]
        elif self.excluded:
            values = values.copy()
        for pairs in self.excluded:
            values[pairs.places(genes, tfs)] = -np.inf
        return values


EVERY_PAIR = PairFilter()


@dataclass(frozen=True)
class Candidates:
    """Regulators that may be listed: positions in order, and which of their pairs may."""

    tfs: Int64[np.ndarray, "tfs"]
    genes_total: int
    pairs: PairFilter = EVERY_PAIR

    @classmethod
    def of(
        cls,
        vocabulary: Vocabulary,
        tf_edges: Int64[np.ndarray, "tfs"],
        among: Iterable[str] | None = None,
        min_edges: object = 0,
        pairs: PairFilter = EVERY_PAIR,
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
        return cls(kept, len(vocabulary), pairs)

    def __len__(self) -> int:
        return len(self.tfs)

    def listed(
        self,
        tf: Int64[np.ndarray, "pairs"],
        gene: Int64[np.ndarray, "pairs"],
        symbols: Sequence[str],
    ) -> Bool[np.ndarray, "pairs"]:
        """Which of the ranked pairs may stand in the result.

        Raises NothingLeft for a gene that excluded pairs leave bare. Where only known pairs are
        wanted, a gene may have none.
        """
        kept = ~self.pairs.drops(tf, gene)
        bare = np.setdiff1d(gene, gene[kept])
        if len(bare) and self.pairs.only is None:
            more = f" and of {len(bare) - 1} more genes" if len(bare) > 1 else ""
            raise NothingLeft(
                f"The excluded pairs leave no regulator of {symbols[bare[0]]}{more}",
                "Leave such genes out, or exclude fewer pairs",
            )
        return kept
