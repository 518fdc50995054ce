"""Regulator-gene pairs: what training, evaluation and seeds need to know of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from contracts.manifest import split_entry
from training.begin import Options
from training.family import Family, Ground, Model, Monitored, Notes
from training.pairs import answers, baselines, notes, questions
from training.pairs.baselines import Context
from training.pairs.split import Split
from training.recipe import Recipe
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
    monitored: ClassVar = {
        "valid": Monitored("degree_preserving", "auroc"),
        "cold_gene_valid": Monitored("cold_gene", "auroc"),
    }

    @property
    def baselines(self) -> ModuleType:
        """The rungs for pairs."""
        return baselines

    def load_split(self, path: Path) -> Split:
        """See training.pairs.split."""
        return Split.load(path)

    def train(self, recipe: Recipe, options: Options) -> dict[str, Any]:
        """See training.pairs.run."""
        from training.pairs.run import train

        return train(recipe, options)

    def offered(self, ground: Ground) -> tuple[str, ...]:
        """Those of which the split has edges and negatives."""
        return questions.offered(ground)

    def questions(self, ground: Ground, protocol: str) -> Sequence[Question]:
        """One a protocol."""
        return tuple(questions.questions(ground, protocol))

    def headline(self, ground: Ground) -> Headline | None:
        """AUROC, of rewired pairs where there are some."""
        offered = self.offered(ground)
        protocol = next((name for name in HEADLINES if name in offered), None)
        return protocol and Headline(protocol=protocol, question="", measure="auroc")

    def answer(self, ground: Ground, question: Question, scorer: Any) -> pd.DataFrame:
        """Scores of pairs, or ranks of edges."""
        return answers.answer(ground, question, scorer)

    def fit(self, rung: ModuleType, ground: Ground, question: Question) -> Ask:
        """With the kind of training negatives that the question names."""
        score = rung.fit(Context.of(ground.data, ground.split), question.about.trained_with)

        def ask(question: Question) -> Values:
            if question.about.component != questions.RANK:
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

    def notes(
        self,
        ground: Ground,
        question: Question,
        table: pd.DataFrame,
        answers: Mapping[str, Values],
        best: str | None,
    ) -> Notes:
        """Decisions, curves and bins."""
        return notes.notes(ground, question, table, answers, best)

    def published(self, ground: Ground) -> list[Published]:
        """Of the data set's own split."""
        return [Published(**vars(each)) for each in ground.data.published]


FAMILY = Pairs()
