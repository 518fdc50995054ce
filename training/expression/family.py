"""Expression of perturbed cells: what training, evaluation and seeds need to know of it."""

from typing import Any, ClassVar

from training.expression import answers, questions, references
from training.expression.baselines import LINEAR
from training.expression.folds import FOLDS
from training.expression.references import HALVES, NOISE
from training.expression.split import ExpressionSplit
from training.family import Family, Ground, Model
from training.scoring.contest import Contest
from training.scoring.question import Ask, Question
from training.scoring.table import Headline


class Expression(Family):
    """Predicted changes of expression beside training.expression.baselines, fold by fold."""

    name = "expression"
    protocols = tuple(FOLDS)
    columns = answers.COLUMNS
    monitored: ClassVar = {}
    from_data: ClassVar = {
        "kind": "absent",
        "unit": "log1p",
        "genes_total": 3,
        "readouts": 2,
        "rank": 1,
        "noise_rank": 1,
    }
    split = ExpressionSplit
    offered = staticmethod(questions.offered)
    questions = staticmethod(questions.questions)
    answer = staticmethod(answers.answer)
    values = staticmethod(answers.values)
    comparable = staticmethod(answers.comparable)
    notes = staticmethod(answers.notes)

    def rungs(self) -> list[str]:
        """The files, and the linear model by its vectors."""
        return sorted([*super().rungs(), *LINEAR])

    def rung(self, name: str) -> Any:
        """The baseline of that name. Raises InvalidOption for a name that is none."""
        return LINEAR.get(name) or super().rung(name)

    def headline(self, ground: Ground) -> Headline:
        """The distance from the truth, for pairs whose genes were seen alone if there are any."""
        return questions.headline(ground.data)

    def ask(self, ground: Ground, scorer: Any) -> Ask:
        """A loaded entry as a model, fitted again on each fold."""
        return answers.entry_asking(ground, scorer)

    def fit(self, rung: Any, ground: Ground, question: Question) -> Ask:
        """On the training part of each fold."""
        return answers.asking(rung.fit, ground.data, ground.split.seed)

    def rivals(self, contest: Contest) -> dict[str, Model]:
        """The noise of the truth, for reference."""
        return {NOISE: Model(HALVES, references.noise(contest.ground.data))}


FAMILY = Expression()
