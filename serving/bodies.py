"""From the bytes of a body to an answer or a problem: what every endpoint does around its work."""

import json
from collections.abc import Callable
from typing import Any, TypeVar, cast

import bentoml
from pydantic import BaseModel, ValidationError, create_model
from starlette.requests import Request
from starlette.responses import Response

from contracts.errors import ZooError
from serving import problems
from serving.problems import Problem
from zoo.tables import streams

Asked = TypeVar("Asked", bound=BaseModel)


class Body(bentoml.IODescriptor):
    """A request body as it came, and what its Content-Type says it is."""

    body: bytes
    kind: str


class _Unread(bentoml.IODescriptor):
    """Hand the body over unread.

    BentoML would answer what it cannot read in a form of its own, log it with a traceback, and
    take for a form what `curl -d` sends.
    """

    @classmethod
    async def from_http_request(cls, request: Request, serde: object) -> bentoml.IODescriptor:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Body(body=await request.body(), kind=kind)


def body_of(model: type[BaseModel]) -> type[bentoml.IODescriptor]:
    """An input_spec that shows `model` in the API's schema and gives the method the bytes."""
    return _named(model, _Unread)


def answer_of(model: type[BaseModel]) -> type[bentoml.IODescriptor]:
    """An output_spec that shows `model` in the API's schema."""
    return _named(model, bentoml.IODescriptor)


def _named(
    model: type[BaseModel], descriptor: type[bentoml.IODescriptor]
) -> type[bentoml.IODescriptor]:
    spec = create_model(model.__name__, __base__=(descriptor, model), __doc__=model.__doc__)
    return cast(type[bentoml.IODescriptor], spec)


def answer(
    body: bytes, asked: type[Asked], compute: Callable[[Asked], BaseModel], example: object
) -> Response:
    """Read the body as `asked`, compute, and send the result, or the problem on the way.

    An answer with a number that is not finite breaks its own model and is a problem.
    """
    try:
        request = asked.model_validate_json(body)
    except ValidationError as error:
        return problems.from_validation(error, json.dumps(example)).response()
    return _answered(
        lambda: Response(compute(request).model_dump_json(), media_type="application/json")
    )


def answer_arrow(
    body: bytes, asked: type[Asked], compute: Callable[[Asked, Any], Any], example: object
) -> Response:
    """Read the body as an Arrow stream, compute a table, and send it as another.

    `asked` is what the metadata of the stream's schema say; `compute` takes it and the table.
    """
    try:
        table = streams.read(body)
        request = asked.model_validate(streams.metadata(table))
    except ZooError as error:
        return Problem(400, "malformed-body", str(error)).response()
    except ValidationError as error:
        return problems.from_validation(error, json.dumps(example)).response()
    return _answered(
        lambda: Response(streams.write(compute(request, table)), media_type=streams.MEDIA_TYPE)
    )


def _answered(respond: Callable[[], Response]) -> Response:
    """The response, or the problem on the way to it."""
    try:
        return respond()
    except Problem as problem:
        return problem.response()
    except ZooError as error:
        return problems.from_error(error).response()
    except ValidationError as error:
        return problems.from_answer(error).response()
