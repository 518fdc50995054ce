"""Edges of another species and another assay, to ask the brain entries about.

The ChIP-seq pairs of mouse embryonic stem cells, under the symbols of human one-to-one orthologs.
All three parts of that set are asked: no brain entry has learned from any of them. Little is to be
expected, for these are other cells, and binding near a gene is not the regulation that curated
edges tell.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Int64

from contracts.genes.vocabulary import Vocabulary
from training.data import mesc, orthologs
from training.data.files import DataFiles
from training.data.pairs import PairData, require_coverage
from training.pairs.negatives import KnownEdges

FOLDER = "tfs1000"
# A fifth of the split's genes are small RNAs, predicted genes and families without a one-to-one
# ortholog. Of its 89 regulators five have none (NANOG and POU5F1 among them), and 16 are cofactors
# that no human list of regulators has. A join of the wrong namespace keeps next to none.
GENES_FLOOR, REGULATORS_FLOOR = 0.75, 0.70


@dataclass(frozen=True)
class External:
    """Labelled human pairs. `pairs` has tf, gene (approved symbols) and label (listed or not).

    `coverage` has the shares of genes and of assayed regulators that were carried over, `dropped`
    the number of rows left out by reason: a name `unresolved`, an edge or a negative `known` to
    the entries because a resource lists it. `digests` are those of the files read.
    """

    pairs: pd.DataFrame
    coverage: dict[str, float]
    dropped: dict[str, int]
    digests: dict[str, str]

    asks = (
        "ChIP-seq edges of mouse embryonic stem cells under human one-to-one orthologs, against "
        "the pairs that this assay does not list; each regulator's genes are ranked apart"
    )

    def positions(self, vocabulary: Vocabulary) -> Int64[np.ndarray, "pairs 2"]:
        """The pairs as positions of regulators and genes."""
        index = vocabulary.resolve_pairs(self.pairs["tf"], self.pairs["gene"])
        return np.stack([index.tf, index.gene], axis=1)

    def facts(self) -> dict[str, int | float | list[str]]:
        """Coverage, rows left out and digests, as an evaluation says them."""
        return {
            **{f"coverage_{name}": share for name, share in self.coverage.items()},
            **{f"dropped_{name}": rows for name, rows in self.dropped.items()},
            "data": [f"{name} {digest}" for name, digest in self.digests.items()],
        }


def load(data: PairData, root: Path | None = None) -> External:
    """The external pairs for the entries of `data`, read from `root` (default: `ZOO_DATA`).

    Raises MissingData, CorruptArtefact, and LowCoverage where fewer names than the floors are
    carried over.
    """
    files = DataFiles.find(root)
    listed = mesc.Listed.read(files, FOLDER)
    human = _human_symbols(listed, files, data.vocabulary)
    rows = listed.rows
    assayed = rows["tf"].unique()
    regulators = set(data.vocabulary.regulators)
    shares = {
        "genes": float(np.mean([name in human for name in listed.genes])),
        "regulators": float(np.mean([human.get(name) in regulators for name in assayed])),
    }
    floors = {"genes": GENES_FLOOR, "regulators": REGULATORS_FLOOR}
    for side, floor in floors.items():
        require_coverage(f"the {side} of mouse embryonic stem cells", shares[side], floor)
    named = pd.DataFrame(
        {
            "tf": rows["tf"].map(human),
            "gene": rows["gene"].map(human),
            "label": rows["label"].astype(np.int8),
        }
    )
    usable = named[named["tf"].isin(regulators) & named["gene"].notna()]
    pairs = np.stack(
        [
            data.vocabulary.regulator_index(usable["tf"]),
            data.vocabulary.gene_index(usable["gene"]),
        ],
        axis=1,
    )
    known = KnownEdges.of(data.pairs, len(data.vocabulary.genes)).contains(pairs)
    label = usable["label"].to_numpy(bool)
    dropped = {
        "unresolved": len(named) - len(usable),
        "known_edges": int((known & label).sum()),
        "known_negatives": int((known & ~label).sum()),
    }
    kept = usable[~known].sort_values(["tf", "gene"], ignore_index=True)
    return External(kept, shares, dropped, dict(files.used))


def _human_symbols(listed: mesc.Listed, files: DataFiles, vocabulary: Vocabulary) -> dict[str, str]:
    """The approved human symbol of every name of the split that has one, each given once."""
    table = orthologs.one_to_one(files)
    human = dict(zip(table["mouse"].str.upper(), table["human"], strict=True))
    names = [name for name in listed.genes if name in human]
    symbols = vocabulary.symbols(human[name] for name in names)
    found = pd.Series(dict(zip(names, symbols, strict=True))).dropna()
    return found[~found.duplicated(keep=False)].to_dict()
