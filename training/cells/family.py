"""Cells of several species: what training, evaluation and seeds need to know of them."""

from types import ModuleType
from typing import Any, ClassVar

from training.cells import answers, questions
from training.cells.baselines import levels
from training.cells.split import CellSplit
from training.cells.stage_one import STAGE_ONE, stage_one
from training.family import Family, Ground, Model, Monitored
from training.scoring.contest import Contest
from training.scoring.question import Ask, Question
from training.scoring.table import Headline, ModelInfo


class Cells(Family):
    """Types of cells by labelled cells of another species, beside training.cells.baselines."""

    name = "cells"
    protocols = questions.PROTOCOLS
    columns = answers.COLUMNS
    from_data: ClassVar = {"human_genes": 3, "mouse_genes": 2}
    monitored: ClassVar = {
        name: Monitored(name, "balanced_accuracy") for name in questions.PROTOCOLS
    }
    split = CellSplit
    offered = staticmethod(questions.offered)
    questions = staticmethod(questions.questions)
    answer = staticmethod(answers.answer)
    notes = staticmethod(answers.notes)

    def headline(self, ground: Ground) -> Headline:
        """Balanced accuracy of the frequent types, from human to mouse."""
        return Headline(protocol=questions.PROTOCOLS[0], question="", measure="balanced_accuracy")

    def ask(self, ground: Ground, scorer: Any) -> Ask:
        """A loaded entry as a model."""
        return answers.entry_asking(ground.data, scorer)

    def fit(self, rung: ModuleType, ground: Ground, question: Question) -> Ask:
        """On the reference of a direction."""
        data, about = ground.data, question.about
        reference = levels(data, about.species[0], about.reference)
        types = questions.labels(data, about.species[0])[about.reference]
        return answers.asking(data, rung.fit(reference, types))

    def fitted_for(self, rung: ModuleType, question: Question) -> str:
        """The direction."""
        return question.protocol

    def rivals(self, contest: Contest) -> dict[str, Model]:
        """The entry after its first stage, if it ships that."""
        scorer = stage_one(contest)
        if scorer is None:
            return {}
        info = ModelInfo(title="this network after stage 1, an autoencoder", kind="baseline")
        return {STAGE_ONE: Model(info, self.ask(contest.ground, scorer))}


FAMILY = Cells()
