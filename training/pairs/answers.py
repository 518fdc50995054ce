"""How an entry or a baseline answers: a score of every pair, or ranks of held-out edges."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Float, Int64

from contracts.genes.vocabulary import Vocabulary
from training.data.pairs import PairData
from training.family import Ground
from training.pairs.negatives import KnownEdges, Pairs
from training.pairs.questions import LOGIT, PROBABILITY, RANK
from training.scoring.question import Question
from zoo.pairs.answers import Terms

Score = Callable[[Pairs], Float[np.ndarray, "pairs"]]
GENES_AT_ONCE = 64
"""Genes whose regulators are scored in one call for retrieval."""


@runtime_checkable
class Scorer(Protocol):
    """What can be asked: a loaded entry, or a network made of one."""

    vocabulary: Vocabulary

    def terms(self, tf: Int64[np.ndarray, "pairs"], gene: Int64[np.ndarray, "pairs"]) -> Terms:
        """Probability and parts of the logit, for positions in the regulator and gene lists."""
        ...


def answer(ground: Ground, question: Question, scorer: Scorer) -> pd.DataFrame:
    """tf, gene, label, score (by which the pairs are ranked), probability and pair_specific.

    An ensemble's has `uncertainty`, too. Of a question of ranks: tf, gene, rank and candidates.
    """
    if question.about.component == RANK:
        return ranks(logits(scorer), ground.data, question.rows)
    pairs = question.rows
    terms = scorer.terms(pairs[:, 0].copy(), pairs[:, 1].copy())
    columns = {
        "tf": np.take(scorer.vocabulary.regulators, pairs[:, 0]),
        "gene": np.take(scorer.vocabulary.genes, pairs[:, 1]),
        "label": question.label.astype(np.int8),
        "score": _ranked_by(terms, question.about.component),
        "probability": terms.probability,
        "pair_specific": terms.pair_specific,
    }
    if terms.uncertainty is not None:
        columns["uncertainty"] = terms.uncertainty
    return pd.DataFrame(columns)


def _ranked_by(terms: Terms, component: str) -> Float[np.ndarray, "pairs"]:
    if component == LOGIT:
        return terms.logit
    return getattr(terms, component if np.ptp(terms.pair_specific) else PROBABILITY)


def logits(scorer: Scorer) -> Score:
    """The full logit of pairs, which ranks a gene's regulators."""
    return lambda pairs: scorer.terms(pairs[:, 0].copy(), pairs[:, 1].copy()).logit


def ranks(score: Score, data: PairData, held: Pairs) -> pd.DataFrame:
    """tf, gene, rank and candidates of every pair of `held`, gene by gene.

    Every regulator of the vocabulary is a candidate, but for the gene's other ones, listed in any
    resource and any part or held as well. Ties count half, so an entry that gives one score to all
    ranks in the middle.
    """
    genes = np.unique(held[:, 1])
    known = KnownEdges.of(data.pairs, len(data.vocabulary.genes)).also(held)
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
