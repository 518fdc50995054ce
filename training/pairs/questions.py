"""The protocols of regulator-gene pairs: which pairs, against which negatives, by which score.

A new protocol is one entry of `PROTOCOLS`.
"""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.family import Ground
from training.pairs.negatives import Pairs
from training.pairs.split import PARTS, draw_uniform
from training.scoring.measures import (
    AUPRC,
    AUPRC_PER_TF,
    AUROC,
    AUROC_PER_TF,
    HITS,
    MRR,
    Measure,
)
from training.scoring.question import Question
from training.scoring.table import Fact

REWIRED, UNIFORM = "degree_preserving", "uniform"
PROBABILITY, PAIR_SPECIFIC, LOGIT, RANK = "probability", "pair_specific", "logit", "rank"
RETRIEVERS = ("tf_degree", "degree_logistic", "knowledge_boosting", "marbach")
"""Baselines of questions over very many pairs: the popularity, and the strongest for pairs."""
OF_UNSEEN = ("correlation", "degree_logistic", "degree_product", "knowledge_boosting", "marbach")
"""Baselines of questions about genes and regulators that training never saw."""


@dataclass(frozen=True)
class Protocol:
    """A question over labelled pairs, or over the ranks of held-out edges.

    `part` of the split has the edges, `negatives` is the kind they are held against. `component` is
    what ranks the pairs: the `probability`, or the `pair_specific` part, which no popularity can
    help; an entry without a pair-specific part answers with its probability. A `rank` is that of
    an edge's regulator among all of them by the `logit`. `trained_with` names the kind of training
    negatives that baselines get for this question, `ratio` how many negatives an edge are asked.
    With `elsewhere` the pairs are those of another data set, which the module `data.external` has.
    """

    name: str
    asks: str
    part: str = "{stage}"
    negatives: str = REWIRED
    component: str = PAIR_SPECIFIC
    trained_with: str = REWIRED
    ratio: int = 1
    unit: str = "tf"
    measures: tuple[Measure, ...] = (AUROC, AUPRC, AUROC_PER_TF, AUPRC_PER_TF)
    rungs: tuple[str, ...] | None = None
    rivals: tuple[str, ...] | None = None
    elsewhere: bool = False

    def offered(self, ground: Ground) -> bool:
        """Whether the split has the edges and the negatives."""
        if self.elsewhere:
            return ground.stage == "test" and bool(ground.data.external)
        part = self.part.format(stage=ground.stage)
        return part in PARTS and f"{part}/{self.negatives}" in ground.split.negatives

    def pairs(self, ground: Ground) -> tuple[Pairs, np.ndarray, dict[str, Fact]]:
        """The held-out edges of a stage, then the negatives saved for them; labels and facts.

        More than one negative an edge is drawn from the split's seed, always the same.
        """
        if self.elsewhere:
            found = importlib.import_module(ground.data.external).load(ground.data, ground.root)
            return found.positions(ground.data.vocabulary), found.label, found.facts
        part = self.part.format(stage=ground.stage)
        edges = ground.split.positives(ground.data, part)
        if self.component == RANK:
            edges = edges[np.argsort(edges[:, 1], kind="stable")]  # as they are retrieved
            return edges, np.ones(len(edges), bool), {"positives": len(edges)}
        if self.ratio == 1:
            negatives = ground.split.negatives[f"{part}/{self.negatives}"]
        else:
            negatives = draw_uniform(ground.data, ground.split, part, self.ratio)
        facts: dict[str, Fact] = {"positives": len(edges), "negatives": len(negatives)}
        pairs = np.concatenate([edges, negatives])
        return pairs, np.arange(len(pairs)) < len(edges), facts | {"ratio": self.ratio}

    def question(self, ground: Ground) -> Question:
        """The question of a stage."""
        pairs, label, facts = self.pairs(ground)
        return Question(
            self.name,
            "",
            self.asks,
            pairs,
            label,
            pairs[:, 1 if self.unit == "gene" else 0],
            self.unit,
            self.measures,
            self,
            fewer=1 if self.ratio == 1 else 5,
            rungs=self.rungs,
            rivals=self.rivals,
            facts=facts,
            column="rank" if self.component == RANK else "score",
            elsewhere=self.elsewhere,
        )


def _imbalanced(ratio: int) -> Protocol:
    text = f"held-out edges against {ratio} times as many pairs drawn evenly"
    return Protocol(
        f"imbalance_{ratio}",
        text,
        negatives=UNIFORM,
        component=PROBABILITY,
        trained_with=UNIFORM,
        ratio=ratio,
        rungs=RETRIEVERS,
    )


PROTOCOLS = (
    Protocol(
        "degree_preserving",
        "held-out edges against rewired ones, every regulator and gene as often in both",
    ),
    Protocol(
        "within_source",
        "the same edges against ones rewired among edges of the same resources, so that knowing "
        "which resource lists an entity does not help either",
        negatives="within_source",
    ),
    Protocol(
        "retrieval",
        "rank of a gene's held-out regulator among all regulators, its other listed ones left out",
        negatives=UNIFORM,
        component=RANK,
        trained_with=UNIFORM,
        unit="gene",
        measures=(MRR, *HITS),
        rungs=RETRIEVERS,
    ),
    Protocol(
        "cold_gene",
        "edges of genes that training never saw, against rewired ones",
        part="cold_gene_{stage}",
        rungs=OF_UNSEEN,
    ),
    Protocol(
        "cold_tf",
        "edges of regulators that training never saw, against rewired ones",
        part="cold_tf_{stage}",
        rungs=OF_UNSEEN,
    ),
    Protocol(
        "cold_both",
        "edges between a gene and a regulator that training never saw, against rewired ones",
        part="cold_both_{stage}",
        rungs=OF_UNSEEN,
    ),
    Protocol(
        "uniform",
        "held-out edges against as many pairs drawn evenly: popularity alone answers most of it",
        negatives=UNIFORM,
        component=PROBABILITY,
        trained_with=UNIFORM,
        rungs=RETRIEVERS,
    ),
    *map(_imbalanced, (5, 10, 50)),
    Protocol(
        "given",
        "the data set's own held-out pairs, listed and unlisted",
        negatives="given",
        component=PROBABILITY,
        trained_with=UNIFORM,
    ),
    Protocol(
        "external",
        "ChIP-seq edges of mouse embryonic stem cells under human one-to-one orthologs, against "
        "the pairs that this assay does not list; each regulator's genes are ranked apart",
        component=LOGIT,
        measures=(AUROC_PER_TF, AUPRC_PER_TF),
        rungs=(),
        rivals=("degree",),
        elsewhere=True,
    ),
)


def offered(ground: Ground) -> tuple[str, ...]:
    """The protocols that a data set's split, or that of each of its folds, has parts for."""
    folds = ground.folds or (ground,)
    return tuple(each.name for each in PROTOCOLS if all(map(each.offered, folds)))


def questions(ground: Ground, protocol: str) -> Iterator[Question]:
    """The only question of a protocol."""
    yield next(each for each in PROTOCOLS if each.name == protocol).question(ground)
