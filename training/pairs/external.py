"""Edges of another species and another assay, to ask the brain entries about.

The ChIP-seq pairs of mouse embryonic stem cells, under the symbols of human one-to-one orthologs.
All three parts of that set are asked: no brain entry has learned from any of them. Little is to be
expected, for these are other cells, and binding near a gene is not the regulation that curated
edges tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from contracts.genes.vocabulary import Vocabulary
from training.data import mesc, orthologs
from training.data.files import DataFiles
from training.data.pairs import PairData, require_coverage
from training.pairs.negatives import KnownEdges
from training.scoring import metrics
from zoo.pairs.scorer import PairScorer

FOLDER = "tfs1000"
DESCRIPTION = (
    "ChIP-seq edges of mouse embryonic stem cells under human one-to-one orthologs, against the "
    "pairs that this assay does not list; each regulator's genes are ranked apart"
)
FIGURES = ("auroc_per_tf", "auprc_per_tf")
LEADING = "auroc_per_tf"

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

    def predictions(self, scorer: PairScorer) -> pd.DataFrame:
        """The pairs with score (the full logit, by which they are ranked) and its parts."""
        index = scorer.vocabulary.resolve_pairs(self.pairs["tf"], self.pairs["gene"])
        terms = scorer.terms(index.tf, index.gene)
        return self.pairs.assign(
            score=terms.pair_specific + terms.tf_popularity + terms.gene_popularity,
            probability=terms.probability,
            pair_specific=terms.pair_specific,
        )

    def body(
        self, own: pd.DataFrame, rivals: Mapping[str, tuple[str, PairScorer]]
    ) -> dict[str, Any]:
        """What evaluation.json holds: figures by regulator, beside those of the rivals.

        `own` is what `predictions` gave for the entry; a rival comes with its title.
        """
        theirs = {name: figures(self.predictions(scorer)) for name, (_, scorer) in rivals.items()}
        mine = figures(own)
        best = max(theirs, key=lambda name: theirs[name][LEADING][0]) if theirs else None
        return {
            "kind": "external",
            "description": DESCRIPTION,
            "component": "probability",
            "positives": int(own["label"].sum()),
            "negatives": int((own["label"] == 0).sum()),
            "resampled_by": "tf",
            "coverage": self.coverage,
            "dropped": self.dropped,
            "data": self.digests,
            "metrics": _records(mine),
            "ladder": {
                name: {"title": rivals[name][0], "metrics": _records(theirs[name])}
                for name in theirs
            },
            "best": best,
            "difference": _difference(mine, theirs[best]) if best else {},
            "per_tf": per_tf(own).to_dict("records"),
        }


Figures = dict[str, tuple[float, metrics.Resampled]]


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


def evaluate(
    scorer: PairScorer, external: External
) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """The table of regulators, and the macro figures with intervals from regulators resampled."""
    own = external.predictions(scorer)
    return per_tf(own), _records(figures(own))


def figures(predictions: pd.DataFrame) -> Figures:
    """Mean figures of the regulators that have both labels; each regulator counts once."""
    label, score = predictions["label"].to_numpy(bool), predictions["score"].to_numpy()
    draws = metrics.Resampling.of(predictions["tf"].to_numpy())
    return {name: metrics.PAIR_FIGURES[name](label, score, draws) for name in FIGURES}


def per_tf(predictions: pd.DataFrame) -> pd.DataFrame:
    """tf, positives, negatives and auroc of every regulator that has both labels."""
    rows = []
    for tf, part in predictions.groupby("tf"):
        label = part["label"].to_numpy(bool)
        counts = {"tf": tf, "positives": int(label.sum()), "negatives": int((~label).sum())}
        if 0 < label.sum() < len(label):
            rows.append(counts | {"auroc": float(roc_auc_score(label, part["score"]))})
    return pd.DataFrame(rows, columns=["tf", "positives", "negatives", "auroc"])


def _human_symbols(listed: mesc.Listed, files: DataFiles, vocabulary: Vocabulary) -> dict[str, str]:
    """The approved human symbol of every name of the split that has one, each given once."""
    table = orthologs.one_to_one(files)
    human = dict(zip(table["mouse"].str.upper(), table["human"], strict=True))
    names = [name for name in listed.genes if name in human]
    symbols = vocabulary.symbols(human[name] for name in names)
    found = pd.Series(dict(zip(names, symbols, strict=True))).dropna()
    return found[~found.duplicated(keep=False)].to_dict()


def _records(values: Figures) -> dict[str, dict[str, float]]:
    return {name: metrics.record(*pair) for name, pair in values.items()}


def _difference(mine: Figures, theirs: Figures) -> dict[str, dict[str, float]]:
    """Mine minus theirs, resample by resample."""
    return _records(
        {name: (mine[name][0] - theirs[name][0], mine[name][1] - theirs[name][1]) for name in mine}
    )
