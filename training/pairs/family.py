"""Regulator-gene pairs: what training, evaluation and seeds need to know of them."""

import hashlib
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pandas as pd

from contracts.manifest import split_entry
from training import recipe
from training.data import knowledge
from training.family import Family, Ground, Model, Monitored
from training.pairs import answers, baselines, notes, questions
from training.pairs.baselines import Context, Score
from training.pairs.batches import SIZES
from training.pairs.questions import PAIR_SPECIFIC, RANK
from training.pairs.split import Split
from training.scoring import rotation
from training.scoring.contest import Contest
from training.scoring.measures import Values
from training.scoring.question import Ask, Question
from training.scoring.rotation import FoldModel
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
        "cold_tf_valid": Monitored("cold_tf", "auroc"),
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

    def suits(self, rung: Any, ground: Ground) -> bool:
        """By the rung's own word, where it has one."""
        return getattr(rung, "suits", lambda data: True)(ground.data)

    def fit(self, rung: ModuleType, ground: Ground, question: Question) -> Ask:
        """With the kind of training negatives that the question names.

        Where answers are kept it is fitted once one is lacking.
        """
        kind = question.about.trained_with

        @cache
        def score() -> Score:
            return rung.fit(_context(ground), kind)

        def answer(question: Question) -> Values:
            if question.about.component != RANK:
                return score()(question.rows)
            # Of the question's own edges: what is fitted once serves every stage.
            ranks = answers.ranks(score(), ground.data, question.rows)["rank"]
            return ranks.to_numpy("float64")

        if ground.answers is None:
            score()
            return answer

        def ask(question: Question) -> Values:
            key = " ".join((_made_of(rung), _learned(ground), kind, question.digest))
            name = f"{rung.__name__.rpartition('.')[2]}.{question.protocol}"
            table = rotation.kept(
                ground.answers, name, key, lambda: pd.DataFrame({"answer": answer(question)})
            )
            return table["answer"].to_numpy()

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
            from training.pairs.scorer import shuffled

            info = ModelInfo(title="this network, identities shuffled", kind="baseline")
            whole = self.ask(contest.ground, shuffled(contest.folder))
            folds = [fold.changed(SHUFFLED, shuffled) for fold in contest.folds]
            found[SHUFFLED] = Model(info, contest.rotated(whole, folds))
        return found | _less_knowledge(contest)

    def published(self, ground: Ground) -> list[Published]:
        """Of the data set's own split."""
        return [Published(**vars(each)) for each in ground.data.published]


def _less_knowledge(contest: Contest) -> dict[str, Model]:
    """Variants of a rotated entry, one network each, that were trained with less knowledge.

    By the group of knowledge; beside them the first network of the entry's own ensembles.
    """
    found: dict[str, Model] = {}
    for name, changes in recipe.load(contest.entry).variants.items() if contest.folds else ():
        group = dict(changes.get("objective", {})).get("knowledge")
        if group is not None and (folds := contest.variant(name)):
            info = ModelInfo(title=knowledge.TITLES[group], kind="ablation")
            found[group] = Model(info, _of_pairs_alone(contest, folds))
    if found:
        from training.pairs.scorer import first_member

        info = ModelInfo(title=knowledge.TITLES[knowledge.ALL], kind="ablation")
        alone = [fold.changed("first", first_member) for fold in contest.folds]
        found[knowledge.ALL] = Model(info, _of_pairs_alone(contest, alone))
    return found


def _of_pairs_alone(contest: Contest, folds: Sequence[FoldModel]) -> Ask:
    """Answers of these models wherever popularity plays no part, which is calibrated for others."""
    ask = contest.rotated(lambda _: None, folds)
    return lambda question: ask(question) if question.about.component == PAIR_SPECIFIC else None


@lru_cache(maxsize=8)
def _context(ground: Ground) -> Context:
    """What baselines of a split learn from, the same object for all of them."""
    return Context.of(ground.data, ground.split)


@lru_cache(maxsize=8)
def _learned(ground: Ground) -> str:
    """A digest of what baselines of a split learn from."""
    split, profile = ground.split, ground.data.profile
    digest = hashlib.sha256(f"{split.digest} {profile.features}".encode())
    for array in (split.part, profile.codes, *split.negatives.values()):
        digest.update(array.tobytes())
    return digest.hexdigest()


@cache
def _made_of(rung: ModuleType) -> str:
    """A digest of a baseline's source, and of what the baselines share."""
    path = Path(str(rung.__file__))
    digest = hashlib.sha256(path.read_bytes())
    for shared in sorted(path.parent.glob("_*.py")):
        digest.update(shared.read_bytes())
    return digest.hexdigest()


FAMILY = Pairs()
