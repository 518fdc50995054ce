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
from zoo.pairs.scorer import SUPPORT, PairScorer
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
    ]
)
RANK_FIELDS = pa.schema(
    [
        ("gene_symbol", pa.string()),
        ("rank", pa.int64()),
        ("tf", pa.string()),
        ("score", pa.float32()),
        ("support", pa.string()),
    ]
)
Rows = Int64[np.ndarray, "rows"]


def score_batch(
    model: PairScorer, batch: pa.RecordBatch, tf: str = "tf", gene: str = "gene"
) -> BatchResult:
    """Score the pairs of a batch: one row for each row whose two names can be used.

    The columns `tf` and `gene` hold text or dictionaries of text; the other columns are carried
    through, whatever they hold. Raises ContractViolation for a column that is lacking, holds no
    text, or is called as a new one.
    """
    schema = output_schema(batch.schema, SCORE_FIELDS, (tf, gene))
    tf_at = _positions(batch.column(tf), model.vocabulary.locate_tfs)
    gene_at = _positions(batch.column(gene), model.vocabulary.locate_genes)
    kept = np.flatnonzero((tf_at >= 0) & (gene_at >= 0))
    tf_kept, gene_kept = tf_at[kept], gene_at[kept]
    terms = model.terms(tf_kept, gene_kept)
    added = [
        chosen(model.vocabulary.regulators, tf_kept),
        chosen(model.vocabulary.genes, gene_kept),
        terms.probability,
        terms.pair_specific,
        terms.tf_popularity,
        terms.gene_popularity,
        chosen(SUPPORT, model.support_codes(tf_kept, gene_kept)),
    ]
    scored = joined(schema, rows_of(batch, kept), added)
    return BatchResult(scored, _rejected(batch, {tf: tf_at, gene: gene_at}))


def regulators_batch(
    model: PairScorer, batch: pa.RecordBatch, k: int = 10, gene: str = "gene", **search: Any
) -> BatchResult:
    """List the k likeliest regulators of the genes of a batch: k rows for each usable row.

    Fewer rows where filters leave fewer. The column `gene` holds text or a dictionary of text;
    every column is carried through, repeated k times. `search` has `among`, `exclude`,
    `rerank_with` and the other options of PairScorer.regulators.

    Raises:
        ContractViolation: a column that is lacking, holds no text, or is called as a new one.
        InvalidOption: k is not from 1 to the number of regulators.
        NothingLeft: the filters leave no regulator for some gene.
    """
    schema = output_schema(batch.schema, RANK_FIELDS, (gene,))
    gene_at = _positions(batch.column(gene), model.vocabulary.locate_genes)
    kept = np.flatnonzero(gene_at >= 0)
    distinct, which = np.unique(gene_at[kept], return_inverse=True)
    added: list[Any] = [[] for _ in RANK_FIELDS]
    repeats = np.zeros(len(kept), np.int64)
    if len(distinct):
        names = [model.vocabulary.genes[at] for at in distinct.tolist()]
        ranked = model.regulators(names, k, **search)
        starts = np.flatnonzero(ranked["rank"].to_numpy() == 1)
        listed = np.diff(np.append(starts, len(ranked)))
        repeats = listed[which]
        within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        taken = pa.array(np.repeat(starts[which], repeats) + within)
        added = [
            chosen(model.vocabulary.genes, np.repeat(gene_at[kept], repeats)),
            *(
                pa.array(ranked[name].to_numpy()).take(taken)
                for name in ("rank", "tf", "score", "support")
            ),
        ]
    scored = joined(schema, rows_of(batch, np.repeat(kept, repeats)), added)
    return BatchResult(scored, _rejected(batch, {gene: gene_at}))


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
