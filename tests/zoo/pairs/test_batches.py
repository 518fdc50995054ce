"""Record batch in, record batch out: the truth row by row, however the rows are divided."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zoo
from contracts.errors import ContractViolation, InvalidOption
from tests import tiny
from zoo.pairs.batches import (
    RANK_FIELDS,
    SCORE_FIELDS,
    BatchResult,
    regulators_batch,
    score_batch,
)
from zoo.pairs.scorer import PairScorer
from zoo.store import folders
from zoo.tables.arrow import REJECTED

GOOD = {"SOX2": 4, "anop3": 4, "PAX6": 3, " sox9 ": 5}
"""Names of regulators and their positions among the regulators of the tiny entries."""
TARGETS = {"GFAP": 1, "HGNC:6839": 2, "ENSG00000131095.3": 1, "MBP": 3}
BAD_TFS = {
    "GFAP": "not-a-regulator",
    "FOO": "unknown-gene",
    "TWIN": "ambiguous-gene",
    None: "no-name",
    "NaN": "no-name",
    " ": "no-name",
}
BAD_GENES = {name: reason for name, reason in BAD_TFS.items() if name != "GFAP"}
ROWS = st.lists(
    st.tuples(st.sampled_from([*GOOD, *BAD_TFS]), st.sampled_from([*TARGETS, *BAD_GENES])),
    max_size=30,
)


@pytest.fixture(scope="module")
def model(tiny_root: Any) -> Iterator[PairScorer]:
    yield zoo.load(zoo.register(tiny_root / tiny.TABLE), device="cpu")
    folders._registered.pop(tiny.TABLE)


def batch_of(rows: list, kind: pa.DataType | None = None) -> pa.RecordBatch:
    """The rows, with their numbers as a third column."""
    kind = kind or pa.string()
    sides = [pa.array([row[side] for row in rows], pa.string()).cast(kind) for side in (0, 1)]
    return pa.record_batch(
        {"n": pa.array(range(len(rows)), "int64"), "tf": sides[0], "gene": sides[1]}
    )


def reasons(tf: str | None, gene: str | None) -> tuple[str, str] | None:
    """The truth: the column at fault and why, a lacking name first; None for a good row."""
    faults = [("tf", BAD_TFS.get(tf)), ("gene", BAD_GENES.get(gene))]
    told = [(side, why) for side, why in faults if why]
    lacking = [fault for fault in told if fault[1] == "no-name"]
    return next(iter(lacking + told), None)


@given(rows=ROWS)
def test_every_row_is_scored_or_rejected_with_its_reason(model: PairScorer, rows: list):
    result = score_batch(model, batch_of(rows))
    good = [n for n, row in enumerate(rows) if reasons(*row) is None]
    assert result.scored.column("n").to_pylist() == good
    assert result.scored.schema.names == ["n", "tf", "gene", *SCORE_FIELDS.names]
    at = [(GOOD[rows[n][0]], TARGETS[rows[n][1]]) for n in good]
    truth = [tiny.probabilities(tiny.TABLE)[pair] for pair in at]
    np.testing.assert_allclose(result.scored.column("score").to_numpy(), truth, atol=1e-6)
    symbols = [tiny.REGULATORS[tf] for tf, _ in at]
    assert result.scored.column("tf_symbol").to_pylist() == symbols
    assert result.scored.column("gene_symbol").to_pylist() == [tiny.GENES[gene] for _, gene in at]
    assert result.rejected.schema == REJECTED
    told = result.rejected.to_pylist()
    bad = {n: reasons(*row) for n, row in enumerate(rows) if reasons(*row)}
    assert {row["row"]: (row["column"], row["reason"]) for row in told} == bad
    assert all(row["name"] == rows[row["row"]][row["column"] == "gene"] for row in told)


def divided(batch: pa.RecordBatch, cuts: list[int]) -> list[pa.RecordBatch]:
    places = [0, *sorted(min(cut, batch.num_rows) for cut in cuts), batch.num_rows]
    return [batch.slice(start, stop - start) for start, stop in pairwise(places)]


@given(rows=ROWS, cuts=st.lists(st.integers(0, 30), max_size=5), ranked=st.booleans())
def test_any_division_into_batches_gives_the_same_rows_in_the_same_order(
    model: PairScorer, rows: list, cuts: list[int], ranked: bool
):
    def ask(some: pa.RecordBatch) -> BatchResult:
        some = some.drop_columns(["tf"]) if ranked else some
        return regulators_batch(model, some, 3) if ranked else score_batch(model, some)

    whole = ask(batch_of(rows))
    pieces = divided(batch_of(rows), cuts)
    results = [ask(piece) for piece in pieces]
    joined = pa.Table.from_batches([result.scored for result in results])
    assert joined.equals(pa.Table.from_batches([whole.scored]))
    starts = np.cumsum([0, *(piece.num_rows for piece in pieces)])
    placed = [
        {**row, "row": row["row"] + int(start)}
        for result, start in zip(results, starts, strict=False)
        for row in result.rejected.to_pylist()
    ]
    assert placed == whole.rejected.to_pylist()


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int32(), pa.large_string()),
    ],
    ids=str,
)
def test_every_kind_of_text(model: PairScorer, kind: pa.DataType):
    rows = [("SOX2", "GFAP"), (None, "GFAP"), ("PAX6", "MBP"), ("SOX2", "FOO")]
    plain, other = (score_batch(model, batch_of(rows, some)) for some in (pa.string(), kind))
    names = ["n", *SCORE_FIELDS.names]
    assert other.scored.select(names).equals(plain.scored.select(names))
    assert other.scored.schema.field("tf").type == kind
    assert other.rejected.equals(plain.rejected)


def test_a_dictionary_with_a_null_and_a_name_twice(model: PairScorer):
    tf = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None]), ["SOX2", None, "SOX2"])
    batch = pa.record_batch({"tf": tf, "gene": ["GFAP"] * 4})
    result = score_batch(model, batch)
    assert result.scored.column("tf_symbol").to_pylist() == ["SOX2", "SOX2"]
    assert result.rejected.column("row").to_pylist() == [1, 3]


def test_each_distinct_name_is_resolved_once(model: PairScorer, monkeypatch: pytest.MonkeyPatch):
    asked: list[list[str]] = []
    locate = type(model.vocabulary).locate_tfs

    def noted(self: Any, names: list[str]) -> Any:
        asked.append(names)
        return locate(self, names)

    monkeypatch.setattr(type(model.vocabulary), "locate_tfs", noted)
    score_batch(model, batch_of([("SOX2", "GFAP"), ("PAX6", "MBP")] * 50))
    assert asked == [["SOX2", "PAX6"]]


def test_regulators_of_each_row_are_those_of_the_gene_alone(model: PairScorer):
    genes = ["MBP", "GFAP", "MBP", "TWIN", "HGNC:4235"]
    batch = pa.record_batch({"gene": genes, "note": [[1], None, [2, 3], [], [4]]})
    result = regulators_batch(model, batch, 2)
    assert result.scored.schema.names == ["gene", "note", *RANK_FIELDS.names]
    table = result.scored.to_pylist()
    alone = model.regulators(["MBP", "GFAP", "MBP", "GFAP"], k=2)
    assert [row["tf"] for row in table] == alone["tf"].tolist()
    assert [row["rank"] for row in table] == [1, 2] * 4
    assert [row["gene_symbol"] for row in table] == alone["gene"].tolist()
    assert [row["note"] for row in table[2:6]] == [None, None, [2, 3], [2, 3]]
    order = np.argsort(-tiny.logits(tiny.TABLE)[:, 3], kind="stable")
    assert [row["tf"] for row in table[:2]] == [tiny.REGULATORS[at] for at in order[:2]]
    assert result.rejected.to_pylist() == [
        {"row": 3, "column": "gene", "name": "TWIN", "reason": "ambiguous-gene"}
    ]


@pytest.mark.parametrize("k", [0, 7, -1])
def test_k_out_of_range(model: PairScorer, k: int):
    with pytest.raises(InvalidOption, match=f"k={k}"):
        regulators_batch(model, pa.record_batch({"gene": ["GFAP"]}), k)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"tf": ["SOX2"]}, "column 'gene': got 0 of them, expected one"),
        ({"tf": [1], "gene": ["GFAP"]}, "column 'tf': got int64, expected text"),
        ({"tf": ["SOX2"], "gene": ["GFAP"], "score": [1]}, "column 'score': got one that the"),
    ],
)
def test_a_batch_that_cannot_be_scored(model: PairScorer, columns: dict, message: str):
    with pytest.raises(ContractViolation, match=message):
        score_batch(model, pa.record_batch(columns))


def test_the_batch_and_its_metadata_stay_as_they_were(model: PairScorer):
    batch = batch_of([("SOX2", "GFAP")]).replace_schema_metadata({"pandas": "{}"})
    before = batch.to_pylist()
    assert score_batch(model, batch).scored.schema.metadata is None
    assert (batch.to_pylist(), batch.schema.metadata) == (before, {b"pandas": b"{}"})
