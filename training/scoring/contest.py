"""An exported entry as a user loads it, with the split and the data that it is asked about."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from contracts.errors import InvalidOption, Unsupported
from contracts.manifest import Manifest
from training import data as datasets
from training import family as families
from training.family import Family, Ground, Model
from training.scoring import bootstrap
from training.scoring.table import About, ModelInfo, QuestionInfo
from training.split import StaleSplit
from zoo import loading
from zoo.store import folders

SPLIT, RUN = "split.safetensors", "run.json"
STAGES = ("valid", "test")


@dataclass(frozen=True, eq=False)
class Contest:
    """An entry that is asked, and all that others need to be asked the same."""

    entry: str
    family: Family
    folder: Path
    manifest: Manifest
    run: dict[str, Any]
    ground: Ground
    scorer: Any

    @classmethod
    def open(cls, entry: str, stage: str, root: Path | None = None) -> "Contest":
        """Load the entry, its split and its data.

        Raises UnknownEntry and the store's errors, InvalidOption for an unknown stage, MissingData
        without the raw data, StaleSplit where the data is not the one that was split.
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
        return cls(entry, family, folder, manifest, run, ground, loading.load(entry))

    def protocols(self, names: Sequence[str] | None) -> list[str]:
        """These protocols, or all. Raises InvalidOption for one that the split has no part for."""
        offered = self.family.offered(self.ground)
        return [check("--protocol", name, offered) for name in names or offered]

    def open_rival(self, rival: str) -> Any:
        """Load another entry; raises StaleSplit where it may have learned from this one's test."""
        theirs = self.family.load_split(folders.open_entry(rival)[0] / SPLIT)
        split = self.ground.split
        if theirs.digest != split.digest or not np.array_equal(theirs.part, split.part):
            raise StaleSplit(
                f"{rival} was trained on another split than {self.entry}, so the two "
                f"can't be compared. Type: zoo train {rival}, then zoo export {rival}."
            )
        return loading.load(rival)

    def rival(self, entry: str, title: str) -> Model:
        """Another entry as a model. Raises StaleSplit as `open_rival`."""
        ask = self.family.ask(self.ground, self.open_rival(entry))
        return Model(ModelInfo(title=title, kind="baseline"), ask)

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


def check(option: str, value: str, offered: Sequence[str]) -> str:
    """`value`, or InvalidOption with what there is."""
    if value not in offered:
        raise InvalidOption(option, value, f"one of {', '.join(offered)}")
    return value
