"""What cards of perturbation models show beside the evaluation; their words are in remarks.md.j2.

Questions about pairs that were selected because they interact, about S-scores and about derived
fitness stand on the page of the evaluation alone.
"""

from pathlib import Path
from typing import Any

import numpy as np

from contracts.genes.vocabulary import FILENAME as VOCABULARY
from contracts.genes.vocabulary import Vocabulary
from contracts.perturbations.kinds import KINDS
from training.scoring.table import QuestionInfo
from zoo.entry import STATE
from zoo.store.files import read_tensors

TAG = "genetic-interactions"
"""What the entries are about, for hubs."""
DRAWN = ()
"""Protocols that are drawn before others: none, they come in the order of the evaluation."""
JUDGED = ("epsilon", "tau", "fitness")
"""Quantities that say how good an entry is."""
FEWEST = 400
"""A question with fewer sets has no row on the card, unless it is the headline's."""


def facts(folder: Path) -> dict[str, Any]:
    """What training knew: its two genes with most records, and how many genes have none.

    `unmeasured` genes have no single mutant that was measured; None where the entry does not say.
    """
    symbols, state = Vocabulary.load(folder / VOCABULARY).genes, read_tensors(folder / STATE)
    records, measured = state["gene_records"], state.get("single_measured")
    first, second = np.argsort(-records, kind="stable")[:2].tolist()
    return {
        "first": symbols[first],
        "second": symbols[second],
        "genes": len(records),
        "unseen": int((records == 0).sum()),
        "unmeasured": None if measured is None else int((measured == 0).sum()),
        "kinds": [k for k, n in zip(KINDS, state["kind_records"], strict=True) if n],
    }


def judges(question: QuestionInfo) -> bool:
    """Whether it says how good an entry is: not for selected pairs and not for derived labels."""
    return question.facts.get("quantity") in JUDGED


def shows(question: QuestionInfo) -> bool:
    """Whether a card has a row of it besides the headline's."""
    return question.facts["sets"] >= FEWEST
