"""Sets of perturbed genes: what training, evaluation and seeds need to know of them."""

from types import ModuleType
from typing import Any, ClassVar

from contracts.manifest import split_entry
from training.family import Family, Ground, Model, Monitored
from training.perturbations import answers, fits, questions
from training.perturbations.baselines import Context
from training.perturbations.questions import RANDOM, headline, offered
from training.perturbations.split import SetSplit
from training.scoring.contest import Contest
from training.scoring.question import Ask, Question
from training.scoring.table import Headline
from zoo.store import folders


class Perturbations(Family):
    """Predicted interactions and fitness beside the ladder of training.perturbations.baselines."""

    name = "perturbations"
    protocols = tuple(questions.PROTOCOLS)
    columns = answers.COLUMNS
    from_data: ClassVar = fits.FROM_DATA
    monitored: ClassVar = {
        "valid": Monitored("random", "pearson", "_epsilon"),
        "one_new_valid": Monitored("one_new", "pearson", "_epsilon"),
    }
    split = SetSplit
    questions = staticmethod(questions.questions)
    answer = staticmethod(answers.answer)
    notes = staticmethod(answers.notes)

    def offered(self, ground: Ground) -> tuple[str, ...]:
        """Those that the stage has parts for."""
        return offered(ground.stage)

    def headline(self, ground: Ground) -> Headline:
        """Correlation with epsilon of sets drawn by chance that nobody selected."""
        return Headline(protocol=RANDOM, question=headline(ground.data), measure="pearson")

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


def held_against(entry: str) -> list[str]:
    """Entries of the same data that an entry is held against, by name.

    Those of an architecture that is a simple rival of all others, and of those that the entry's
    own architecture names; see training.perturbations.fits.
    """
    architecture, variant = split_entry(entry)
    rivals = getattr(fits.find(architecture), "RIVALS", ())
    others = {name: split_entry(name) for name in sorted(folders.known()) if name != entry}
    return [
        name
        for name, (other, of) in others.items()
        if of == variant and (other in rivals or getattr(fits.find(other), "SIMPLE", False))
    ]


FAMILY = Perturbations()
