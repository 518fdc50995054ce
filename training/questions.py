"""What a protocol asks of an entry: which pairs, against which negatives, by which score."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Int64

from contracts.errors import InvalidOption
from training.data.pairs import PairData
from training.negatives import KnownEdges, Pairs
from training.protocols import Split
from zoo.pair_base import PairScorer

STAGES = ("valid", "test")


@dataclass(frozen=True)
class Question:
    """A protocol over labelled pairs.

    `component` is what ranks the pairs: the `probability`, or the `pair_specific` part, which no
    popularity can help. An entry without a pair-specific part answers with its probability.
    """

    description: str
    part: str
    negatives: str
    component: str


QUESTIONS = {
    "uniform": Question(
        "held-out edges against as many pairs drawn evenly: popularity alone answers most of it",
        "{stage}", "uniform", "probability",
    ),
    "degree_preserving": Question(
        "held-out edges against rewired ones, every regulator and gene as often in both",
        "{stage}", "degree_preserving", "pair_specific",
    ),
    "within_source": Question(
        "the same edges against ones rewired among edges of the same resources, so that knowing "
        "which resource lists an entity does not help either",
        "{stage}", "within_source", "pair_specific",
    ),
    "cold_gene": Question(
        "edges of genes that training never saw, against rewired ones",
        "cold_gene_{stage}", "degree_preserving", "pair_specific",
    ),
    "cold_tf": Question(
        "edges of regulators that training never saw, against rewired ones",
        "cold_tf_{stage}", "degree_preserving", "pair_specific",
    ),
}  # fmt: skip
RETRIEVAL = "retrieval"
RETRIEVAL_DESCRIPTION = (
    "rank of a gene's held-out regulator among all regulators, its other listed ones left out"
)
PROTOCOLS = (*QUESTIONS, RETRIEVAL)


def check_protocol(name: str) -> str:
    """`name`, or InvalidOption with the protocols there are."""
    if name not in PROTOCOLS:
        raise InvalidOption("--protocol", name, f"one of {', '.join(PROTOCOLS)}")
    return name


@dataclass(frozen=True)
class Labelled:
    """Pairs of a question with their labels."""

    pairs: Pairs
    label: np.ndarray

    @classmethod
    def of(cls, question: Question, data: PairData, split: Split, stage: str) -> "Labelled":
        """The held-out edges of a stage, then the negatives saved for them."""
        part = question.part.format(stage=stage)
        positives = split.positives(data, part)
        negatives = split.negatives[f"{part}/{question.negatives}"]
        pairs = np.concatenate([positives, negatives])
        return cls(pairs, np.arange(len(pairs)) < len(positives))


def answer(scorer: PairScorer, question: Question, asked: Labelled) -> pd.DataFrame:
    """tf, gene, label, score (by which the pairs are ranked), probability and pair_specific."""
    terms = scorer.terms(asked.pairs[:, 0].copy(), asked.pairs[:, 1].copy())
    by = question.component if np.ptp(terms.pair_specific) else "probability"
    return pd.DataFrame(
        {
            "tf": np.take(scorer.vocabulary.regulators, asked.pairs[:, 0]),
            "gene": np.take(scorer.vocabulary.genes, asked.pairs[:, 1]),
            "label": asked.label.astype(np.int8),
            "score": getattr(terms, by),
            "probability": terms.probability,
            "pair_specific": terms.pair_specific,
        }
    )


def retrieve(scorer: PairScorer, data: PairData, split: Split, stage: str) -> pd.DataFrame:
    """tf, gene, rank and candidates of every held-out edge.

    Every regulator of the vocabulary is a candidate, but for the gene's other listed ones in any
    resource and any part. Ties count half, so an entry that gives one score to all ranks in the
    middle.
    """
    held = split.positives(data, stage)
    genes = np.unique(held[:, 1])
    known = KnownEdges.of(data.pairs, len(scorer.vocabulary.genes))
    rows = [_ranks(scorer, known, int(gene), held[held[:, 1] == gene, 0]) for gene in genes]
    tf, gene, rank, candidates = (np.concatenate(column) for column in zip(*rows, strict=True))
    return pd.DataFrame(
        {
            "tf": np.take(scorer.vocabulary.regulators, tf),
            "gene": np.take(scorer.vocabulary.genes, gene),
            "rank": rank,
            "candidates": candidates,
        }
    )


def _ranks(
    scorer: PairScorer, known: KnownEdges, gene: int, tfs: Int64[np.ndarray, "tfs"]
) -> tuple[np.ndarray, np.ndarray, Float[np.ndarray, "tfs"], np.ndarray]:
    """Ranks of one gene's held-out regulators."""
    everyone = np.arange(len(scorer.vocabulary.regulators))
    pairs = np.stack([everyone, np.full_like(everyone, gene)], 1)
    terms = scorer.terms(pairs[:, 0].copy(), pairs[:, 1].copy())
    logit = terms.pair_specific + terms.tf_popularity + terms.gene_popularity
    rivals = logit[~known.contains(pairs)]
    above = (rivals > logit[tfs][:, None]).sum(1)
    level = (rivals == logit[tfs][:, None]).sum(1)
    return tfs, np.full_like(tfs, gene), 1 + above + 0.5 * level, np.full_like(tfs, len(rivals) + 1)
