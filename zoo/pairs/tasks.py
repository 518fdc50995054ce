"""What `zoo score` and `zoo regulators` do with the rows of a file, as zoo.batch takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from contracts.errors import AmbiguousGene, BadTable, NotARegulator, UnknownGene
from zoo.batch.tasks import HINT
from zoo.pairs.batches import RANK_FIELDS, SCORE_FIELDS, regulators_batch, score_batch
from zoo.pairs.scorer import PairScorer
from zoo.tables.arrow import BatchResult
from zoo.tables.chunks import Chunk
from zoo.tables.columns import FAULTS, NO_NAME
from zoo.tables.files import missing_name


@dataclass(frozen=True)
class ScoreTask:
    """Score pairs; `columns` are those of regulators and genes."""

    model: PairScorer
    columns: tuple[str, ...]
    k: int = 1
    name: ClassVar[str] = "score"
    called: ClassVar[str] = "pairs"
    example: ClassVar[str] = "SOX2,GFAP"
    added: ClassVar[pa.Schema] = SCORE_FIELDS
    row_bytes: ClassVar[int] = 0

    def __call__(self, batch: pa.RecordBatch) -> BatchResult:
        """Score one batch."""
        return score_batch(self.model, batch, *self.columns)

    def check_names(self, names: list[list[str]]) -> None:
        """Raise for the first pairs of names that cannot be used; there is one."""
        tfs, genes = names
        self.model.vocabulary.resolve_pairs(tfs, genes)

    def fault(self, path: Path, chunk: Chunk, rejected: pa.RecordBatch) -> BadTable:
        """The error of a chunk that has rejected rows."""
        return _fault(self, path, chunk, rejected)


@dataclass(frozen=True)
class RegulatorsTask:
    """List the k likeliest regulators of genes; `columns` is that of genes alone."""

    model: PairScorer
    columns: tuple[str, ...]
    k: int
    search: Mapping[str, Any] = field(default_factory=dict)
    name: ClassVar[str] = "regulators"
    called: ClassVar[str] = "genes"
    example: ClassVar[str] = "GFAP"
    added: ClassVar[pa.Schema] = RANK_FIELDS
    row_bytes: ClassVar[int] = 400

    def __call__(self, batch: pa.RecordBatch) -> BatchResult:
        """Rank for one batch."""
        return regulators_batch(self.model, batch, self.k, *self.columns, **self.search)

    def check_names(self, names: list[list[str]]) -> None:
        """Raise for the first names that cannot be used; there is one."""
        self.model.vocabulary.gene_index(names[0])

    def fault(self, path: Path, chunk: Chunk, rejected: pa.RecordBatch) -> BadTable:
        """The error of a chunk that has rejected rows."""
        return _fault(self, path, chunk, rejected)


def _fault(
    task: ScoreTask | RegulatorsTask, path: Path, chunk: Chunk, rejected: pa.RecordBatch
) -> BadTable:
    """Lacking names are told before others, and all unknown names of the chunk in one message."""
    facts = rejected.to_pylist()
    lacking = [fact for fact in facts if fact["reason"] == FAULTS[NO_NAME]]
    if lacking:
        first = min(lacking, key=lambda fact: task.columns.index(fact["column"]))
        return missing_name(path, first["column"], first["name"], chunk.lines[first["row"]])
    names = [
        [chunk.batch.column(name)[fact["row"]].as_py() for fact in facts] for name in task.columns
    ]
    try:
        task.check_names(names)
    except (UnknownGene, AmbiguousGene, NotARegulator) as error:
        # A gene that is no regulator may well stand in the other column of an earlier row.
        sides = names[:1] if isinstance(error, NotARegulator) else names
        where = next(row for row, pair in enumerate(zip(*sides, strict=True)) if error.name in pair)
        found = BadTable(path, str(error), HINT, chunk.lines[facts[where]["row"]])
        found.__cause__ = error
        return found
    raise AssertionError("a rejected row has a name at fault")
