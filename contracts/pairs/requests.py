"""What a person sends to have pairs scored or regulators ranked, and gets back."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from contracts.wire import Name, Strict

Probability = Annotated[FiniteFloat, Field(ge=0, le=1)]
Rank = Annotated[int, Field(strict=True, ge=1)]
Prior = Annotated[FiniteFloat, Field(gt=0, lt=1)]
"""The share of the pairs asked that are edges; scores are calibrated for one half."""
By = Literal["score", "pair_specific"]
Known = Literal["include", "exclude", "only"]
"""Whether pairs that a resource lists are ranked."""
Count = Annotated[int, Field(ge=0)]
Verdict = Literal["listed", "little known", "mostly popularity", "predicted"]
"""What a score rests on."""
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
    prior: Prior | None = None


class Evidence(Strict):
    """What a score rests on, null where the entry has no such thing.

    `known` names the resources that list the pair (empty: none), `references` counts the
    publications that they cite; `activates` is the probability of an activation, given that there
    is an effect; `uncertainty` is the standard deviation of the logit.
    """

    known: str | None = None
    references: Count | None = None
    activates: Probability | None = None
    uncertainty: Annotated[FiniteFloat, Field(ge=0)] | None = None
    verdict: Verdict | None = None


class ScoredPair(Evidence):
    """A pair, the probability that it is an edge, the three logits that make it up, and evidence.

    `tf_edges` and `gene_edges` count edges in the training data.
    """

    tf: Name
    gene: Name
    score: Probability
    pair_specific: FiniteFloat
    tf_popularity: FiniteFloat
    gene_popularity: FiniteFloat
    support: Support
    tf_edges: Count | None = None
    gene_edges: Count | None = None


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

    `by="pair_specific"` ranks without popularity. `known` leaves out the pairs that a resource
    lists, or lists no others. Only regulators of `among` (None: all) with at least `min_edges`
    training edges are listed, and no pair of `exclude`. `rerank_with` names a model that ranks the
    candidates again; they hold a share `recall` (0.99) of its own top k, or, with `exact`, are all
    regulators.
    """

    model: Name
    genes: Annotated[list[Name], Field(min_length=1)]
    k: Rank = 10
    by: By = "score"
    known: Known = "include"
    prior: Prior | None = None
    among: Annotated[list[Name], Field(min_length=1)] | None = None
    min_edges: Annotated[int, Field(strict=True, ge=0)] = 0
    exclude: list[Pair] = []  # noqa: RUF012 (pydantic copies it)
    rerank_with: Name | None = None
    recall: Annotated[float, Field(gt=0, lt=1)] | None = None
    exact: bool = False


class RankedRegulator(Evidence):
    """One regulator of one gene; rank 1 is the most likely."""

    gene: Name
    rank: Rank
    tf: Name
    score: Probability
    pair_specific: FiniteFloat | None = None
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

    Fewer where `exclude` or `known` leaves fewer. `reranked` is there where another model gave the
    scores.
    """

    model: Name
    version: Name
    regulators: list[RankedRegulator]
    reranked: Reranked | None = None


class TopTargetsRequest(Strict):
    """Regulators whose `k` most likely targets are wanted; `by`, `known`, `prior` as for genes."""

    model: Name
    tfs: Annotated[list[Name], Field(min_length=1)]
    k: Rank = 10
    by: By = "score"
    known: Known = "include"
    prior: Prior | None = None


class TopTargetsResponse(Strict):
    """k targets for each regulator, in the order of the request, then by rank."""

    model: Name
    version: Name
    targets: list[RankedRegulator]
