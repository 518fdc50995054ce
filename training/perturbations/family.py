"""Sets of perturbed genes: what training, evaluation and seeds need to know of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pandas as pd

from contracts.manifest import split_entry
from training.begin import Options
from training.family import Family, Ground, Model, Monitored, Notes
from training.perturbations import answers, baselines, fits, questions
from training.perturbations.baselines import Context
from training.perturbations.split import SetSplit
from training.recipe import Recipe
from training.scoring.contest import Contest
from training.scoring.measures import Values
from training.scoring.question import Ask, Question
from training.scoring.table import Headline
from zoo.store import folders


class Perturbations(Family):
    """Predicted interactions and fitness beside the ladder of training.perturbations.baselines."""

    name = "perturbations"
    protocols = tuple(questions.PROTOCOLS)
    columns = answers.COLUMNS
    monitored: ClassVar = {
        "valid": Monitored("random", "pearson", "_epsilon"),
        "one_new_valid": Monitored("one_new", "pearson", "_epsilon"),
    }

    @property
    def baselines(self) -> ModuleType:
        """The rungs for sets."""
        return baselines

    def load_split(self, path: Path) -> SetSplit:
        """See training.perturbations.split."""
        return SetSplit.load(path)

    def train(self, recipe: Recipe, options: Options) -> dict[str, Any]:
        """See training.perturbations.run."""
        from training.perturbations.run import train

        return train(recipe, options)

    def offered(self, ground: Ground) -> tuple[str, ...]:
        """Those that the stage has parts for."""
        return questions.offered(ground.stage)

    def questions(self, ground: Ground, protocol: str) -> Sequence[Question]:
        """One a source and quantity, the headline first."""
        return tuple(questions.questions(ground, protocol))

    def headline(self, ground: Ground) -> Headline:
        """Correlation with epsilon of sets drawn by chance that nobody selected."""
        question = questions.headline(ground.data)
        return Headline(protocol=questions.RANDOM, question=question, measure="pearson")

    def answer(self, ground: Ground, question: Question, scorer: Any) -> pd.DataFrame:
        """Predictions beside labels."""
        return answers.answer(ground, question, scorer)

    def ask(self, ground: Ground, scorer: Any) -> Ask:
        """A loaded entry as a model."""
        return answers.asking(answers.rung(scorer))

    def fit(self, rung: ModuleType, ground: Ground, question: Question) -> Ask:
        """On the training records, the same for every question."""
        return answers.asking(rung.fit(Context(ground.data, ground.split)))

    def rivals(self, contest: Contest) -> dict[str, Model]:
        """The simpler entries of the same data that are here, and the entry's own product."""
        there = {
            name: contest.rival(name, f"{name} (entry)") for name in held_against(contest.entry)
        }
        return there | answers.estimated(contest.ground.data, contest.scorer)

    def notes(
        self,
        ground: Ground,
        question: Question,
        table: pd.DataFrame,
        answers_: Mapping[str, Values],
        best: str | None,
    ) -> Notes:
        """Circular baselines, and bins."""
        return answers.notes(question, answers_)


def held_against(entry: str) -> list[str]:
    """Entries of the same data that an entry is held against, by name.

    Those of an architecture that is a simple rival of all others, and of those that the entry's
    own architecture names; see training.perturbations.fits.
    """
    architecture, variant = split_entry(entry)
    others = (name for name in sorted(folders.known()) if name != entry)
    return [
        name
        for name in others
        if (other := split_entry(name))[1] == variant
        and (fits.is_simple(other[0]) or other[0] in fits.rivals(architecture))
    ]


FAMILY = Perturbations()
