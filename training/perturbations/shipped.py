"""What a perturbation entry ships about itself: all that its card and its rank are made of."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from contracts.genes.vocabulary import FILENAME as VOCABULARY
from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import Manifest
from contracts.perturbations.kinds import KINDS
from training.pairs.shipped import files_of
from training.perturbations.answers import ABLATIONS
from training.perturbations.evaluate import SCHEMA_VERSION
from training.perturbations.split import PROTOCOLS
from zoo.entry import STATE
from zoo.store.files import read_tensors

ABLATED = "ablations.json"
"""What an entry ships of trainings without a part of it, if any were made."""

Record = dict[str, float]
Body = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """What training knew: its two genes with most records, and what has none.

    `unmeasured` genes have no single mutant that was measured; None where the entry does not say.
    """

    example: tuple[str, str]
    genes: int
    unseen_genes: int
    kinds: tuple[str, ...]
    unmeasured: int | None = None

    @classmethod
    def read(cls, folder: Path) -> "Known":
        """Count the training records that the entry's state has."""
        symbols, state = Vocabulary.load(folder / VOCABULARY).genes, read_tensors(folder / STATE)
        records = state["gene_records"]
        first, second = np.argsort(-records, kind="stable")[:2].tolist()
        seen = tuple(kind for kind, n in zip(KINDS, state["kind_records"], strict=True) if n)
        measured = state.get("single_measured")
        return cls(
            example=(symbols[first], symbols[second]),
            genes=len(records),
            unseen_genes=int((records == 0).sum()),
            kinds=seen,
            unmeasured=None if measured is None else int((measured == 0).sum()),
        )


@dataclass(frozen=True)
class Shipped:
    """The files of one entry, and what training knew."""

    manifest: Manifest
    run: dict[str, Any]
    parity: dict[str, Any]
    evaluation: dict[str, Any]
    known: Known
    ablations: dict[str, Any] | None = None

    @classmethod
    def read(cls, entry: str) -> "Shipped":
        """Read them; raises what `training.pairs.shipped.files_of` raises."""
        folder, manifest, files = files_of(entry, SCHEMA_VERSION)
        there = ABLATED in manifest.files
        ablations = json.loads((folder / ABLATED).read_text()) if there else None
        return cls(manifest, *files, known=Known.read(folder), ablations=ablations)

    @property
    def entry(self) -> str:
        """The entry's name."""
        return self.manifest.entry

    @property
    def protocols(self) -> dict[str, Body]:
        """What was measured under each protocol, in the order that all pages have."""
        return protocols(self.evaluation)

    @property
    def headline(self) -> str:
        """The question that the card speaks of first."""
        return self.evaluation["headline"]

    @property
    def headlined(self) -> list[tuple[str, Body]]:
        """The protocols under which the first question was measured, and its figures."""
        asked = [(name, self.question(name)) for name in self.protocols]
        return [(name, body) for name, body in asked if body is not None]

    def question(self, protocol: str, name: str | None = None) -> Body | None:
        """What was measured of one question, or of the headline."""
        return self.protocols.get(protocol, {}).get("questions", {}).get(name or self.headline)

    def asked(self, *quantities: str) -> list[tuple[str, Body]]:
        """Protocol and body of every question about one of these quantities, but the headline."""
        return [
            (protocol, body)
            for quantity in quantities
            for protocol, each in self.protocols.items()
            for name, body in each["questions"].items()
            if body["quantity"] == quantity and name != self.headline
        ]


def protocols(evaluation: dict[str, Any]) -> dict[str, Body]:
    """The protocols of an evaluation, the first one first."""
    return {
        name: evaluation["protocols"][name] for name in PROTOCOLS if name in evaluation["protocols"]
    }


def rivals(body: Body) -> dict[str, Body]:
    """The rows of the ladder that are rivals, and not made of the entry itself."""
    return {name: row for name, row in body["ladder"].items() if name not in ABLATIONS}


def best(body: Body, measure: str = "pearson") -> Body | None:
    """The rival that does best: its title, metrics and the difference to it."""
    name = body["best"].get(measure)
    return body["ladder"][name] if name else None


def gap(body: Body, measure: str = "pearson") -> Record | None:
    """The entry's figure less that of the best rival, if both have one."""
    rival = best(body, measure)
    return rival["difference"].get(measure) if rival else None
