"""Sets of perturbed genes in training and evaluation; found by the name of this folder."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from contracts.perturbations.kinds import JOINT, KINDS
from training.begin import Options
from training.data.perturbations import PerturbationData
from training.family import Extras, Model
from training.perturbations import questions
from training.perturbations.baselines import Answer, Context, Members, orders, product
from training.perturbations.questions import DERIVED, Spec
from training.perturbations.split import SetSplit
from training.recipe import Recipe
from training.scoring import ladder
from training.scoring.question import Question
from training.scoring.subject import Subject
from training.scoring.table import ENTRY, Headline, ModelInfo, Published, Series
from zoo.perturbations.composition import Sets, compose

BASELINES = "training.perturbations.baselines"
CIRCULAR = "multiplicative"
"""Derived fitness is epsilon plus the product that this model predicts."""
ESTIMATED = "multiplicative_estimated"
"""The entry's own expectation, asked for fitness alone: what is left of it without interactions."""
ESTIMATE = 1e-3
"""Single fitness of a gene that was not measured, and that is further than this from the mean."""
BINS, BINNED = 10, 100
"""Bins of equal size by prediction, and the fewest sets that are binned."""
TAILS = (10, 90)


class PerturbationFamily:
    """Predicted interactions and fitness."""

    name = "perturbations"
    monitored: Mapping[str, tuple[str, str]] = {
        "valid": ("random", "pearson"),
        "one_new_valid": ("one_new", "pearson"),
    }

    def train(self, recipe: Recipe, options: Options) -> dict[str, Any]:
        """See training.perturbations.run."""
        from training.perturbations.run import train

        return train(recipe, options)

    def load_split(self, path: Path) -> SetSplit:
        """See training.perturbations.split."""
        return SetSplit.load(path)

    def protocols(self, data: PerturbationData, split: SetSplit, stage: str) -> tuple[str, ...]:
        """The protocols that have a part at a stage."""
        return questions.offered(stage)

    def questions(self, subject: Subject, protocol: str) -> Iterator[Question]:
        """One question a source and quantity, the headline first."""
        return questions.questions(subject.data, subject.split, protocol, subject.stage)

    def entry(self, title: str, scorer: Any) -> Model:
        """A loaded entry: it has one interaction, whatever the source."""

        def answer(members: Members, source: str) -> Answer:
            sets = Sets(members[members >= 0] * len(KINDS), orders(members))
            composed = compose(sets, scorer.terms)
            return Answer(composed.gene_interaction, composed.fitness)

        return Model(ModelInfo(title=title, kind="entry"), answer)

    def rivals(self, subject: Subject, question: Question) -> dict[str, Model]:
        """The other entries of the same data; of fitness also the entry without interactions."""
        if question.spec.complete:
            return {}
        found = {}
        for name in subject.siblings():
            scorer = ladder.fitted((name,), lambda name=name: subject.open_rival(name))
            info = ModelInfo(title=f"{name} (entry)", kind="baseline")
            found[name] = Model(info, self.entry(name, scorer).asked)
        if question.spec.of_fitness and (single := _estimated(subject)) is not None:
            info = ModelInfo(title="Its own single fitness, multiplied", kind="ablation")
            found[ESTIMATED] = Model(
                info,
                lambda members, source: Answer(np.zeros(len(members)), product(single, members)),
            )
        return found

    def baselines(
        self, subject: Subject, question: Question, names: Sequence[str] | None
    ) -> dict[str, Model]:
        """Fitted on the training records, once a split.

        Raises InvalidOption for an unknown name, StaleSplit for another table's split.
        """
        wanted = ladder.names(BASELINES) if names is None else names
        if question.spec.complete:
            wanted = [name for name in wanted if name == CIRCULAR]
        context = Context(subject.data, subject.split)
        found = {}
        for name in wanted:
            module = ladder.load(BASELINES, name)
            key = (subject.split.digest, name)
            rung = ladder.fitted(key, lambda module=module: module.fit(context))
            found[name] = Model(ModelInfo(title=module.TITLE, kind="baseline"), rung)
        return found

    def ask(self, subject: Subject, question: Question, model: Model) -> np.ndarray:
        """Fitness, or interactions in the unit of the question's source."""
        spec: Spec = question.spec
        answer = model.asked(subject.data.records.members[question.rows], spec.source)
        return answer.fitness if spec.of_fitness else answer.interaction

    def predictions(self, subject: Subject, question: Question) -> pd.DataFrame:
        """perturbation, source, quantity, label and prediction, a row a set."""
        if question.spec.complete:
            return pd.DataFrame()
        symbols = np.array(subject.data.vocabulary.genes)
        sets = subject.data.records.members[question.rows]
        own = self.entry(subject.entry, subject.scorer)
        columns = {
            "perturbation": [JOINT.join(symbols[one[one >= 0]]) for one in sets],
            "source": question.spec.source,
            "quantity": question.spec.quantity,
            "label": question.label,
            "prediction": self.ask(subject, question, own),
        }
        return pd.DataFrame(columns)

    def extras(
        self, subject: Subject, question: Question, answers: Mapping[str, np.ndarray]
    ) -> Extras:
        """Models whose prediction is part of the label, and labels binned by prediction."""
        derived = question.spec.quantity.endswith(DERIVED)
        circular = [name for name in answers if derived and name.startswith(CIRCULAR)]
        bins = [] if question.spec.complete else _binned(question.label, answers[ENTRY])
        series = Series(
            protocol=question.protocol,
            question=question.name,
            model=ENTRY,
            kind="bins",
            columns=["prediction", "label", "label_p10", "label_p90", "sets"],
            rows=bins,
        )
        return Extras(facts={"circular": circular}, series=[series] if bins else [])

    def headline(self, data: PerturbationData, protocols: Sequence[str]) -> Headline | None:
        """Pearson correlation with interactions that nobody selected, of sets drawn by chance."""
        if "random" not in protocols:
            return None
        return Headline(protocol="random", question=questions.headline(data), measure="pearson")

    def published(self, data: PerturbationData) -> list[Published]:
        """None are comparable."""
        return []


def _estimated(subject: Subject) -> np.ndarray | None:
    """Single fitness as the entry has it, if it estimates that of genes nobody measured."""
    data = subject.data
    genes = np.arange(len(data.vocabulary))
    single = subject.scorer.terms(genes[:, None] * len(KINDS))[1]
    apart = np.abs(single - data.filled_single_fitness)
    unmeasured = ~np.isfinite(data.single_fitness)
    return single if apart[unmeasured].max(initial=0.0) > ESTIMATE else None


def _binned(label: np.ndarray, prediction: np.ndarray) -> list[list[float | int]]:
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


FAMILY = PerturbationFamily()
