"""From a record batch to a record batch: what `zoo predict` does with files.

As the functions of zoo.pairs.batches, one for distributed engines, too:

    model = zoo.load("cls_transformer-yeast")
    spark_frame.mapInArrow(lambda some: (predict_batch(model, one).scored for one in some), schema)

A row does not depend on the others: however the rows are divided into batches, the same ones come
out, in the same order.
"""

from dataclasses import dataclass

import pyarrow as pa

from zoo.perturbations.scorer import PerturbationScorer
from zoo.sets.batches import SetsTask, sets_batch
from zoo.sets.located import Located, located, read_cells
from zoo.tables.arrow import BatchResult

PREDICT_FIELDS = pa.schema(
    [
        ("perturbation_symbols", pa.string()),
        ("perturbation_names", pa.string()),
        ("fitness", pa.float32()),
        ("gene_interaction", pa.float32()),
        ("expectation", pa.float32()),
        ("expectation_basis", pa.string()),
        ("support", pa.string()),
    ]
)
"""What PerturbationScorer.predict has; its perturbation and names are here the first two."""


def predict_batch(
    model: PerturbationScorer,
    batch: pa.RecordBatch,
    column: str = "perturbation",
    allow_unseen: bool = False,
) -> BatchResult:
    """Predict the sets of a batch: one row for each row whose set can be used.

    The `column` has sets as zoo.sets.notation has them, text or a dictionary of text; the
    other columns are carried through, whatever they hold, and then come PREDICT_FIELDS. With
    `allow_unseen`, sets with a kind that training has not seen are NaN, and not rejected. The
    reasons of `rejected` are those of contracts.genes.vocabulary.REASONS and of
    zoo.sets.located.

    Raises ContractViolation for a column that is lacking, holds no text, or is called as a new one.
    """
    return sets_batch(
        batch,
        column,
        PREDICT_FIELDS,
        lambda texts: _located(model, texts, allow_unseen),
        lambda sets: model.predicted_of(sets).columns(),
    )


@dataclass(frozen=True)
class PredictTask(SetsTask):
    """Predict sets; `columns` is that of the sets alone."""

    allow_unseen: bool = False
    name = "predict"
    added = PREDICT_FIELDS

    def __call__(self, batch: pa.RecordBatch) -> BatchResult:
        """Predict one batch."""
        return predict_batch(self.model, batch, *self.columns, allow_unseen=self.allow_unseen)

    def located(self, texts: list[str | None]) -> Located:
        """The sets that texts stand for, and what is wrong with the others."""
        return _located(self.model, texts, self.allow_unseen)


def _located(model: PerturbationScorer, texts: list[str | None], allow_unseen: bool) -> Located:
    """The sets that texts stand for, and what is wrong with the others."""
    kinds = None if allow_unseen else model.evidence.trained_kinds
    return located(read_cells(texts, True), model.vocabulary, model.members_limit, kinds)
