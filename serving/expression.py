"""The endpoint of expression; a body is JSON, or an Arrow stream with a row a set.

The stream's column `perturbation` has sets as text, such as KLF1+MAP2K6. Its schema's metadata are
PredictExpressionMetadata, with `control` as JSON. The answer has a row for each set and gene, and
the columns that ExpressionPredictor.predict_expression has.
"""

from dataclasses import asdict
from typing import Any

from contracts.expression.requests import (
    PredictedExpression,
    PredictExpressionMetadata,
    PredictExpressionRequest,
    PredictExpressionResponse,
)
from serving.endpoint import Server, endpoint
from serving.limits import check_items
from serving.problems import clipped
from zoo.expression.answers import Answer
from zoo.expression.scorer import ExpressionPredictor
from zoo.results import frame
from zoo.scorer import require
from zoo.tables import streams


def _answer(
    model: ExpressionPredictor,
    sets: Any,
    total: int,
    request: PredictExpressionMetadata,
    server: Server,
) -> Answer:
    """The answer to the sets of a request; raises Problem where it would be too large."""
    check_items("sets", total, server.settings.max_sets)
    listed = model.checked_top(request.top) or len(model.readouts)
    check_items("changes of genes", total * listed, server.settings.max_changes)
    return model.answer(sets, request.control, request.on_unknown)


def _model(server: Server, name: str) -> ExpressionPredictor:
    return require(server.models.get(name), "expression", "POST /predict_expression")


def _facts(model: ExpressionPredictor, answer: Answer) -> dict[str, Any]:
    """What an answer says besides its changes."""
    about = {"model": model.entry, "version": model.manifest.version}
    return {
        **about,
        "kind": model.kind,
        "unit": model.unit,
        "skipped": [asdict(left) | {"name": clipped(left.name)} for left in answer.skipped],
        "doubts": list(answer.doubts),
    }


def _predict_stream(request: PredictExpressionMetadata, table: Any, server: Server) -> Any:
    model = _model(server, request.model)
    answer = _answer(model, table.to_pandas(), table.num_rows, request, server)
    changes = frame(answer.columns(model.checked_top(request.top)))
    return streams.with_metadata(streams.from_frame(changes), _facts(model, answer))


@endpoint(
    _predict_stream,
    model="shrunken_additive-norman19",
    perturbations=[[{"gene": "KLF1"}, {"gene": "MAP2K6"}]],
    top=20,
)
def predict_expression(
    request: PredictExpressionRequest, server: Server
) -> PredictExpressionResponse:
    """The change of expression of every gene when a set of genes is perturbed, set by set."""
    model = _model(server, request.model)
    sets = [
        [one.gene if one.kind is None else (one.gene, one.kind) for one in some]
        for some in request.perturbations
    ]
    answer = _answer(model, sets, len(sets), request, server)
    records = answer.records(model.checked_top(request.top))
    return PredictExpressionResponse(
        **_facts(model, answer),
        predictions=[PredictedExpression(**row) for row in records],
    )
