"""What a protocol asks of an entry: which pairs, against which negatives, by which score."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Float, Int64

from contracts.errors import InvalidOption
from contracts.genes.vocabulary import Vocabulary
from training.data.pairs import PairData
from training.pairs.negatives import KnownEdges, Pairs
from training.pairs.split import PARTS, Split, draw_uniform
from zoo.results import Terms

STAGES = ("valid", "test")
Score = Callable[[Pairs], Float[np.ndarray, "pairs"]]


@runtime_checkable
class Scorer(Protocol):
    """What can be asked: a loaded entry, or a network made of one."""

    vocabulary: Vocabulary

    def terms(self, tf: Int64[np.ndarray, "pairs"], gene: Int64[np.ndarray, "pairs"]) -> Terms:
        """Probability and parts of the logit, for positions in the regulator and gene lists."""
        ...


@dataclass(frozen=True)
class Question:
    """A protocol over labelled pairs.

    `component` is what ranks the pairs: the `probability`, or the `pair_specific` part, which no
    popularity can help. An entry without a pair-specific part answers with its probability.
    `trained_with` names the kind of training negatives that baselines get for this question, and
    `ratio` how many negatives an edge are asked.
    """

    description: str
    part: str
    negatives: str
    component: str
    trained_with: str
    ratio: int = 1


def _imbalanced(ratio: int) -> Question:
    text = f"held-out edges against {ratio} times as many pairs drawn evenly"
    return Question(text, "{stage}", "uniform", "probability", "uniform", ratio)


QUESTIONS = {
    "uniform": Question(
        "held-out edges against as many pairs drawn evenly: popularity alone answers most of it",
        "{stage}", "uniform", "probability", "uniform",
    ),
    "imbalance_5": _imbalanced(5),
    "imbalance_10": _imbalanced(10),
    "imbalance_50": _imbalanced(50),
    "degree_preserving": Question(
        "held-out edges against rewired ones, every regulator and gene as often in both",
        "{stage}", "degree_preserving", "pair_specific", "degree_preserving",
    ),
    "within_source": Question(
        "the same edges against ones rewired among edges of the same resources, so that knowing "
        "which resource lists an entity does not help either",
        "{stage}", "within_source", "pair_specific", "degree_preserving",
    ),
    "cold_gene": Question(
        "edges of genes that training never saw, against rewired ones",
        "cold_gene_{stage}", "degree_preserving", "pair_specific", "degree_preserving",
    ),
    "cold_tf": Question(
        "edges of regulators that training never saw, against rewired ones",
        "cold_tf_{stage}", "degree_preserving", "pair_specific", "degree_preserving",
    ),
    "cold_both": Question(
        "edges between a gene and a regulator that training never saw, against rewired ones",
        "cold_both_{stage}", "degree_preserving", "pair_specific", "degree_preserving",
    ),
    "given": Question(
        "the data set's own held-out pairs, listed and unlisted",
        "{stage}", "given", "probability", "uniform",
    ),
}  # fmt: skip
RETRIEVAL, EXTERNAL = "retrieval", "external"
RETRIEVAL_DESCRIPTION = (
    "rank of a gene's held-out regulator among all regulators, its other listed ones left out"
)
PROTOCOLS = (*QUESTIONS, RETRIEVAL, EXTERNAL)
GENES_AT_ONCE = 64
"""Genes whose regulators are scored in one call for retrieval."""


def check_protocol(name: str, offered: tuple[str, ...] = PROTOCOLS) -> str:
    """`name`, or InvalidOption with the protocols there are."""
    if name not in offered:
        raise InvalidOption("--protocol", name, f"one of {', '.join(offered)}")
    return name


def offered(data: PairData, split: Split, stage: str) -> tuple[str, ...]:
    """The protocols that a data set's split has parts and negatives for."""
    names = []
    for name, question in QUESTIONS.items():
        part = question.part.format(stage=stage)
        if part in PARTS and f"{part}/{question.negatives}" in split.negatives:
            names.append(name)
    if f"{stage}/uniform" in split.negatives:
        names.append(RETRIEVAL)
    return (*names, EXTERNAL) if stage == "test" and data.external else tuple(names)


@dataclass(frozen=True)
class Labelled:
    """Pairs of a question with their labels."""

    pairs: Pairs
    label: np.ndarray

    @classmethod
    def of(cls, question: Question, data: PairData, split: Split, stage: str) -> "Labelled":
        """The held-out edges of a stage, then the negatives saved for them.

        More than one negative an edge is drawn from the split's seed, always the same.
        """
        part = question.part.format(stage=stage)
        positives = split.positives(data, part)
        if question.ratio == 1:
            negatives = split.negatives[f"{part}/{question.negatives}"]
        else:
            negatives = draw_uniform(data, split, part, question.ratio)
        pairs = np.concatenate([positives, negatives])
        return cls(pairs, np.arange(len(pairs)) < len(positives))


def answer(scorer: Scorer, question: Question, asked: Labelled) -> pd.DataFrame:
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


def logits(scorer: Scorer) -> Score:
    """The full logit of pairs, which ranks a gene's regulators."""

    def score(pairs: Pairs) -> Float[np.ndarray, "pairs"]:
        terms = scorer.terms(pairs[:, 0].copy(), pairs[:, 1].copy())
        return terms.pair_specific + terms.tf_popularity + terms.gene_popularity

    return score


def retrieve(score: Score, data: PairData, split: Split, stage: str) -> pd.DataFrame:
    """tf, gene, rank and candidates of every held-out edge.

    Every regulator of the vocabulary is a candidate, but for the gene's other listed ones in any
    resource and any part. Ties count half, so an entry that gives one score to all ranks in the
    middle.
    """
    held = split.positives(data, stage)
    genes = np.unique(held[:, 1])
    known = KnownEdges.of(data.pairs, len(data.vocabulary.genes))
    everyone = np.arange(len(data.vocabulary.regulators))
    rows = []
    for start in range(0, len(genes), GENES_AT_ONCE):
        block = genes[start : start + GENES_AT_ONCE]
        pairs = np.stack(np.meshgrid(everyone, block), -1)
        values = score(pairs.reshape(-1, 2)).reshape(len(block), -1)
        for gene, column, line in zip(block.tolist(), pairs, values, strict=True):
            rivals = line[~known.contains(column)]
            rows.append(_ranks(line, rivals, gene, held[held[:, 1] == gene, 0]))
    tf, gene, rank, candidates = (np.concatenate(column) for column in zip(*rows, strict=True))
    return pd.DataFrame(
        {
            "tf": np.take(data.vocabulary.regulators, tf),
            "gene": np.take(data.vocabulary.genes, gene),
            "rank": rank,
            "candidates": candidates,
        }
    )


def _ranks(
    values: Float[np.ndarray, "tfs"],
    rivals: Float[np.ndarray, "unlisted"],
    gene: int,
    tfs: Int64[np.ndarray, "held"],
) -> tuple[np.ndarray, np.ndarray, Float[np.ndarray, "held"], np.ndarray]:
    """Ranks of one gene's held-out regulators, by the scores of all and of those unlisted."""
    above = (rivals > values[tfs][:, None]).sum(1)
    level = (rivals == values[tfs][:, None]).sum(1)
    return tfs, np.full_like(tfs, gene), 1 + above + 0.5 * level, np.full_like(tfs, len(rivals) + 1)
