"""From a record batch to a record batch: what `zoo score` and `zoo regulators` do with files.

Two pure functions over Arrow, without files and without state, so that a distributed engine can
call them as the command does; the third one is zoo.perturbations.batches.predict_batch:

    model = zoo.load("two_tower-brain")
    spark_frame.mapInArrow(lambda some: (score_batch(model, one).scored for one in some), schema)
    ray_dataset.map_batches(score, batch_format="pyarrow")

A row does not depend on the others: however the rows are divided into batches, the same ones come
out, in the same order. Each distinct name of a batch is resolved once.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Int64

from contracts.genes.faults import NO_NAME, REASONS
from zoo.pairs.answers import Column, Words
from zoo.pairs.ranking import COLUMNS
from zoo.pairs.scorer import PairScorer
from zoo.tables.arrow import (
    BatchResult,
    chosen,
    distinct,
    joined,
    output_schema,
    rejection,
    rows_of,
    taken,
)
from zoo.tables.columns import is_name

SCORE_FIELDS = pa.schema(
    [
        ("tf_symbol", pa.string()),
        ("gene_symbol", pa.string()),
        ("score", pa.float32()),
        ("pair_specific", pa.float32()),
        ("tf_popularity", pa.float32()),
        ("gene_popularity", pa.float32()),
        ("support", pa.string()),
        ("known", pa.string()),
        ("references", pa.int64()),
        ("tf_edges", pa.int64()),
        ("gene_edges", pa.int64()),
        ("activates", pa.float32()),
        ("uncertainty", pa.float32()),
        ("verdict", pa.string()),
    ]
)
"""What scoring adds to a table, where the entry has it: see `fields_of`."""
RANK_FIELDS = pa.schema(
    [
        ("gene_symbol", pa.string()),
        ("rank", pa.int64()),
        ("tf", pa.string()),
        *(SCORE_FIELDS.field(name) for name in COLUMNS),
    ]
)
Rows = Int64[np.ndarray, "rows"]


def fields_of(model: PairScorer, fields: pa.Schema) -> pa.Schema:
    """Those of SCORE_FIELDS or RANK_FIELDS that an entry fills."""
    there = {"rank", "tf_symbol", "gene_symbol", *model.evidence.names}
    return pa.schema([field for field in fields if field.name in there])


def score_batch(
    model: PairScorer,
    batch: pa.RecordBatch,
    tf: str = "tf",
    gene: str = "gene",
    prior: float | None = None,
) -> BatchResult:
    """Score the pairs of a batch: one row for each row whose two names can be used.

    The columns `tf` and `gene` hold text or dictionaries of text; the other columns are carried
    through, whatever they hold; `prior` is as for PairScorer.score. Raises ContractViolation for a
    column that is lacking, holds no text, or is called as a new one.
    """
    fields = fields_of(model, SCORE_FIELDS)
    schema = output_schema(batch.schema, fields, (tf, gene))
    tf_at = _positions(batch.column(tf), model.vocabulary.locate_tfs)
    gene_at = _positions(batch.column(gene), model.vocabulary.locate_genes)
    kept = np.flatnonzero((tf_at >= 0) & (gene_at >= 0))
    at = tf_at[kept], gene_at[kept]
    names = [name.removesuffix("_symbol") for name in fields.names]
    columns = model.evidence.columns(*at, model.terms(*at).at(prior), names)
    scored = joined(schema, rows_of(batch, kept), [_arrow(one) for one in columns.values()])
    return BatchResult(scored, _rejected(batch, {tf: tf_at, gene: gene_at}))


def regulators_batch(
    model: PairScorer, batch: pa.RecordBatch, k: int = 10, gene: str = "gene", **search: Any
) -> BatchResult:
    """List the k likeliest regulators of the genes of a batch: k rows for each usable row.

    Fewer rows where filters leave fewer, and none for a gene without a known regulator where
    known="only". The column `gene` holds text or a dictionary of text;
    every column is carried through, repeated k times. `search` has `by`, `known`,
    `among`, `rerank_with` and the other options of PairScorer.regulators.

    Raises:
        ContractViolation: a column that is lacking, holds no text, or is called as a new one.
        InvalidOption: k is not from 1 to the number of regulators.
        NothingLeft: the filters leave no regulator for some gene.
    """
    fields = fields_of(model, RANK_FIELDS)
    schema = output_schema(batch.schema, fields, (gene,))
    gene_at = _positions(batch.column(gene), model.vocabulary.locate_genes)
    kept = np.flatnonzero(gene_at >= 0)
    distinct, which = np.unique(gene_at[kept], return_inverse=True)
    added: list[Any] = [[] for _ in fields]
    repeats = np.zeros(len(kept), np.int64)
    if len(distinct):
        names = [model.vocabulary.genes[at] for at in distinct.tolist()]
        ranked = model.regulators(names, k, **search)
        listed = ranked["gene"].value_counts().reindex(names, fill_value=0).to_numpy()
        starts = np.cumsum(listed) - listed
        repeats = listed[which]
        within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        taken = pa.array(np.repeat(starts[which], repeats) + within)
        columns = (ranked[name.removesuffix("_symbol")] for name in fields.names)
        added = [pa.array(column.to_numpy()).take(taken) for column in columns]
    scored = joined(schema, rows_of(batch, np.repeat(kept, repeats)), added)
    return BatchResult(scored, _rejected(batch, {gene: gene_at}))


def _arrow(column: Column) -> Any:
    """A column of words as text; one of numbers as it is."""
    return chosen(column.words, column.codes) if isinstance(column, Words) else column


def _positions(column: pa.Array, locate: Callable[[list[str]], Rows]) -> Rows:
    """Position of each row's name, or the number of its fault: every distinct name once."""
    names, rows = distinct(column)
    usable = [number for number, name in enumerate(names) if is_name(name)]
    found = np.full(len(names), NO_NAME, dtype=np.int64)
    found[usable] = locate([names[number] for number in usable])
    return found[rows]


def _rejected(batch: pa.RecordBatch, columns: dict[str, Rows]) -> pa.RecordBatch:
    """The rows with a fault and the first one of each; a lacking name goes before all others."""
    faults = np.stack(list(columns.values()))
    rows = np.flatnonzero((faults < 0).any(axis=0))
    some = faults[:, rows]
    at_fault = np.where((some == NO_NAME).any(axis=0), some == NO_NAME, some < 0).argmax(axis=0)
    names = [taken(batch.column(name), rows).to_pylist() for name in columns]
    sides, places = list(columns), list(enumerate(at_fault.tolist()))
    return rejection(
        rows,
        [sides[side] for _, side in places],
        [names[side][number] for number, side in places],
        [REASONS[int(some[side, number])] for number, side in places],
    )
