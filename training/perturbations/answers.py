"""How an entry or a baseline answers about sets of perturbed genes, and what is told beside."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64

from contracts.manifest import Manifest
from contracts.sets.kinds import JOINT, pack
from training.data.perturbations import PerturbationData
from training.family import Ground, Model, Notes
from training.perturbations.baselines import Answer, Members, Rung, orders, product
from training.perturbations.questions import CIRCULAR
from training.scoring.measures import Values
from training.scoring.question import Ask, Question
from training.scoring.table import ENTRY, ModelInfo, Series
from zoo.perturbations.composition import compose
from zoo.sets.members import Sets

ESTIMATED = "multiplicative_estimated"
"""The entry's own expectation, asked for fitness alone: what is left of it without interactions."""
OWN_PRODUCT = "Its own single fitness, multiplied"
ESTIMATE = 1e-3
"""Single fitness of a gene that was not measured, and that is further than this from the mean."""
BINS, BINNED = 10, 100
"""Bins of equal size by prediction, and the fewest sets that are binned."""
TAILS = (10, 90)
COLUMNS = ("perturbation", "source", "quantity", "label", "prediction")


@runtime_checkable
class Scorer(Protocol):
    """What can be asked: a loaded entry."""

    manifest: Manifest

    def terms(
        self, codes: Int64[np.ndarray, "sets order"]
    ) -> tuple[Float64[np.ndarray, "sets"], Float64[np.ndarray, "sets"]]:
        """Interaction and expectation of sets of one order; codes are those of pack."""
        ...


def rung(scorer: Scorer) -> Rung:
    """A loaded entry as the ladder asks: it has one interaction, whatever the source."""

    def answer(members: Members, source: str) -> Answer:
        sets = Sets(pack(members[members >= 0]), orders(members))
        composed = compose(sets, scorer.terms)
        return Answer(composed.gene_interaction, composed.fitness)

    return answer


def asking(rung: Rung) -> Ask:
    """A baseline as a model: the quantity that a question is about."""

    def ask(question: Question) -> Values:
        about = question.about
        answer = rung(about.members, about.source)
        return answer.fitness if about.of_fitness else answer.interaction

    return ask


def answer(ground: Ground, question: Question, scorer: Scorer) -> pd.DataFrame:
    """perturbation, source, quantity, label and prediction, a row a set."""
    symbols, about = np.array(ground.data.vocabulary.genes), question.about
    return pd.DataFrame(
        {
            "perturbation": [JOINT.join(symbols[one[one >= 0]]) for one in about.members],
            "source": about.source,
            "quantity": about.quantity,
            "label": question.label,
            "prediction": asking(rung(scorer))(question),
        }
    )


def estimated(data: PerturbationData, scorer: Scorer) -> dict[str, Model]:
    """The entry without interactions, if it estimates single fitness that nobody measured."""
    genes = np.arange(len(data.vocabulary))
    single = scorer.terms(pack(genes[:, None]))[1]
    apart = np.abs(single - data.filled_single_fitness)
    if apart[~np.isfinite(data.single_fitness)].max(initial=0.0) <= ESTIMATE:
        return {}

    def ask(question: Question) -> Values | None:
        return product(single, question.about.members) if question.about.of_fitness else None

    return {ESTIMATED: Model(ModelInfo(title=OWN_PRODUCT, kind="ablation"), ask)}


def notes(
    ground: Ground,
    question: Question,
    table: pd.DataFrame,
    answers: Mapping[str, Values],
    best: str | None,
) -> Notes:
    """Which models' predictions are part of the label, and means of bins by prediction."""
    derived = question.about.derived
    circular = [name for name in answers if derived and name.startswith(CIRCULAR)]
    series = Series(
        protocol=question.protocol,
        question=question.name,
        model=ENTRY,
        kind="bins",
        columns=["prediction", "label", "label_p10", "label_p90", "sets"],
        rows=binned(question.label, answers[ENTRY]),
    )
    return Notes(series=[series] if series.rows else [], facts={"circular": circular})


def binned(label: Values, prediction: Values) -> list[list[float | int | str | None]]:
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
