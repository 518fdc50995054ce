"""One protocol's figures: the entry's, every rival's, and the paired differences between them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float64

from training.data.perturbations import PerturbationData
from training.perturbations import metrics
from training.perturbations.baselines import Answer, Rung, orders
from training.perturbations.metrics import Figures, GeneDraws
from training.perturbations.questions import DERIVED, DESCRIPTIONS, SMALLEST, Question

Values = Float64[np.ndarray, "sets"]

OWN = "entry"
CIRCULAR = "multiplicative"
"""Derived fitness is epsilon plus the product that this model predicts."""
ESTIMATED = "multiplicative_estimated"
"""The entry's own expectation, asked for fitness alone: what is left of it without interactions."""
ABLATIONS = (ESTIMATED,)
"""Rows of the ladder that are made of the entry, so that they are no rivals."""
BINS, BINNED = 10, 100
"""Bins of equal size by prediction, and the fewest sets that are binned."""
TAILS = (10, 90)


@dataclass(frozen=True)
class Model:
    """What answers questions: an entry, or a baseline of the ladder."""

    title: str
    answer: Rung


Answers = dict[str, Answer]
"""What one model says of the sets of every question, by the question's name."""


def answers(data: PerturbationData, questions: tuple[Question, ...], model: Model) -> Answers:
    """Ask a model all questions of a protocol."""
    return {
        question.name: model.answer(data.records.members[question.rows], question.source)
        for question in questions
    }


def value(question: Question, answer: Answer) -> Values:
    """The quantity that a question is about."""
    return answer.fitness if question.of_fitness else answer.interaction


def measured(
    data: PerturbationData,
    question: Question,
    given: Mapping[str, Answers],
    resamples: int | None = None,
) -> dict[str, Figures]:
    """Figures of every model, all from the same resamples of genes."""
    members = data.records.members[question.rows]
    draws = GeneDraws.of(members, resamples=resamples or metrics.RESAMPLES)
    predictions = {name: value(question, each[question.name]) for name, each in given.items()}
    return metrics.figures(question.label(data.records), predictions, draws, question.measures)


def protocol_body(
    protocol: str,
    data: PerturbationData,
    questions: tuple[Question, ...],
    own: Answers,
    rivals: Mapping[str, tuple[str, Answers]],
) -> dict[str, Any]:
    """What evaluation.json holds of one protocol; `rivals` are titles and answers."""
    return {
        "kind": "perturbations",
        "description": DESCRIPTIONS[protocol],
        "resampled_by": "gene",
        "questions": {
            question.name: _question_body(data, question, own, rivals) for question in questions
        },
    }


def _question_body(
    data: PerturbationData,
    question: Question,
    own: Answers,
    rivals: Mapping[str, tuple[str, Answers]],
) -> dict[str, Any]:
    asked = {name: each for name, each in rivals.items() if question.name in each[1]}
    members, symbols = data.records.members[question.rows], data.vocabulary.genes
    body = {
        "source": question.source,
        "quantity": question.quantity,
        "share": round(len(members) / int((data.records.source == question.source).sum()), 4),
        "order": int(orders(members).max()),
        "genes": len(np.unique(members[members >= 0])),
        "queries": [symbols[gene] for gene in metrics.queries(members).tolist()],
        "circular": _circular(question, asked),
        "binned": _binned(question.label(data.records), value(question, own[question.name])),
    }
    if question.of_fitness:
        body["complete"] = _complete(data, question, own, asked)
    return body | _figures(data, question, own, asked)


def _figures(
    data: PerturbationData,
    question: Question,
    own: Answers,
    rivals: Mapping[str, tuple[str, Answers]],
) -> dict[str, Any]:
    """Figures of the entry and of all rivals, and which of these is best in each measure."""
    given = {OWN: own} | {name: theirs for name, (_, theirs) in rivals.items()}
    found = measured(data, question, given)
    mine = found.pop(OWN)
    return {
        "sets": len(question.rows),
        "metrics": metrics.records(mine),
        "ladder": {
            name: {
                "title": rivals[name][0],
                "metrics": metrics.records(theirs),
                "difference": metrics.difference(mine, theirs),
            }
            for name, theirs in found.items()
        },
        "best": _best(found, question.measures),
    }


def _complete(
    data: PerturbationData,
    question: Question,
    own: Answers,
    rivals: Mapping[str, tuple[str, Answers]],
) -> dict[str, Any]:
    """The number of sets of which every single mutant was measured.

    And, where they are enough, the figures of entry and multiplicative model on these alone: the
    model has no more than an average for a gene that was not measured.
    """
    members = data.records.members[question.rows]
    kept = ((members < 0) | np.isfinite(data.single_fitness)[members]).all(axis=1)
    if kept.sum() < SMALLEST:
        return {"sets": int(kept.sum())}
    there = {CIRCULAR: rivals[CIRCULAR]} if CIRCULAR in rivals else {}
    some = replace(question, rows=question.rows[kept])
    return _figures(
        data,
        some,
        _taken(own, question, kept),
        {name: (title, _taken(each, question, kept)) for name, (title, each) in there.items()},
    )


def _taken(given: Answers, question: Question, kept: np.ndarray) -> Answers:
    """What a model says of some of a question's sets."""
    answer = given[question.name]
    return {question.name: Answer(answer.interaction[kept], answer.fitness[kept])}


def _circular(question: Question, rivals: Mapping[str, Any]) -> list[str]:
    """Rivals whose prediction is part of the label."""
    derived = question.quantity.endswith(DERIVED)
    return [name for name in rivals if derived and name.startswith(CIRCULAR)]


def _best(found: Mapping[str, Figures], measures: tuple[str, ...]) -> dict[str, str]:
    """The rival that does best in each measure, chosen with hindsight in its favour."""
    best: dict[str, str] = {}
    rivals = {name: figures for name, figures in found.items() if name not in ABLATIONS}
    for measure in measures:
        for name, figures in rivals.items():
            own = figures[measure][0]
            than = best.get(measure)
            if np.isfinite(own) and (
                than is None or metrics.better(measure, own, found[than][measure][0])
            ):
                best[measure] = name
    return best


def _binned(label: Values, prediction: Values) -> list[list[float | int]]:
    """Mean prediction, mean label, its 10th and 90th percentile and the sets of each bin."""
    if len(label) < BINNED or not np.ptp(prediction):
        return []
    order = np.argsort(prediction, kind="stable")
    return [
        [
            *(round(float(v), 5) for v in (prediction[rows].mean(), label[rows].mean())),
            *(round(float(v), 5) for v in np.percentile(label[rows], TAILS)),
            len(rows),
        ]
        for rows in np.array_split(order, BINS)
    ]
