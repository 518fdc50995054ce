"""What a POST endpoint is, and the endpoints of every family, found by the name of its file.

`serving/<family>.py` declares each as a function of a request, with an example of its body.
"""

import importlib
import importlib.util
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import bentoml
from pydantic import BaseModel
from starlette.responses import Response

from contracts import tasks
from serving.bodies import answer, answer_arrow, answer_of, body_of
from serving.models import Models
from serving.settings import Settings
from zoo.tables import streams

Service = TypeVar("Service")


@dataclass(frozen=True)
class Server:
    """What an endpoint works with: the loaded entries, and how much one request may ask for."""

    models: Models
    settings: Settings


@dataclass(frozen=True)
class Endpoint:
    """One endpoint: its route and page say what the function's name and docstring do.

    `handler` gives the answer to a request, or raises a Problem or a ZooError. `in_arrow` gives the
    table that answers a table, where a body may be an Arrow stream as well.
    """

    handler: Callable[[Any, Server], BaseModel]
    example: dict[str, Any]
    in_arrow: Callable[[Any, Server], Any] | None = None

    @property
    def name(self) -> str:
        """The function's name; the route is a slash and this."""
        return self.handler.__name__

    def method_of(self, server: Server) -> Any:
        """The method that BentoML calls with a body; its schema is that of the annotations."""
        signature = inspect.signature(self.handler)
        asked: type[BaseModel] = next(iter(signature.parameters.values())).annotation

        def method(service: object, body: bytes, kind: str) -> Response:
            if self.in_arrow and kind == streams.MEDIA_TYPE:
                in_arrow = self.in_arrow
                return answer_arrow(body, lambda table: in_arrow(table, server))
            return answer(body, asked, lambda request: self.handler(request, server), self.example)

        method.__name__, method.__doc__ = self.name, inspect.getdoc(self.handler)
        shown = answer_of(signature.return_annotation)
        return bentoml.api(input_spec=body_of(asked), output_spec=shown)(method)


def endpoint(
    in_arrow: Callable[[Any, Server], Any] | None = None, /, **example: object
) -> Callable[[Callable[[Any, Server], BaseModel]], Endpoint]:
    """Declare a function to be an endpoint, with the fields of a body that it answers."""
    return lambda handler: Endpoint(handler, example, in_arrow)


def endpoints_of(family: str) -> list[Endpoint]:
    """The endpoints that a family declares; none where it has no file here."""
    home = f"serving.{family}"
    if importlib.util.find_spec(home) is None:
        return []
    declared = vars(importlib.import_module(home)).values()
    return [each for each in declared if isinstance(each, Endpoint)]


def answering(server: Server) -> Callable[[type[Service]], type[Service]]:
    """Give a class a method for every endpoint of every family."""

    def give(service: type[Service]) -> type[Service]:
        for family in tasks.families():
            for each in endpoints_of(family):
                setattr(service, each.name, each.method_of(server))
        return service

    return give
