"""What is said of scored pairs: the terms of a logit, and columns of numbers and of words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from jaxtyping import Float32, Int64, Shaped

from contracts.errors import InvalidOption
from contracts.genes.vocabulary import Skipped
from zoo.results import Columns, sigmoid

PairValues = Float32[np.ndarray, "pairs"]


@dataclass(frozen=True)
class Terms:
    """What a model says of pairs; logit = pair_specific + tf_popularity + gene_popularity.

    `uncertainty` is the standard deviation of the logit over the members of an ensemble.
    """

    probability: PairValues
    pair_specific: PairValues
    tf_popularity: PairValues
    gene_popularity: PairValues
    uncertainty: PairValues | None = None

    @property
    def logit(self) -> PairValues:
        """The sum of the parts."""
        return self.pair_specific + self.tf_popularity + self.gene_popularity

    @classmethod
    def join(cls, blocks: Sequence["Terms"]) -> "Terms":
        """The terms of several blocks of pairs, one after the other."""
        if len(blocks) == 1:
            return blocks[0]
        columns = ([getattr(block, field.name) for block in blocks] for field in fields(cls))
        return cls(*(None if some[0] is None else np.concatenate(some) for some in columns))

    def at(self, prior: object) -> "Terms":
        """The same with the probabilities that another prior gives; None leaves them.

        They are calibrated on as many edges as other pairs. Where a share `prior` of the pairs
        asked are edges, the odds of each are prior / (1 - prior) times as high:
        probability = sigmoid(logit + ln(prior / (1 - prior))).

        Raises InvalidOption for a prior that is not between 0 and 1.
        """
        if prior is None:
            return self
        if not isinstance(prior, float | np.floating) or not 0 < prior < 1:
            raise InvalidOption("prior", prior, "a number between 0 and 1, such as 0.01")
        shift = np.float32(np.log(prior) - np.log1p(-prior))
        return replace(self, probability=sigmoid(self.logit + shift))


@dataclass(frozen=True, eq=False)
class Words:
    """A column of text: which of a few words each row has."""

    words: Sequence[str]
    codes: Int64[np.ndarray, "rows"]

    def plain(self) -> Shaped[np.ndarray, "rows"]:
        """The words, as Python objects."""
        return np.array(self.words, object)[self.codes]


Column = Words | Shaped[np.ndarray, "rows"]


def plain(columns: Mapping[str, Column]) -> Columns:
    """The columns with their words written out."""
    return {name: c.plain() if isinstance(c, Words) else c for name, c in columns.items()}


@dataclass(frozen=True, eq=False)
class ScoredPairs:
    """Scored pairs, column by column, and the rows that were left out.

    `kept` has the row of the input that each pair comes from, counted from 0; `skipped` the others.
    """

    table: Mapping[str, Column]
    terms: Terms
    kept: Int64[np.ndarray, "pairs"]
    skipped: tuple[Skipped, ...]

    def columns(self) -> Columns:
        """The columns that `details` shows, by name."""
        return plain(self.table)
