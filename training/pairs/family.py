"""Regulator-gene pairs: what training, evaluation and seeds need to know of them."""

from types import ModuleType
from typing import ClassVar

import numpy as np

from contracts.manifest import split_entry
from training.family import Family, Ground, Model, Monitored
from training.pairs import answers, baselines, notes, questions
from training.pairs.baselines import Context
from training.pairs.batches import SIZES
from training.pairs.questions import RANK
from training.pairs.split import Split
from training.scoring.contest import Contest
from training.scoring.measures import Values
from training.scoring.question import Ask, Question
from training.scoring.table import Headline, ModelInfo, Published
from zoo.store import folders

DEGREE, SHUFFLED = "degree", "shuffled"
HEADLINES = ("degree_preserving", "given", "uniform")
"""The first of these that a split offers stands for an entry."""


class Pairs(Family):
    """Ranked and decided pairs beside the ladder of training.pairs.baselines."""

    name = "pairs"
    protocols = tuple(each.name for each in questions.PROTOCOLS)
    from_data: ClassVar = dict.fromkeys(SIZES, 1)
    monitored: ClassVar = {
        "valid": Monitored("degree_preserving", "auroc"),
        "cold_gene_valid": Monitored("cold_gene", "auroc"),
    }
    split = Split
    offered = staticmethod(questions.offered)
    questions = staticmethod(questions.questions)
    answer = staticmethod(answers.answer)
    notes = staticmethod(notes.notes)

    def headline(self, ground: Ground) -> Headline | None:
        """AUROC, of rewired pairs where there are some."""
        offered = self.offered(ground)
        protocol = next((name for name in HEADLINES if name in offered), None)
        return protocol and Headline(protocol=protocol, question="", measure="auroc")

    def fit(self, rung: ModuleType, ground: Ground, question: Question) -> Ask:
        """With the kind of training negatives that the question names."""
        score = rung.fit(Context.of(ground.data, ground.split), question.about.trained_with)

        def ask(question: Question) -> Values:
            if question.about.component != RANK:
                return score(question.rows)
            ranks = answers.retrieve(score, ground.data, ground.split, ground.stage)["rank"]
            return ranks.to_numpy(np.float64)

        return ask

    def fitted_for(self, rung: ModuleType, question: Question) -> str:
        """The kind of training negatives, of a rung that fits anything."""
        kind = question.about.trained_with
        baselines.check_kind(kind)
        return kind if rung.KINDS else ""

    def rivals(self, contest: Contest) -> dict[str, Model]:
        """The degree baseline, and this network with wrong identities."""
        found = {}
        degree = f"{DEGREE}-{split_entry(contest.entry)[1]}"
        if degree != contest.entry and degree in folders.known():
            found[DEGREE] = contest.rival(degree, f"degree baseline ({degree})")
        if contest.run["config"].get("identity_dim"):
            from training.pairs.shuffled import shuffled_scorer

            info = ModelInfo(title="this network, identities shuffled", kind="baseline")
            ask = self.ask(contest.ground, shuffled_scorer(contest.entry))
            found[SHUFFLED] = Model(info, ask)
        return found

    def published(self, ground: Ground) -> list[Published]:
        """Of the data set's own split."""
        return [Published(**vars(each)) for each in ground.data.published]


FAMILY = Pairs()
