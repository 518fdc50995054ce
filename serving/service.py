"""The zoo as one BentoML service: scores over POST, the catalogue over GET.

POST /score_pairs, /top_regulators and /score_perturbations; GET /models and below. /livez, /readyz
and /metrics are BentoML's own, /docs.json but for its title. Run it with `zoo serve`, or with
`BENTOML_DO_NOT_TRACK=True bentoml serve serving.service:ZooService`: without the variable that
command, unlike ours, reports to BentoML's makers. Settings: ZOO_SERVE_* (see serving.settings).
"""

from dataclasses import asdict
from typing import Any

import bentoml
from starlette.responses import Response

from contracts.pairs.requests import (
    RankedRegulator,
    Reranked,
    ScoredPair,
    ScorePairsRequest,
    ScorePairsResponse,
    SkippedPair,
    TopRegulatorsRequest,
    TopRegulatorsResponse,
)
from contracts.perturbations.requests import (
    PredictedPerturbation,
    ScorePerturbationsRequest,
    ScorePerturbationsResponse,
    SkippedPerturbation,
)
from serving import catalogue, docs
from serving.endpoints import answer, answer_of, body_of
from serving.foreign_errors import ProblemDetails
from serving.limits import BodyLimit, check_items, subsets
from serving.models import Models
from serving.problems import Problem, clipped
from serving.settings import Settings
from zoo import results

SETTINGS = Settings.from_environment()

# BentoML's check takes an address as text only, its type hint as an object only.
_HTTP: Any = {"host": SETTINGS.host, "port": SETTINGS.port}

_PAIRS_EXAMPLE = {"model": "cross_encoder-brain", "pairs": [{"tf": "SOX2", "gene": "GFAP"}]}
_GENES_EXAMPLE = {"model": "cross_encoder-brain", "genes": ["GFAP"], "k": 10}
_SETS_EXAMPLE = {
    "model": "cls_transformer-yeast",
    "perturbations": [[{"gene": "YAL002W"}, {"gene": "YBR001C", "kind": "deletion"}]],
}


@bentoml.asgi_app(catalogue.app, path="/", name="catalogue")
@bentoml.service(
    name="regzoo",
    http=_HTTP,
    threads=SETTINGS.threads,
)
class ZooService:
    """Trained models of gene regulation: pairs, likely regulators, and perturbations of a cell."""

    def __init__(self) -> None:
        self._models = Models()
        self._models.preload(SETTINGS.preload)

    def __is_ready__(self) -> bool:
        """Whether every entry to preload is loaded: what BentoML asks for /readyz."""
        if missing := self._models.missing(SETTINGS.preload):
            raise Problem(503, "not-ready", f"Still to be loaded: {', '.join(missing)}.")
        return True

    @bentoml.api(input_spec=body_of(ScorePairsRequest), output_spec=answer_of(ScorePairsResponse))
    def score_pairs(self, body: bytes) -> Response:
        """The probability that each regulator regulates its gene, in the order of the request."""
        return answer(body, ScorePairsRequest, self._score_pairs, _PAIRS_EXAMPLE)

    @bentoml.api(
        input_spec=body_of(TopRegulatorsRequest), output_spec=answer_of(TopRegulatorsResponse)
    )
    def top_regulators(self, body: bytes) -> Response:
        """The k most likely regulators of each gene."""
        return answer(body, TopRegulatorsRequest, self._top_regulators, _GENES_EXAMPLE)

    @bentoml.api(
        input_spec=body_of(ScorePerturbationsRequest),
        output_spec=answer_of(ScorePerturbationsResponse),
    )
    def score_perturbations(self, body: bytes) -> Response:
        """Fitness and interaction of each set of perturbed genes, in the order of the request.

        There is no screen here: all pairs of a genome take minutes. Python and `zoo screen` do it.
        """
        return answer(body, ScorePerturbationsRequest, self._score_perturbations, _SETS_EXAMPLE)

    def _score_pairs(self, request: ScorePairsRequest) -> ScorePairsResponse:
        check_items("pairs", len(request.pairs), SETTINGS.max_pairs)
        model = self._models.pairs(request.model, "POST /score_pairs")
        scored = model.scored([(pair.tf, pair.gene) for pair in request.pairs], request.on_unknown)
        return ScorePairsResponse(
            model=model.entry,
            version=model.manifest.version,
            scores=[ScoredPair(**row) for row in results.records(scored.columns())],
            skipped=[
                SkippedPair(row=left.row, name=clipped(left.name), reason=left.reason)
                for left in scored.skipped
            ],
        )

    def _top_regulators(self, request: TopRegulatorsRequest) -> TopRegulatorsResponse:
        check_items("genes", len(request.genes), SETTINGS.max_genes)
        model = self._models.pairs(request.model, "POST /top_regulators")
        rows = len(request.genes) * min(request.k, len(model.vocabulary.regulators))
        check_items("regulators", rows, SETTINGS.max_pairs)
        check_items("exclude", len(request.exclude), SETTINGS.max_pairs)
        other = request.rerank_with
        ranking = model.regulators(
            request.genes,
            request.k,
            among=request.among,
            min_edges=request.min_edges,
            exclude=[(pair.tf, pair.gene) for pair in request.exclude],
            rerank_with=None if other is None else self._models.pairs(other, "re-ranking"),
            recall=request.recall,
            exact=request.exact,
        )
        note = ranking.attrs.get("rerank")
        return TopRegulatorsResponse(
            model=model.entry,
            version=model.manifest.version,
            regulators=[
                RankedRegulator(**row) for row in ranking.drop(columns="query").to_dict("records")
            ],
            reranked=None if note is None else Reranked(**note),
        )

    def _score_perturbations(
        self, request: ScorePerturbationsRequest
    ) -> ScorePerturbationsResponse:
        check_items("perturbations", len(request.perturbations), SETTINGS.max_sets)
        changed = (sum(one.kind != "present" for one in some) for some in request.perturbations)
        check_items("pairs and triples of genes", subsets(changed), SETTINGS.max_subsets)
        model = self._models.perturbations(request.model, "POST /score_perturbations")
        sets = [[(one.gene, one.kind) for one in some] for some in request.perturbations]
        predicted = model.predicted(sets, request.on_unknown)
        return ScorePerturbationsResponse(
            model=model.entry,
            version=model.manifest.version,
            scores=[PredictedPerturbation(**row) for row in predicted.records()],
            skipped=[
                SkippedPerturbation.model_validate(asdict(left) | {"name": clipped(left.name)})
                for left in predicted.skipped
            ],
        )


def _pages() -> str:
    """The pages there are, for those who ask for another one."""
    posts = [f"POST {method.route}" for method in ZooService.apis.values()]
    gets = [f"GET {route.path}" for route in catalogue.ROUTES]
    return ", ".join([*posts, *gets, f"GET {docs.PATH}"])


_docs = docs.app_for(lambda: ZooService.openapi_spec.asdict(), str(ZooService.inner.__doc__))
ZooService.mount_asgi_app(_docs, path="/", name="docs")


def _add_middleware(middleware: Any, **options: object) -> None:
    """Add one, further in than those before; BentoML's own type for them fits no class."""
    ZooService.add_asgi_middleware(middleware, **options)


_add_middleware(ProblemDetails, pages=_pages())
_add_middleware(BodyLimit, limit=SETTINGS.max_body_bytes)
