"""What an entry ships about itself: all that its card, its figures and its rank are made of."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from contracts.errors import ArtefactError, MissingArtefact
from contracts.genes.vocabulary import FILENAME as VOCABULARY
from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import Manifest
from training.scoring.keeping import EVALUATION
from zoo.entry import STATE
from zoo.store import folders
from zoo.store.files import read_tensors

RUN, PARITY = "run.json", "parity.json"
SCHEMA_VERSION = 2
HARD = "degree_preserving"
HEADLINES = (HARD, "given", "uniform")
"""Protocols that a card speaks of first; the first that was measured."""
LEADING = {"pairs": "auroc", "retrieval": "mrr", "external": "auroc_per_tf"}
"""The figure that stands for a kind of protocol."""

Record = dict[str, float]


class StaleEvaluation(ArtefactError):
    """The evaluation in an entry was made by another version of the zoo."""


def files_of(entry: str, schema_version: int) -> tuple[Path, Manifest, list[dict[str, Any]]]:
    """Folder, manifest, and the contents of run, parity and evaluation, digests checked.

    Raises MissingArtefact for an entry not yet evaluated, StaleEvaluation for one that another
    version of the zoo made.
    """
    folder, manifest = folders.open_entry(entry)
    for name in (RUN, PARITY, EVALUATION):
        if name not in manifest.files:
            hint = f"Type: zoo evaluate {entry} --save" if name == EVALUATION else ""
            raise MissingArtefact(folder / name, hint)
    files = [json.loads((folder / name).read_text()) for name in (RUN, PARITY, EVALUATION)]
    made = files[-1].get("schema_version")
    if made != schema_version:
        raise StaleEvaluation(
            f"{folder / EVALUATION} has schema_version {made}, expected {schema_version}. "
            f"Type: zoo evaluate {entry} --save"
        )
    return folder, manifest, files


@dataclass(frozen=True)
class Shipped:
    """The files of one entry, and its best known regulator and gene as an example of a query."""

    manifest: Manifest
    run: dict[str, Any]
    parity: dict[str, Any]
    evaluation: dict[str, Any]
    example: tuple[str, str]

    @classmethod
    def read(cls, entry: str) -> "Shipped":
        """Read them; raises what `files_of` raises."""
        folder, manifest, files = files_of(entry, SCHEMA_VERSION)
        return cls(manifest, *files, example=_example(folder))

    @property
    def entry(self) -> str:
        """The entry's name."""
        return self.manifest.entry

    @property
    def protocols(self) -> dict[str, dict[str, Any]]:
        """What was measured under each protocol."""
        return self.evaluation["protocols"]

    @property
    def headline(self) -> str | None:
        """The protocol that the card speaks of first, if any was measured."""
        return next((name for name in HEADLINES if name in self.protocols), None)

    def figure(self, name: str, part: str = "metrics") -> Record | None:
        """A figure such as retrieval/mrr of `metrics` or `difference`."""
        protocol, metric = name.split("/")
        return self.protocols.get(protocol, {}).get(part, {}).get(metric)

    def rungs(self, protocol: str) -> dict[str, dict[str, Any]]:
        """The baselines of a protocol: name -> title and metrics."""
        return self.protocols.get(protocol, {}).get("ladder", {})

    def best(self, name: str) -> tuple[str, Record | None]:
        """The title of the best baseline of a figure's protocol, and its figure."""
        protocol, metric = name.split("/")
        best = self.rungs(protocol).get(self.protocols.get(protocol, {}).get("best"), {})
        return best.get("title", ""), best.get("metrics", {}).get(metric)


def leading(body: dict[str, Any]) -> str:
    """The name of the figure that stands for a protocol."""
    return LEADING[body["kind"]]


def _example(folder: Path) -> tuple[str, str]:
    """The regulator and the target with most training edges."""
    vocabulary, state = Vocabulary.load(folder / VOCABULARY), read_tensors(folder / STATE)
    tf, gene = (int(np.argmax(state[f"{side}_edges"])) for side in ("tf", "gene"))
    return vocabulary.regulators[tf], vocabulary.genes[gene]
