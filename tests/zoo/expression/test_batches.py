"""Record batches of sets, however they are divided."""

import numpy as np
import pyarrow as pa
import pytest

from contracts.errors import ContractViolation, InvalidOption
from tests import tiny_expression as toy
from zoo.expression.batches import CHANGE_FIELDS, predict_expression_batch
from zoo.sets import batches

SETS = ["KLF1+MEK3", "FOO", "wildtype", "KLF1+KLF1", "", None, "KLF1|MAP2K6", "KLF1+MEK3"]
GOOD = {0: (0, 1), 2: (), 4: (), 6: (0, 2), 7: (0, 1)}
REASONS = {1: "unknown-gene", 3: "gene-twice", 5: "no-name"}


def batch_of(sets: list[str | None]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"n": range(len(sets)), "perturbation": sets})


@pytest.mark.parametrize("slice_rows", [1, 20, 1000])
@pytest.mark.parametrize("top", [None, 3])
def test_every_usable_row_has_its_genes(
    model, monkeypatch: pytest.MonkeyPatch, top: int | None, slice_rows: int
):
    monkeypatch.setattr(batches, "SLICE", slice_rows)
    found = predict_expression_batch(model, batch_of(SETS), control=toy.CONTROL / 2, top=top)
    listed = top or toy.R
    scored = found.scored.to_pandas()
    assert list(scored.columns) == ["n", "perturbation", *CHANGE_FIELDS.names]
    assert scored["n"].tolist() == np.repeat([*GOOD], listed).tolist()
    whole = toy.change(GOOD.values(), toy.CONTROL / 2)
    at = [toy.GENES_READ.index(gene) for gene in scored["gene"]]
    rows = np.repeat(np.arange(len(GOOD)), listed)
    np.testing.assert_array_equal(scored["change"], whole[rows, at])
    rejected = found.rejected.to_pylist()
    assert {row["row"]: row["reason"] for row in rejected} == REASONS


def test_what_no_batch_can_answer(model):
    with pytest.raises(ContractViolation, match="column 'sets': got 0 of them"):
        predict_expression_batch(model, batch_of(SETS), "sets")
    with pytest.raises(ContractViolation, match="one that the result will have as well"):
        predict_expression_batch(model, batch_of(SETS).rename_columns(["gene", "perturbation"]))
    with pytest.raises(InvalidOption, match="top=0"):
        predict_expression_batch(model, batch_of(SETS), top=0)
