"""What a person sends to have pairs scored or regulators ranked, and gets back."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from contracts.wire import Name, Strict

Probability = Annotated[FiniteFloat, Field(ge=0, le=1)]
Rank = Annotated[int, Field(strict=True, ge=1)]
Support = Literal["both_seen", "tf_only", "gene_only", "unseen"]
"""Which of the two genes of a pair had edges in training."""


class Pair(Strict):
    """A regulator and a target, by any name the vocabulary resolves."""

    tf: Name
    gene: Name


class ScorePairsRequest(Strict):
    """Pairs to score with one entry; `on_unknown="skip"` leaves out what cannot be resolved."""

    model: Name
    pairs: Annotated[list[Pair], Field(min_length=1)]
    on_unknown: Literal["raise", "skip"] = "raise"


class ScoredPair(Strict):
    """A pair, the probability that it is an edge, and the three logits that make it up."""

    tf: Name
    gene: Name
    score: Probability
    pair_specific: FiniteFloat
    tf_popularity: FiniteFloat
    gene_popularity: FiniteFloat
    support: Support


class SkippedPair(Strict):
    """A row of the request (from 0) left out, the name at fault and the code of its error."""

    row: Annotated[int, Field(strict=True, ge=0)]
    name: Name
    reason: Literal["unknown-gene", "ambiguous-gene", "not-a-regulator"]


class ScorePairsResponse(Strict):
    """The scores in the order of the request, and what was skipped."""

    model: Name
    version: Name
    scores: list[ScoredPair]
    skipped: list[SkippedPair] = []  # noqa: RUF012 (pydantic copies it)


class TopRegulatorsRequest(Strict):
    """Genes whose `k` most likely regulators are wanted.

    Only regulators of `among` (None: all) with at least `min_edges` training edges are listed, and
    no pair of `exclude`. `rerank_with` names a model that ranks the candidates again; they hold a
    share `recall` (0.99) of its own top k, or, with `exact`, are all regulators.
    """

    model: Name
    genes: Annotated[list[Name], Field(min_length=1)]
    k: Rank = 10
    among: Annotated[list[Name], Field(min_length=1)] | None = None
    min_edges: Annotated[int, Field(strict=True, ge=0)] = 0
    exclude: list[Pair] = []  # noqa: RUF012 (pydantic copies it)
    rerank_with: Name | None = None
    recall: Annotated[float, Field(gt=0, lt=1)] | None = None
    exact: bool = False


class RankedRegulator(Strict):
    """One regulator of one gene; rank 1 is the most likely."""

    gene: Name
    rank: Rank
    tf: Name
    score: Probability
    support: Support


class Reranked(Strict):
    """How many candidates were ranked again, and how much of the exhaustive top k they hold.

    `recall` counts regulators, `genes_whole` genes whose whole top k is among the candidates; both
    are measured on `genes` genes and have a lower bound at `confidence`. 0 genes: nothing to
    measure, all regulators were candidates.
    """

    retriever: Name
    reranker: Name
    k: Rank
    target: Probability
    candidates: Rank
    exact: bool
    genes: Annotated[int, Field(ge=0)]
    recall: Probability
    recall_low: Probability
    genes_whole: Probability
    genes_whole_low: Probability
    confidence: Probability


class TopRegulatorsResponse(Strict):
    """k regulators for each gene, in the order of the request, then by rank.

    Fewer where `exclude` leaves fewer. `reranked` is there where another model gave the scores.
    """

    model: Name
    version: Name
    regulators: list[RankedRegulator]
    reranked: Reranked | None = None
