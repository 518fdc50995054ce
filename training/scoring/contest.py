"""An exported entry as a user loads it, with the split and the data that it is asked about."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from contracts.errors import InvalidOption, Unsupported
from contracts.manifest import Manifest
from training import data as datasets
from training import family as families
from training.family import Family, Ground, Model
from training.scoring import bootstrap, rotation
from training.scoring.question import Ask, Question, joined, of_folds
from training.scoring.rotation import FoldModel
from training.scoring.table import About, ModelInfo, QuestionInfo
from training.split import Parts, StaleSplit
from zoo import loading
from zoo.runtime.torch import WEIGHTS
from zoo.store import folders
from zoo.store.files import sha256

SPLIT, RUN = rotation.SPLIT, "run.json"
RUNS = Path("runs")
STAGES = ("valid", "test")


@dataclass(frozen=True, eq=False)
class Contest:
    """An entry that is asked, and all that others need to be asked the same.

    `folds` are the models of a rotation in the folder `runs`: they answer in the place of the
    entry, but for questions about other data.
    """

    entry: str
    family: Family
    folder: Path
    manifest: Manifest
    run: dict[str, Any]
    ground: Ground
    scorer: Any
    runs: Path = RUNS
    folds: tuple[FoldModel, ...] = ()

    @classmethod
    def open(cls, entry: str, stage: str, root: Path | None = None, runs: Path = RUNS) -> "Contest":
        """Load the entry, its split and its data.

        Raises UnknownEntry and the store's errors, InvalidOption for an unknown stage, MissingData
        without the raw data, StaleSplit where the data is not the one that was split, and what
        `open_folds` raises.
        """
        check("--stage", stage, STAGES)
        folder, manifest = folders.open_entry(entry)
        if SPLIT not in manifest.files:
            raise Unsupported(entry, "zoo evaluate", "The entry ships no split of its own.")
        family = families.of(manifest.task)
        split = family.load_split(folder / SPLIT)
        run = json.loads((folder / RUN).read_text())
        data = datasets.load(run["recipe"]["dataset"], root)
        split.require(data)
        ground = Ground(data, split, stage, root)
        scorer = loading.load(entry)
        if rotation.ROTATION not in run:
            return cls(entry, family, folder, manifest, run, ground, scorer, runs)
        ground = replace(ground, answers=runs / rotation.BASELINES / data.name)
        folds = rotation.open_folds(family, manifest, run, ground, runs)
        ground = replace(ground, folds=tuple(fold.ground for fold in folds))
        return cls(entry, family, folder, manifest, run, ground, scorer, runs, folds)

    def questions(self, protocol: str) -> Iterator[Question]:
        """All questions of a protocol, of a rotation those of all folds joined."""
        grounds = self.ground.folds or (self.ground,)
        for same in zip(*(self.family.questions(each, protocol) for each in grounds), strict=True):
            yield same[0] if same[0].elsewhere else joined(same)

    def answer(self, question: Question) -> pd.DataFrame:
        """What the entry says of each row beside its label, in a rotation with the row's fold."""
        if not question.folds:
            return self.family.answer(self.ground, question, self.scorer)
        parts = zip(self.folds, question.folds, strict=True)
        tables = [fold.answer(part) for fold, part in parts]
        return pd.concat(tables, ignore_index=True).assign(fold=question.fold)

    @property
    def ask(self) -> Ask:
        """The entry as a model."""
        return self.rotated(self.family.ask(self.ground, self.scorer), self.folds)

    def rotated(self, whole: Ask, folds: Sequence[FoldModel]) -> Ask:
        """A model that answers by those of the folds wherever a question is of a rotation."""
        return of_folds(whole, [fold.ask for fold in folds])

    def variant(self, name: str) -> tuple[FoldModel, ...]:
        """The models of the folds of a variant of the entry's recipe; none where it has no run."""
        folder = self.runs / f"{self.entry}.{name}" / rotation.FOLDS
        places = [folder / str(number) for number in range(len(self.folds))]
        if not all((place / WEIGHTS).is_file() for place in places):
            return ()
        pairs = zip(self.folds, places, strict=True)
        return tuple(replace(f, folder=at, digest=sha256(at / WEIGHTS)) for f, at in pairs)

    def protocols(self, names: Sequence[str] | None) -> list[str]:
        """These protocols, or all. Raises InvalidOption for one that the split has no part for."""
        offered = self.family.offered(self.ground)
        return [check("--protocol", name, offered) for name in names or offered]

    def open_rival(self, rival: str) -> Any:
        """Load another entry; raises StaleSplit where it may have learned from this one's test."""
        self._rival_folds(rival)
        return loading.load(rival)

    def rival(self, entry: str, title: str) -> Model:
        """Another entry as a model, in a rotation with the models of its folds.

        Raises StaleSplit as `open_rival`, and what `open_folds` raises.
        """
        folds = self._rival_folds(entry)
        ask = self.rotated(self.family.ask(self.ground, loading.load(entry)), folds)
        return Model(ModelInfo(title=title, kind="baseline"), ask)

    def _rival_folds(self, entry: str) -> tuple[FoldModel, ...]:
        folder, manifest = folders.open_entry(entry)
        run = json.loads((folder / RUN).read_text())
        folds = rotation.open_folds(self.family, manifest, run, self.ground, self.runs)
        theirs = [self.family.load_split(folder / SPLIT), *(fold.ground.split for fold in folds)]
        own = [self.ground.split, *(fold.split for fold in self.ground.folds)]
        if not (len(own) == len(theirs) and all(map(_alike, own, theirs))):
            raise StaleSplit(
                f"{entry} was trained on another split than {self.entry}, so the two "
                f"can't be compared. Type: zoo train {entry}, then zoo export {entry}."
            )
        return folds

    def about(
        self, models: dict[str, ModelInfo], questions: list[QuestionInfo], complete: bool
    ) -> About:
        """What is said once of an evaluation."""
        return About(
            family=self.family.name,
            entry=self.entry,
            version=self.manifest.version,
            dataset=self.ground.data.name,
            digest=self.ground.split.digest,
            stage=self.ground.stage,
            complete=complete,
            level=bootstrap.LEVEL,
            baseline=self.run.get("baseline", not self.run["history"]),
            headline=self.family.headline(self.ground),
            models=models,
            questions=questions,
            published=self.family.published(self.ground),
        )


def _alike(one: Parts, other: Parts) -> bool:
    """Whether two splits are of the same data and have the same parts."""
    return one.digest == other.digest and np.array_equal(one.part, other.part)


def check(option: str, value: str, offered: Sequence[str]) -> str:
    """`value`, or InvalidOption with what there is."""
    if value not in offered:
        raise InvalidOption(option, value, f"one of {', '.join(offered)}")
    return value
