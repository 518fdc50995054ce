"""The endpoints of regulator-gene pairs."""

import warnings
from dataclasses import asdict
from typing import Any

from contracts.pairs.enrich import EnrichedRegulator, EnrichRequest, EnrichResponse, SkippedName
from contracts.pairs.requests import (
    RankedRegulator,
    Reranked,
    ScoredPair,
    ScorePairsRequest,
    ScorePairsResponse,
    SkippedPair,
    TopRegulatorsRequest,
    TopRegulatorsResponse,
    TopTargetsRequest,
    TopTargetsResponse,
)
from serving.endpoint import Server, endpoint
from serving.limits import check_items
from serving.problems import clipped
from zoo import results
from zoo.pairs.enrich.table import records as enriched_records
from zoo.pairs.scorer import PairScorer
from zoo.scorer import require


def _model(server: Server, name: str, wanted: str) -> PairScorer:
    return require(server.models.get(name), "pairs", wanted)


@endpoint(model="cross_encoder-brain", pairs=[{"tf": "SOX2", "gene": "GFAP"}])
def score_pairs(request: ScorePairsRequest, server: Server) -> ScorePairsResponse:
    """The probability that each regulator regulates its gene, in the order of the request."""
    check_items("pairs", len(request.pairs), server.settings.max_pairs)
    model = _model(server, request.model, "POST /score_pairs")
    pairs = [(pair.tf, pair.gene) for pair in request.pairs]
    scored = model.scored(pairs, request.on_unknown, prior=request.prior)
    return ScorePairsResponse(
        model=model.entry,
        version=model.manifest.version,
        scores=[ScoredPair(**row) for row in results.records(scored.columns())],
        skipped=[
            SkippedPair.model_validate(asdict(left) | {"name": clipped(left.name)})
            for left in scored.skipped
        ],
    )


@endpoint(model="cross_encoder-brain", genes=["GFAP"], k=10)
def top_regulators(request: TopRegulatorsRequest, server: Server) -> TopRegulatorsResponse:
    """The k most likely regulators of each gene."""
    most = server.settings.max_pairs
    check_items("genes", len(request.genes), server.settings.max_genes)
    model = _model(server, request.model, "POST /top_regulators")
    rows = len(request.genes) * min(request.k, len(model.vocabulary.regulators))
    check_items("regulators", rows, most)
    check_items("exclude", len(request.exclude), most)
    other = request.rerank_with
    ranking: Any = model.regulators(
        request.genes,
        request.k,
        by=request.by,
        known=request.known,
        prior=request.prior,
        among=request.among,
        min_edges=request.min_edges,
        exclude=[(pair.tf, pair.gene) for pair in request.exclude],
        rerank_with=None if other is None else _model(server, other, "re-ranking"),
        recall=request.recall,
        exact=request.exact,
    )
    note = ranking.attrs.get("rerank")
    return TopRegulatorsResponse(
        model=model.entry,
        version=model.manifest.version,
        regulators=_rows(ranking),
        reranked=None if note is None else Reranked(**note),
    )


@endpoint(model="cross_encoder-brain", tfs=["SOX2"], k=10)
def top_targets(request: TopTargetsRequest, server: Server) -> TopTargetsResponse:
    """The k most likely targets of each regulator."""
    check_items("tfs", len(request.tfs), server.settings.max_genes)
    model = _model(server, request.model, "POST /top_targets")
    rows = len(request.tfs) * min(request.k, len(model.vocabulary))
    check_items("targets", rows, server.settings.max_pairs)
    options = request.model_dump(include={"by", "known", "prior"})
    ranking: Any = model.targets(request.tfs, request.k, **options)
    version = model.manifest.version
    return TopTargetsResponse(model=model.entry, version=version, targets=_rows(ranking))


@endpoint(model="two_tower-brain", genes=["GFAP", "AQP4", "SOX9"], k=10)
def enrich(request: EnrichRequest, server: Server) -> EnrichResponse:
    """The k regulators that best explain a list of genes."""
    most = server.settings.max_pairs
    model = _model(server, request.model, "POST /enrich")
    check_items("genes", len(request.genes), most)
    check_items("background", len(request.background or ()), most)
    check_items("signs", len(request.signs or ()), most)
    options = request.model_dump(exclude={"model"})
    with warnings.catch_warnings():  # the answer itself says what was left out
        warnings.simplefilter("ignore", UserWarning)
        table: Any = model.enrich(**options)
    found = table.attrs
    return EnrichResponse(
        model=model.entry,
        version=model.manifest.version,
        genes=found["genes"],
        background=found["background"],
        skipped=[
            SkippedName(**left | {"name": clipped(left["name"])}) for left in found["skipped"]
        ],
        regulators=[EnrichedRegulator(**row) for row in enriched_records(table)],
    )


def _rows(ranking: Any) -> list[RankedRegulator]:
    rows = ranking.drop(columns="query").to_dict("records")
    return [RankedRegulator(**row) for row in rows]
