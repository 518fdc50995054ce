"""What an entry ships about itself: all that its card, its figures and its rank are made of."""

import importlib
import json
from dataclasses import dataclass
from typing import Any

from contracts.errors import MissingArtefact
from contracts.manifest import Manifest
from training.scoring.table import FILES, Evaluation
from zoo.store import folders

RUN, PARITY = "run.json", "parity.json"


@dataclass(frozen=True)
class Shipped:
    """The files of one entry, digests checked, and what its family counts in its state."""

    manifest: Manifest
    run: dict[str, Any]
    parity: dict[str, Any]
    evaluation: Evaluation
    facts: dict[str, Any]

    @classmethod
    def read(cls, entry: str) -> "Shipped":
        """Read them.

        Raises MissingArtefact for an entry not yet evaluated, StaleEvaluation for one that another
        version of the zoo evaluated, and the store's errors.
        """
        folder, manifest = folders.open_entry(entry)
        for name in (RUN, PARITY, *FILES):
            if name not in manifest.files:
                hint = f"Type: zoo evaluate {entry} --save" if name in FILES else ""
                raise MissingArtefact(folder / name, hint)
        run, parity = (json.loads((folder / name).read_text()) for name in (RUN, PARITY))
        evaluation = Evaluation.read(folder)
        facts = of_family(evaluation.about.family).facts(folder)
        return cls(manifest, run, parity, evaluation, facts)

    @property
    def entry(self) -> str:
        """The entry's name."""
        return self.manifest.entry

    @property
    def family(self) -> str:
        """The folder of its family in every package."""
        return self.evaluation.about.family


def of_family(family: str) -> Any:
    """The module of a family that says what its cards show: facts, and which questions first."""
    return importlib.import_module(f"training.{family}.card")
