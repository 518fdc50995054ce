"""An exported entry as an evaluation takes it: loaded as users load it, on its own split."""

import importlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from contracts.errors import Unsupported
from contracts.manifest import Manifest, split_entry
from training import data as datasets
from training import family as families
from training.scoring.question import check_protocol, check_stage
from training.split import StaleSplit
from zoo import loading
from zoo.store import folders

SPLIT, RUN = "split.safetensors", "run.json"


@dataclass(frozen=True, eq=False)
class Subject:
    """An entry, its split and its data; `scorer` is what `zoo.load` gives."""

    entry: str
    stage: str
    folder: Path
    manifest: Manifest
    family: families.Family
    data: Any
    split: Any
    scorer: Any
    root: Path | None = None

    @classmethod
    def open(cls, entry: str, stage: str = "test", root: Path | None = None) -> "Subject":
        """Load the entry, its split and its data (from `root`, by default ZOO_DATA).

        Raises UnknownEntry and the store's errors, InvalidOption for an unknown stage, Unsupported
        for an entry without a split, MissingData without the raw data, StaleSplit where the data is
        not the one that was split.
        """
        check_stage(stage)
        folder, manifest = folders.open_entry(entry)
        if SPLIT not in manifest.files:
            raise Unsupported(entry, "zoo evaluate", "The entry ships no split of its own.")
        family = families.of(manifest.task)
        split = family.load_split(folder / SPLIT)
        data = datasets.load(_run(folder)["recipe"]["dataset"], root)
        split.require(data)
        return cls(entry, stage, folder, manifest, family, data, split, loading.load(entry), root)

    @cached_property
    def run(self) -> dict[str, Any]:
        """What run.json says of the entry's training."""
        return _run(self.folder)

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """The protocols that the data set's split has parts for at this stage."""
        return self.family.protocols(self.data, self.split, self.stage)

    def check(self, protocols: Iterable[str] | None) -> tuple[str, ...]:
        """The protocols asked for, or all; InvalidOption for one that is not offered."""
        wanted = tuple(protocols or ())
        return tuple(check_protocol(name, self.offered) for name in wanted) or self.offered

    @property
    def variant(self) -> str:
        """The part of the entry's name behind the architecture: brain, say."""
        return split_entry(self.entry)[1]

    def siblings(self) -> list[str]:
        """The other entries of this machine that were trained on the same data set."""
        known = sorted(name for name in folders.known() if name != self.entry)
        return [name for name in known if split_entry(name)[1] == self.variant]

    def open_rival(self, rival: str) -> Any:
        """Load another entry; raises StaleSplit where it may have learned from this one's test."""
        folder, manifest = folders.open_entry(rival)
        same = families.of(manifest.task) is self.family
        theirs = self.family.load_split(folder / SPLIT) if same else None
        if theirs is None or not (
            theirs.data_digest == self.split.data_digest
            and np.array_equal(theirs.part, self.split.part)
        ):
            raise StaleSplit(
                f"{rival} was trained on another split than {self.entry}, so the two "
                f"can't be compared. Type: zoo train {rival}, then zoo export {rival}."
            )
        return loading.load(rival)


def is_simple(entry: str) -> bool:
    """Whether an entry follows no gradient: a baseline that ships as an entry."""
    return not _run(folders.locate(entry))["history"]


def _run(folder: Path) -> dict[str, Any]:
    return json.loads((folder / RUN).read_text())


def architecture(manifest: Manifest) -> Any:
    """The module of an entry's architecture."""
    return importlib.import_module(f"zoo.architectures.{manifest.architecture}")
