"""What a protocol asks of pairs: which ones, against which negatives, ranked by which score.

A new protocol is one more `Spec` in SPECS.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int64

from training.data.pairs import PairData
from training.pairs.negatives import KnownEdges, Pairs
from training.pairs.split import PARTS, Split, draw_uniform
from training.scoring.bootstrap import RESAMPLES
from training.scoring.question import Question
from training.scoring.rankings import RANKING, RANKS

RETRIEVERS = ("tf_degree", "degree_logistic", "spectral_boosting")
"""Baselines of questions over very many pairs: the popularity, and the strongest for pairs."""
GENES_AT_ONCE = 64
"""Genes whose regulators are scored in one call for retrieval."""
EXTERNAL = "external"
EXTERNAL_MEASURES = tuple(m for m in RANKING if m.name in ("auroc_per_tf", "auprc_per_tf"))


@dataclass(frozen=True)
class Spec:
    """A protocol over pairs.

    `part` of the split is asked against its `negatives`. `component` is what ranks the pairs: the
    `probability`, or the `pair_specific` part, which no popularity can help; an entry without such
    a part answers with its probability. `trained_with` names the training negatives that baselines
    get. `ratio` negatives are asked for each edge. With `ranks`, a gene's held-out regulators are
    ranked among all. `rows` of another data set stand in for a part of the split.
    """

    asks: str
    part: str = "{stage}"
    negatives: str = "uniform"
    component: str = "probability"
    trained_with: str = "uniform"
    ratio: int = 1
    ranks: bool = False
    rows: Any = None

    @property
    def baselines(self) -> tuple[str, ...] | None:
        """The baselines that belong beside it; None for all."""
        if self.rows is not None:
            return ()
        return RETRIEVERS if self.ratio > 1 or self.ranks else None


def _hard(asks: str, part: str = "{stage}", negatives: str = "degree_preserving") -> Spec:
    return Spec(asks, part, negatives, "pair_specific", "degree_preserving")


def _imbalanced(ratio: int) -> Spec:
    return Spec(f"held-out edges against {ratio} times as many pairs drawn evenly", ratio=ratio)


SPECS = {
    "degree_preserving": _hard(
        "held-out edges against rewired ones, every regulator and gene as often in both"
    ),
    "within_source": _hard(
        "the same edges against ones rewired among edges of the same resources, so that knowing "
        "which resource lists an entity does not help either",
        negatives="within_source",
    ),
    "retrieval": Spec(
        "rank of a gene's held-out regulator among all regulators, its other listed ones left out",
        ranks=True,
    ),
    "cold_gene": _hard(
        "edges of genes that training never saw, against rewired ones", "cold_gene_{stage}"
    ),
    "cold_tf": _hard(
        "edges of regulators that training never saw, against rewired ones", "cold_tf_{stage}"
    ),
    "cold_both": _hard(
        "edges between a gene and a regulator that training never saw, against rewired ones",
        "cold_both_{stage}",
    ),
    "uniform": Spec(
        "held-out edges against as many pairs drawn evenly: popularity alone answers most of it"
    ),
    "imbalance_5": _imbalanced(5),
    "imbalance_10": _imbalanced(10),
    "imbalance_50": _imbalanced(50),
    "given": Spec("the data set's own held-out pairs, listed and unlisted", negatives="given"),
}


def protocols(data: PairData, split: Split, stage: str) -> tuple[str, ...]:
    """The protocols that a data set's split has parts and negatives for."""
    names = [
        name
        for name, spec in SPECS.items()
        if (part := spec.part.format(stage=stage)) in PARTS
        and f"{part}/{spec.negatives}" in split.negatives
    ]
    return (*names, EXTERNAL) if stage == "test" and data.external else tuple(names)


def question(protocol: str, data: PairData, split: Split, stage: str) -> Question:
    """What a protocol of SPECS asks: held-out edges, then the negatives saved for them.

    More than one negative an edge is drawn from the split's seed, always the same.
    """
    spec = replace(SPECS[protocol], part=SPECS[protocol].part.format(stage=stage))
    held = split.positives(data, spec.part)
    if spec.ranks:
        rows = held[np.argsort(held[:, 1], kind="stable")]
        return Question(
            protocol=protocol,
            asks=spec.asks,
            rows=rows,
            label=np.ones(len(rows), bool),
            units=np.take(data.vocabulary.genes, rows[:, 1]),
            unit="gene",
            measures=RANKS,
            spec=spec,
            facts={"positives": len(rows)},
        )
    if spec.ratio == 1:
        negatives = split.negatives[f"{spec.part}/{spec.negatives}"]
    else:
        negatives = draw_uniform(data, split, spec.part, spec.ratio)
    rows = np.concatenate([held, negatives])
    facts = {"positives": len(held), "negatives": len(negatives), "ratio": spec.ratio}
    return Question(
        protocol=protocol,
        asks=spec.asks,
        rows=rows,
        label=np.arange(len(rows)) < len(held),
        units=np.take(data.vocabulary.regulators, rows[:, 0]),
        unit="tf",
        measures=RANKING,
        spec=spec,
        resamples=RESAMPLES if spec.ratio == 1 else RESAMPLES // 5,
        facts=facts,
    )


def ranks(
    score: Any, held: Pairs, data: PairData
) -> tuple[Float[np.ndarray, "held"], Int64[np.ndarray, "held"]]:
    """Rank of every held-out edge (sorted by gene) among its gene's candidates, and their number.

    Every regulator of the vocabulary is a candidate, but for the gene's other listed ones in any
    resource and any part. Ties count half, so an entry that gives one score to all ranks in the
    middle.
    """
    known = KnownEdges.of(data.pairs, len(data.vocabulary.genes))
    everyone = np.arange(len(data.vocabulary.regulators))
    found = list(_blocks(score, held, everyone, known))
    rank, candidates = (np.concatenate(column) for column in zip(*found, strict=True))
    return rank, candidates


def _blocks(
    score: Any, held: Pairs, everyone: np.ndarray, known: KnownEdges
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Ranks and numbers of candidates, a gene at a time, some genes in one call."""
    genes = np.unique(held[:, 1])
    for start in range(0, len(genes), GENES_AT_ONCE):
        block = genes[start : start + GENES_AT_ONCE]
        pairs = np.stack(np.meshgrid(everyone, block), -1)
        values = score(pairs.reshape(-1, 2)).reshape(len(block), -1)
        for gene, column, line in zip(block.tolist(), pairs, values, strict=True):
            own = line[held[held[:, 1] == gene, 0]]
            rivals = line[~known.contains(column)]
            above = (rivals > own[:, None]).sum(1)
            level = (rivals == own[:, None]).sum(1)
            yield 1 + above + 0.5 * level, np.full(len(own), len(rivals) + 1)
