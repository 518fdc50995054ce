"""Modules of regulators and genes: edges are likely inside one, and expression tells which."""

import numpy as np
import pandas as pd

from contracts.genes.vocabulary import GeneRecord, Vocabulary
from training.data.pairs import PairData, Profile
from training.pairs.split import PARTS, Split, make_split

TFS, GENES, MODULES = 40, 160, 4


def data(signal: bool = True, cells: int = 30) -> PairData:
    """About 1,400 edges; without `signal` they join regulators and genes at random."""
    rng = np.random.default_rng(5)
    names = [f"A{i:03d}" for i in range(TFS)] + [f"B{i:03d}" for i in range(GENES - TFS)]
    records = [GeneRecord(n, n[0] == "A", f"HGNC:{i}") for i, n in enumerate(names)]
    vocabulary = Vocabulary.from_records(records)
    module = rng.integers(0, MODULES, GENES)
    chance = np.where(module[:TFS, None] == module, 0.7, 0.08) if signal else 0.22
    tf, gene = np.nonzero(rng.random((TFS, GENES)) < chance)
    edges = pd.DataFrame(
        {
            "tf": np.take(names, tf),
            "gene": np.take(names, gene),
            "tf_index": tf,
            "gene_index": gene,
            "listed": True,
            "core": True,
        }
    )
    features = ("one", "two", "three", "four", "five")
    level = 3 + rng.normal(size=(MODULES, 5))[module] + 0.3 * rng.normal(size=(GENES, 5))
    table = pd.DataFrame(np.maximum(level, 0), names, features)
    return PairData(
        name="planted",
        vocabulary=vocabulary,
        edges=edges,
        core_sources=("listed",),
        profile=Profile.from_log(table),
        cells=rng.normal(size=(GENES, cells)).astype(np.float32),
        coverage={},
        digests={},
        licences={},
        description="planted",
    )


def split(of: PairData) -> Split:
    """The split of `data`."""
    return make_split(of, 5)


def with_pair_in_training(of: PairData, before: Split, row: int) -> Split:
    """The planted leak: one held-out edge of the table moved into training."""
    part = before.part.copy()
    part[row] = PARTS.index("train")
    return Split(part, of.digest, before.seed, before.negatives)
