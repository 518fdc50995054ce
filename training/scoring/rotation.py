"""The models of a rotation: one a fold, which is asked about the edges that it has not learned."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from contracts.errors import ArtefactError, MissingArtefact
from contracts.manifest import Manifest
from training.scoring.measures import Values
from training.scoring.question import Question
from zoo.runtime.torch import WEIGHTS
from zoo.store.files import replacing, sha256

if TYPE_CHECKING:
    from training.family import Family, Ground

ROTATION = "rotation"
"""The key of run.json that an entry with a model a fold has."""
FOLDS, ANSWERS, BASELINES = "folds", "answers", "baselines"
"""Folders: of a run the models of its folds, of a model its answers, of all runs the baselines'."""
SPLIT = "split.safetensors"


class OtherFolds(ArtefactError):
    """The models of the folds are not those that an entry was made with."""

    code = "other-folds"


@dataclass(frozen=True, eq=False)
class FoldModel:
    """The model of one fold, in its run folder. Its answers are kept there.

    So an evaluation that was stopped goes on where it was.
    """

    family: "Family"
    folder: Path
    digest: str
    ground: "Ground"
    opened: Callable[[Path], Any]

    @cached_property
    def scorer(self) -> Any:
        """The network."""
        return self.opened(self.folder)

    def changed(self, name: str, opened: Callable[[Path], Any]) -> "FoldModel":
        """The same model opened otherwise; its answers are kept by this `name`."""
        return replace(self, digest=f"{self.digest} {name}", opened=opened)

    def answer(self, question: Question) -> pd.DataFrame:
        """What it says of each row, beside its label."""
        key = f"{question.digest}{self.digest}"

        def ask() -> pd.DataFrame:
            return self.family.answer(self.ground, question, self.scorer)

        return kept(self.folder / ANSWERS, question.protocol, key, ask)

    def ask(self, question: Question) -> Values:
        """The same as one answer a row."""
        return self.family.values(question, self.answer(question))


def open_folds(
    family: "Family", manifest: Manifest, run: dict[str, Any], ground: "Ground", runs: Path
) -> tuple[FoldModel, ...]:
    """The models of an entry's folds, in its run folder below `runs`; none without a rotation.

    Raises MissingArtefact where one is not there, OtherFolds where it is not the one whose digest
    stands in the manifest, StaleSplit for other data.
    """
    if ROTATION not in run:
        return ()
    entry, count = manifest.entry, run[ROTATION]["folds"]
    hint = f"{entry} is evaluated by the models of its folds. Type: zoo train {entry}"
    found = []
    for fold in map(str, range(count)):
        folder = runs / entry / FOLDS / fold
        for name in (WEIGHTS, SPLIT):
            if not (folder / name).is_file():
                raise MissingArtefact(folder / name, f"{hint}, or name its folder with --runs.")
        digest = sha256(folder / WEIGHTS)
        if digest != manifest.folds.get(fold):
            raise OtherFolds(
                f"{folder / WEIGHTS} is not the model of fold {fold} that {entry} "
                f"{manifest.version} was made with: got sha256 {digest[:12]}, expected "
                f"{manifest.folds.get(fold, 'none')[:12]}. Type: zoo train {entry}, then zoo "
                f"export {entry}."
            )
        split = family.load_split(folder / SPLIT)
        split.require(ground.data)
        own = replace(ground, split=split)
        found.append(FoldModel(family, folder, digest, own, family.run_scorer))
    return tuple(found)


def kept(
    folder: Path | None, name: str, key: str, make: Callable[[], pd.DataFrame]
) -> pd.DataFrame:
    """A table of this key as a former run left it in a folder, else made now and left there."""
    if folder is None:
        return make()
    path = folder / f"{name}.{hashlib.sha256(key.encode()).hexdigest()[:20]}.parquet"
    if path.is_file():
        return pd.read_parquet(path)
    table = make()
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft:
        table.to_parquet(draft, index=False)
    return table
