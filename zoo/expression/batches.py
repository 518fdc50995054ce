"""From a record batch to a record batch: what `zoo predict-expression` does with files.

A row does not depend on the others: however the rows are divided into batches, the same ones come
out, in the same order.
"""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from zoo.expression.control import Control
from zoo.expression.scorer import ExpressionPredictor
from zoo.sets.batches import SetsTask, sets_batch
from zoo.sets.located import Located
from zoo.tables.arrow import BatchResult

CHANGE_FIELDS = pa.schema(
    [
        ("perturbation_symbols", pa.string()),
        ("gene", pa.string()),
        ("change", pa.float32()),
        ("low", pa.float32()),
        ("high", pa.float32()),
        ("measured", pa.float32()),
        ("support", pa.string()),
    ]
)
"""What ExpressionPredictor.predict_expression has; its perturbation is here the first."""


def predict_expression_batch(
    model: ExpressionPredictor,
    batch: pa.RecordBatch,
    column: str = "perturbation",
    control: Any = None,
    top: int | None = None,
) -> BatchResult:
    """Predict the sets of a batch: rows for each gene, or for the `top` most changed ones.

    The `column` has sets as zoo.sets.notation has them; the other columns are carried through and
    repeated, and then come CHANGE_FIELDS. See ExpressionPredictor.predict_expression for the
    options, and zoo.sets.batches for what is raised.
    """
    read = model.unperturbed.read(control)
    listed = model.checked_top(top) or len(model.readouts)
    return sets_batch(
        batch,
        column,
        CHANGE_FIELDS,
        model.located,
        lambda sets: model.answer_of(sets, read).columns(top and listed),
        listed,
    )


@dataclass(frozen=True)
class PredictExpressionTask(SetsTask):
    """Predict sets, `k` genes of each; all of them where `top` is None."""

    control: Control = field(kw_only=True)
    top: int | None = None
    name = "predict-expression"
    example = "KLF1+MAP2K6"
    added = CHANGE_FIELDS
    row_bytes = 400

    def __call__(self, batch: pa.RecordBatch) -> BatchResult:
        """Predict one batch."""
        return predict_expression_batch(self.model, batch, *self.columns, self.control, self.top)

    def located(self, texts: list[str | None]) -> Located:
        """The sets that texts stand for, and what is wrong with the others."""
        return self.model.located(texts)
