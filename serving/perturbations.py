"""The endpoint of perturbed cells."""

from dataclasses import asdict

from contracts.perturbations.requests import (
    PredictedPerturbation,
    ScorePerturbationsRequest,
    ScorePerturbationsResponse,
)
from contracts.sets.requests import SkippedPerturbation
from serving.endpoint import Server, endpoint
from serving.limits import check_items, subsets
from serving.problems import clipped
from zoo.perturbations.scorer import PerturbationScorer
from zoo.scorer import require


@endpoint(
    model="cls_transformer-yeast",
    perturbations=[[{"gene": "YAL002W"}, {"gene": "YBR001C", "kind": "deletion"}]],
)
def score_perturbations(
    request: ScorePerturbationsRequest, server: Server
) -> ScorePerturbationsResponse:
    """Fitness and interaction of each set of perturbed genes, in the order of the request.

    There is no screen here: all pairs of a genome take minutes. Python and `zoo screen` do it.
    """
    check_items("perturbations", len(request.perturbations), server.settings.max_sets)
    changed = (sum(one.kind != "present" for one in some) for some in request.perturbations)
    check_items("pairs and triples of genes", subsets(changed), server.settings.max_subsets)
    model: PerturbationScorer = require(
        server.models.get(request.model), "perturbations", "POST /score_perturbations"
    )
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
