"""Figures of answers to one question: intervals, and how far the first model is ahead of the rest.

The only place where a figure, its interval and a paired difference are made.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from training.scoring import bootstrap
from training.scoring.bootstrap import Bootstrap, interval
from training.scoring.measures import Measure, Observed, Values
from training.scoring.question import Question
from training.scoring.ranking import quotient
from training.scoring.table import ENTRY

Row = dict[str, Any]
"""Columns of one row of the table; see training.scoring.table."""


def resamples(question: Question) -> int:
    """How often the units of a question are drawn; 0 where they are too few."""
    return bootstrap.RESAMPLES // question.fewer if question.drawn else 0


def observe(question: Question, answers: Mapping[str, Values], stage: str) -> Iterator[Row]:
    """Rows of every model and measure; of all models but the first with the first's lead on it.

    A figure that is not defined, of a constant say, has no row.
    """
    draws = Bootstrap.of(
        question.units, question.fixed, question.strata, resamples=resamples(question)
    )
    found = {
        measure.name: dict(
            zip(answers, measured(measure, question, list(answers.values()), draws), strict=True)
        )
        for measure in question.measures
    }
    first = next(iter(answers))
    key: Row = {"stage": stage, "protocol": question.protocol, "question": question.name}
    for model in answers:
        for measure, of in found.items():
            if not _defined(of[model]):
                continue
            row = key | {"model": model, "measure": measure, "n": len(question.rows)}
            row |= _figure(of[model], ("value", "low", "high"), question)
            gap = _less(of[first], of[model])
            if model != first and _defined(gap):
                row |= _figure(gap, ("gap", "gap_low", "gap_high"), question)
            yield row


def by_fold(question: Question, values: Values, stage: str) -> Iterator[Row]:
    """The entry's figures in each fold of a rotation, without intervals."""
    key: Row = {"stage": stage, "protocol": question.protocol, "question": question.name}
    for number, part in enumerate(question.folds):
        own, draws = values[question.fold == number], Bootstrap.of(part.units, resamples=1)
        for measure in question.measures:
            ((value, _),) = measure.of(part.label, [own], draws)
            row = key | {"model": ENTRY, "measure": measure.name, "n": len(own)}
            yield row | {"fold": str(number), "value": value}


def measured(
    measure: Measure,
    question: Question,
    predictions: Sequence[Values],
    draws: Bootstrap,
    rows: np.ndarray | None = None,
) -> list[Observed]:
    """A measure of all models on a question, or on some of its `rows`: the mean over its folds.

    Predictions and draws are those of the rows. A fold in which a figure is not defined has no part
    in the mean, and the same folds are taken for all models.
    """
    taken = slice(None) if rows is None else rows
    label = question.label[taken]
    if not question.folds:
        return measure.of(label, predictions, draws)
    fold = question.fold[taken]
    parts = [
        measure.of(label[at], [each[at] for each in predictions], draws.take(at))
        for at in (np.flatnonzero(fold == one) for one in np.unique(fold))
    ]
    found = []
    for models in zip(*parts, strict=True):
        value = _mean(np.array([[value] for value, _ in models]))
        found.append((float(value[0]), _mean(np.stack([drawn for _, drawn in models]))))
    return found


def _mean(values: Float[np.ndarray, "folds figures"]) -> Float[np.ndarray, "figures"]:
    """The mean over folds of what is defined."""
    there = np.isfinite(values)
    return quotient(np.where(there, values, 0.0).sum(0), there.sum(0).astype(np.float64))


def _less(one: Observed, other: Observed) -> Observed:
    """One less the other, resample by resample."""
    return one[0] - other[0], one[1] - other[1]


def _defined(observed: Observed) -> bool:
    return bool(np.isfinite(observed[0]) and np.isfinite(observed[1]).any())


def _figure(observed: Observed, names: tuple[str, ...], question: Question) -> Row:
    """A figure and its interval, where units are drawn."""
    digits = question.digits
    values = (observed[0], *(interval(observed[1]) if question.drawn else ()))
    short = (each if digits is None else float(f"{each:.{digits}g}") for each in values)
    return dict(zip(names, short, strict=False))
