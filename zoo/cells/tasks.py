"""What `zoo embed` does with the cells of a file, as zoo.batch takes it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from contracts.errors import InvalidInput
from zoo.batch.tasks import Task
from zoo.cells.counts import counts_of
from zoo.cells.statistics import GeneStatistics
from zoo.cells.written import H5adWriter
from zoo.matrices.files import CELLS, Source
from zoo.matrices.genes import GeneColumns
from zoo.tables.arrow import BatchResult, rejection
from zoo.tables.chunks import Chunk, ending
from zoo.tables.files import FORMATS, H5AD
from zoo.tables.files import writer as table_writer

ENDINGS = (H5AD, *FORMATS)
"""What vectors may be written to."""


@dataclass(frozen=True)
class EmbedTask(Task):
    """Embed cells; to h5ad, with the vectors in obsm[key] beside all that the source has."""

    source: Source = field(kw_only=True)
    genes: GeneColumns = field(kw_only=True)
    statistics: GeneStatistics = field(kw_only=True)
    key: str = field(kw_only=True)
    name = "embed"
    called = "cells"
    example = "a cell"
    most_rows = 1 << 11

    @property
    def added(self) -> pa.Schema:
        """A column a dimension."""
        return pa.schema([(f"dim_{number}", pa.float32()) for number in range(self.model.dim)])

    def __call__(self, batch: pa.RecordBatch) -> BatchResult:
        """Embed one batch."""
        rows = batch.column("row").to_numpy()
        counts = counts_of(self.source.matrix, self.genes, int(rows[0]), int(rows[-1]) + 1)
        vectors = np.concatenate([*self.model.vectors_of(counts, self.genes, self.statistics)])
        columns = [batch.column("cell"), *map(pa.array, vectors.T)]
        scored = pa.RecordBatch.from_arrays(columns, schema=self.schema(batch.schema))
        return BatchResult(scored, rejection(np.zeros(0, np.int64), [], [], []))

    def schema(self, source: pa.Schema) -> pa.Schema:
        """The name of a cell and its vector."""
        return pa.schema([CELLS.field("cell"), *self.added])

    def writer(self, path: Any, draft: Any, schema: pa.Schema) -> Any:
        """What writes vectors to `draft`, in the format that `path` names."""
        if ending(path) != H5AD:
            return table_writer(path, draft, schema)
        about = self.model.about(self.genes)
        shape = (len(self.source.matrix), self.model.dim)
        return H5adWriter(self.source.path, draft, self.key, shape, about)

    def error(self, chunk: Chunk, facts: list[dict[str, Any]]) -> tuple[int, InvalidInput]:
        """No cell is rejected: one that cannot be used ends the run."""
        raise AssertionError("no cell is rejected")
