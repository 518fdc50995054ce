"""What `zoo score` and `zoo regulators` do with the rows of a file, as zoo.batch takes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from contracts.errors import AmbiguousGene, InvalidInput, NotARegulator, UnknownGene
from zoo.batch.tasks import Task
from zoo.pairs.batches import (
    RANK_FIELDS,
    SCORE_FIELDS,
    fields_of,
    regulators_batch,
    score_batch,
)
from zoo.tables.arrow import BatchResult, output_schema
from zoo.tables.chunks import Chunk


class PairTask(Task):
    """A task whose result has those of its `added` columns that the entry fills."""

    def schema(self, source: pa.Schema) -> pa.Schema:
        """The columns of the result, given those of the file."""
        return output_schema(source, fields_of(self.model, self.added), self.columns)


@dataclass(frozen=True)
class ScoreTask(PairTask):
    """Score pairs; `columns` are those of regulators and genes."""

    prior: float | None = None
    name = "score"
    called = "pairs"
    example = "SOX2,GFAP"
    added = SCORE_FIELDS

    def __call__(self, batch: pa.RecordBatch) -> BatchResult:
        """Score one batch."""
        return score_batch(self.model, batch, *self.columns, prior=self.prior)

    def error(self, chunk: Chunk, facts: list[dict[str, Any]]) -> tuple[int, InvalidInput]:
        """The first pair with names that cannot be used."""
        return _error(chunk, facts, self.columns, self.model.vocabulary.resolve_pairs)


@dataclass(frozen=True)
class RegulatorsTask(PairTask):
    """List the k likeliest regulators of genes; `columns` is that of genes alone.

    `search` has further options of PairScorer.regulators.
    """

    search: Mapping[str, Any] = field(default_factory=dict)
    name = "regulators"
    called = "genes"
    example = "GFAP"
    added = RANK_FIELDS
    row_bytes = 400

    def __call__(self, batch: pa.RecordBatch) -> BatchResult:
        """Rank for one batch."""
        return regulators_batch(self.model, batch, self.k, *self.columns, **self.search)

    def error(self, chunk: Chunk, facts: list[dict[str, Any]]) -> tuple[int, InvalidInput]:
        """The first gene that cannot be used."""
        return _error(chunk, facts, self.columns, self.model.vocabulary.gene_index)


def _error(
    chunk: Chunk,
    facts: list[dict[str, Any]],
    columns: tuple[str, ...],
    resolve: Callable[..., object],
) -> tuple[int, InvalidInput]:
    """What `resolve` raises for the names of these rows, and the row that it is about."""
    names = [[chunk.batch.column(name)[fact["row"]].as_py() for fact in facts] for name in columns]
    try:
        resolve(*names)
    except (UnknownGene, AmbiguousGene, NotARegulator) as error:
        # A gene that is no regulator may well stand in the other column of an earlier row.
        sides = names[:1] if isinstance(error, NotARegulator) else names
        rows = enumerate(zip(*sides, strict=True))
        return next(row for row, pair in rows if error.name in pair), error
    raise AssertionError("a rejected row has a name at fault")
