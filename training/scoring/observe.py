"""Figures of answers to one question: intervals, and how far the first model is ahead of the rest.

The only place where a figure, its interval and a paired difference are made.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from training.scoring import bootstrap
from training.scoring.bootstrap import Bootstrap, interval
from training.scoring.measures import Observed, Values
from training.scoring.question import Question

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
            zip(answers, measure.of(question.label, list(answers.values()), draws), strict=True)
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
