"""How entries and baselines answer, and what is told beside the figures."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64

from training.data.expression import ExpressionData
from training.expression import fits
from training.expression.fits import Fit
from training.expression.folds import Fold
from training.expression.measures import CHANGE, DEVIATION, TRUTH
from training.expression.questions import FEWEST, Asked
from training.expression.references import errors
from training.family import Ground, Notes
from training.scoring.measures import Values
from training.scoring.question import Ask, Question

COLUMNS = ("perturbation", "gene", "measured", "predicted", "deviation")
ENOUGH = 0.5
"""The share of perturbations that a model must answer to be compared."""


def asking(fit: Fit, data: ExpressionData, seed: int) -> Ask:
    """A model that is fitted on the training part of every fold of a question."""

    def ask(question: Question) -> Values:
        about: Asked = question.about
        return np.concatenate([_answer(fit, data, seed, about, fold) for fold in about.folds])

    return ask


def _answer(
    fit: Fit, data: ExpressionData, seed: int, about: Asked, fold: Fold
) -> Float64[np.ndarray, "rows 2 readouts"]:
    response = fit(fold.train, data, seed)
    of_batch = response.change if fold.batch else response.against
    change = of_batch(fold.test.sets, fold.test.control)
    return np.stack([change, response.deviation(fold.test.sets)], axis=1)[:, :, about.columns]


def entry_asking(ground: Ground, scorer: Any) -> Ask:
    """An entry, which answers by fitting its architecture on each fold.

    What ships was fitted on everything. Raises MissingData where its imported vectors are gone.
    """
    manifest = scorer.manifest
    return asking(fits.of_entry(manifest), ground.data, manifest.seeds[0])


def answer(ground: Ground, question: Question, scorer: Any) -> pd.DataFrame:
    """A row a perturbation and readout gene: the change that was measured and the predicted one."""
    data, about = ground.data, question.about
    predicted = entry_asking(ground, scorer)(question)
    names, genes = map(data.set_name, about.sets), np.array(data.readouts.genes)[about.columns]
    return pd.DataFrame(
        {
            "perturbation": np.repeat(list(names), len(genes)),
            "gene": np.tile(genes, len(about.sets)),
            "measured": question.label[:, TRUTH].ravel(),
            "predicted": predicted[:, CHANGE].ravel(),
            "deviation": predicted[:, DEVIATION].ravel(),
        }
    )


def values(question: Question, table: pd.DataFrame) -> Float64[np.ndarray, "rows 2 readouts"]:
    """The change and its deviation of every row of a question."""
    stacked = table[["predicted", "deviation"]].to_numpy()
    return stacked.reshape(len(question.rows), -1, 2).swapaxes(1, 2)


def comparable(
    question: Question, answers: Mapping[str, Values]
) -> tuple[Question, dict[str, np.ndarray]] | None:
    """The perturbations that every model answers; None where the first answers too few.

    A model that answers fewer than half of them is left out. Both are counted among the facts.
    """
    there = {name: np.isfinite(_changes(each)).all(axis=1) for name, each in answers.items()}
    able = {name: each for name, each in there.items() if each.mean() >= ENOUGH}
    rows = np.logical_and.reduce(list(able.values()) or [np.zeros(len(question.rows), bool)])
    if next(iter(answers)) not in able or not rows.any():
        return None
    names = np.array(question.facts["perturbations"])
    facts = question.facts | {
        "perturbations": names[rows].tolist(),
        "dropped": int((~rows).sum()),
        "without_answer": [name for name in answers if name not in able],
    }
    some = replace(
        question,
        rows=question.rows[rows],
        label=question.label[rows],
        units=question.units[rows],
        facts=facts,
        drawn=bool(rows.sum() >= FEWEST),
    )
    return some, {name: answers[name][rows] for name in able}


def _changes(values: Values) -> Values:
    """The changes of every row, whatever the model says of their deviation."""
    changes = values[:, CHANGE] if values.ndim == 3 else values
    return changes.reshape(len(values), -1)


def notes(
    ground: Ground,
    question: Question,
    table: pd.DataFrame,
    answers: Mapping[str, Values],
    best: str | None,
) -> Notes:
    """The distance of every model from the truth, perturbation by perturbation."""
    return Notes(series=[errors(question, answers)])
