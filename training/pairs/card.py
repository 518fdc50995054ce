"""What cards of pair models show beside the evaluation; their words are in remarks.md.j2."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from contracts.genes.vocabulary import FILENAME as VOCABULARY
from contracts.genes.vocabulary import Vocabulary
from zoo.entry import STATE
from zoo.store.figures import ABOUT
from zoo.store.files import read_tensors

TAG = "gene-regulation"
"""What the entries are about, for hubs."""
DRAWN = ("degree_preserving", "given", "uniform")
"""Protocols whose curves are drawn before those of others."""


def facts(folder: Path) -> dict[str, Any]:
    """The regulator and the target with most training edges, as an example of a query.

    The regulator is the transcription factor that the evaluation names, if it names one.
    """
    vocabulary, state = Vocabulary.load(folder / VOCABULARY), read_tensors(folder / STATE)
    tf, gene = (int(np.argmax(state[f"{side}_edges"])) for side in ("tf", "gene"))
    questions = json.loads((folder / ABOUT).read_text())["questions"]
    factors = [each["facts"]["example"] for each in questions if "example" in each["facts"]]
    regulator, *_ = *factors, vocabulary.regulators[tf]
    return {"tf": regulator, "gene": vocabulary.genes[gene]}
