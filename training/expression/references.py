"""What predictions are read beside: the noise of the truth, and the error of every perturbation.

Nothing here fits a model, so that predictions of others are scored without torch.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from jaxtyping import Float64

from training.data.expression import ExpressionData
from training.data.profiles import OUT
from training.expression.measures import l2, per_row
from training.expression.questions import Asked, most_expressed
from training.scoring.measures import Values
from training.scoring.question import Ask, Question
from training.scoring.table import ENTRY, ModelInfo, Series

NOISE = "noise"
HALVES = ModelInfo(title="Noise: one half of the cells against the other", kind="reference")
NO_CHANGE, ADDITIVE = "No change", "Additive model"
"""What tables call baselines, wherever they stand."""
SPLITS = 50
"""Splits of the cells into halves that the noise is averaged over."""
ERRORS = "errors"


def noise(data: ExpressionData) -> Ask:
    """Halves of the very cells that are asked about; see training.expression.measures."""

    def ask(question: Question) -> Values:
        about: Asked = question.about
        found = []
        for fold in about.folds:
            rows = [data.profiles.place[genes] for genes in fold.test.sets]
            halves = _halves(data, question.protocol, fold.batch)[:, :, rows]
            found.append(halves - fold.test.control[about.columns])
        return np.concatenate(found, axis=2).transpose(2, 0, 1, 3)

    return ask


@lru_cache(maxsize=8)
def _halves(
    data: ExpressionData, kind: str, batch: str
) -> Float64[np.ndarray, "splits 2 sets readouts"]:
    """Means of halves of the cells of each perturbation, of one batch if it is named."""
    source = data.source
    code = np.where(data.labels[kind] == batch, source.code, OUT) if batch else source.code
    return source.halves(code, range(SPLITS), most_expressed(data.profiles.control))


def errors(question: Question, answers: Mapping[str, Values]) -> Series:
    """A row a perturbation: its name, and the L2 of every model."""
    columns = {name: per_row(l2, question.label, each) for name, each in answers.items()}
    names = question.facts["perturbations"]
    rows = [[name, *map(float, each)] for name, *each in zip(names, *columns.values(), strict=True)]
    return Series(
        protocol=question.protocol,
        question=question.name,
        model=ENTRY,
        kind=ERRORS,
        columns=["perturbation", *columns],
        rows=rows,
    )
