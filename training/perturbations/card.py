"""What cards of perturbation models show beside the evaluation; words are in remarks.md.j2."""

from pathlib import Path
from typing import Any

import numpy as np

from contracts.genes.vocabulary import FILENAME as VOCABULARY
from contracts.genes.vocabulary import Vocabulary
from contracts.sets.kinds import KINDS
from zoo.entry import STATE
from zoo.store.files import read_tensors

TAG = "genetic-interactions"
"""What the entries are about, for hubs."""
DRAWN = ()
"""Protocols that are drawn before others: none, they come in the order of the evaluation."""


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
