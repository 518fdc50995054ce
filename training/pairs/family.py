"""Regulator-gene pairs in training and evaluation; found by the name of this folder."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from training.begin import Options
from training.data.pairs import PairData
from training.family import Extras, Model
from training.pairs import extras, questions
from training.pairs.baselines import Context
from training.pairs.negatives import Pairs
from training.pairs.questions import EXTERNAL, EXTERNAL_MEASURES, Spec
from training.pairs.shuffled import shuffled_scorer
from training.pairs.split import Split
from training.recipe import Recipe
from training.scoring import ladder
from training.scoring.question import Question
from training.scoring.subject import Subject
from training.scoring.table import Headline, ModelInfo, Published
from zoo.results import Terms

BASELINES = "training.pairs.baselines"
DEGREE = "degree"
HEADLINES = ("degree_preserving", "given", "uniform")
"""Protocols that a card speaks of first; the first that was measured."""


class PairFamily:
    """Ranked and decided pairs."""

    name = "pairs"
    monitored: Mapping[str, tuple[str, str]] = {
        "valid": ("degree_preserving", "auroc"),
        "cold_gene_valid": ("cold_gene", "auroc"),
    }

    def train(self, recipe: Recipe, options: Options) -> dict[str, Any]:
        """See training.pairs.run."""
        from training.pairs.run import train

        return train(recipe, options)

    def load_split(self, path: Path) -> Split:
        """See training.pairs.split."""
        return Split.load(path)

    def protocols(self, data: PairData, split: Split, stage: str) -> tuple[str, ...]:
        """See training.pairs.questions."""
        return questions.protocols(data, split, stage)

    def questions(self, subject: Subject, protocol: str) -> Iterator[Question]:
        """One question a protocol; `external` asks about the pairs of another data set."""
        if protocol != EXTERNAL:
            yield questions.question(protocol, subject.data, subject.split, subject.stage)
            return
        other = importlib.import_module(subject.data.external).load(subject.data, subject.root)
        label = other.pairs["label"].to_numpy(bool)
        yield Question(
            protocol=protocol,
            asks=other.asks,
            rows=other.positions(subject.data.vocabulary),
            label=label,
            units=other.pairs["tf"].to_numpy(),
            unit="tf",
            measures=EXTERNAL_MEASURES,
            spec=Spec(other.asks, rows=other),
            facts={
                "positives": int(label.sum()),
                "negatives": int((~label).sum()),
                "component": "probability",
                **other.facts(),
            },
        )

    def entry(self, title: str, scorer: Any) -> Model:
        """A loaded entry."""
        return Model(ModelInfo(title=title, kind="entry"), scorer)

    def rivals(self, subject: Subject, question: Question) -> dict[str, Model]:
        """The degree baseline, and this network with the identities of its entities exchanged."""
        found = {}
        degree = f"{DEGREE}-{subject.variant}"
        if degree in subject.siblings():
            info = ModelInfo(title=f"degree baseline ({degree})", kind="baseline")
            found[DEGREE] = Model(
                info, ladder.fitted((degree,), lambda: subject.open_rival(degree))
            )
        if subject.run["config"].get("identity_dim") and question.protocol != EXTERNAL:
            info = ModelInfo(title="this network, identities shuffled", kind="baseline")
            key = (subject.entry, "shuffled")
            scorer = ladder.fitted(key, lambda: shuffled_scorer(subject.entry))
            found["shuffled"] = Model(info, scorer)
        return found

    def baselines(
        self, subject: Subject, question: Question, names: Sequence[str] | None
    ) -> dict[str, Model]:
        """Fitted for the training negatives that the question says, once a split and kind.

        Raises InvalidOption for an unknown name, StaleSplit for another table's split.
        """
        spec: Spec = question.spec
        wanted = spec.baselines if names is None else names
        context = Context.of(subject.data, subject.split)
        found = {}
        for name in ladder.names(BASELINES) if wanted is None else wanted:
            module = ladder.load(BASELINES, name)
            kind = spec.trained_with
            key = (subject.split.digest, name, kind if module.KINDS else None)
            score = ladder.fitted(key, lambda module=module, kind=kind: module.fit(context, kind))
            found[name] = Model(ModelInfo(title=module.TITLE, kind="baseline"), score)
        return found

    def ask(self, subject: Subject, question: Question, model: Model) -> np.ndarray:
        """Scores of the pairs, or ranks of the held-out edges."""
        spec: Spec = question.spec
        if spec.ranks:
            return questions.ranks(full_logit(model.asked), question.rows, subject.data)[0]
        if spec.rows is not None:
            return full_logit(model.asked)(question.rows)
        if not hasattr(model.asked, "terms"):
            return np.asarray(model.asked(question.rows))
        terms = terms_of(model.asked, question.rows)
        return getattr(terms, component(spec, terms))

    def predictions(self, subject: Subject, question: Question) -> pd.DataFrame:
        """Tf and gene, then label, score and its parts, or rank and candidates of every edge."""
        vocabulary, spec = subject.data.vocabulary, question.spec
        pairs = {
            "tf": np.take(vocabulary.regulators, question.rows[:, 0]),
            "gene": np.take(vocabulary.genes, question.rows[:, 1]),
        }
        if spec.ranks:
            score = full_logit(subject.scorer)
            rank, candidates = questions.ranks(score, question.rows, subject.data)
            return pd.DataFrame(pairs | {"rank": rank, "candidates": candidates})
        terms = terms_of(subject.scorer, question.rows)
        own = self.ask(subject, question, self.entry(subject.entry, subject.scorer))
        columns = {
            "label": question.label.astype(np.int8),
            "score": own,
            "probability": terms.probability,
            "pair_specific": terms.pair_specific,
        }
        return pd.DataFrame(pairs | columns)

    def extras(
        self, subject: Subject, question: Question, answers: Mapping[str, np.ndarray]
    ) -> Extras:
        """Curves, bins, and figures of decisions; see training.pairs.extras."""
        spec: Spec = question.spec
        if spec.ranks:
            return extras.of_ranks(question, answers)
        if spec.rows is not None:
            return extras.of_regulators(question, answers)
        terms = terms_of(subject.scorer, question.rows)
        return extras.of_pairs(question, answers, terms, component(spec, terms), subject)

    def headline(self, data: PairData, protocols: Sequence[str]) -> Headline | None:
        """AUROC of the hardest protocol that was measured."""
        first = next((name for name in HEADLINES if name in protocols), None)
        return Headline(protocol=first, question="", measure="auroc") if first else None

    def published(self, data: PairData) -> list[Published]:
        """What the data set lists."""
        return [Published(**vars(each)) for each in data.published]


def terms_of(scorer: Any, pairs: Pairs) -> Terms:
    """What a loaded entry says of pairs of positions."""
    return scorer.terms(pairs[:, 0].copy(), pairs[:, 1].copy())


def component(spec: Spec, terms: Terms) -> str:
    """The part of an entry's answer that ranks the pairs."""
    return spec.component if np.ptp(terms.pair_specific) else "probability"


def full_logit(model: Any) -> Callable[[Pairs], np.ndarray]:
    """The whole logit of an entry, which ranks a gene's regulators; a baseline's score as it is."""
    if not hasattr(model, "terms"):
        return model

    def score(pairs: Pairs) -> np.ndarray:
        terms = terms_of(model, pairs)
        return terms.pair_specific + terms.tf_popularity + terms.gene_popularity

    return score


FAMILY = PairFamily()
